package import Diagnostics
package import FirewallIR
internal import PacketModel

/// Reads rules of iptables back into the intermediate representation: `IPTablesProgram -> [Scope]`, and
/// `FilterTable -> IPTablesLift` for what others wrote.
///
/// Each match is taken as the kernel evaluates it, each rule stands by itself, and chains keep their names. What is not
/// known exactly is refused by name; nothing is passed over. Packets with a header that is cut short are outside of the
/// model: iptables drops them by itself (docs/proof.md).
package enum LiftFromIPTables {
    /// The one scope of a program, whose first chain is `DOCKER-USER`.
    ///
    /// - Parameters:
    ///   - program: the rules of one family; no whole table.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: a scope for the program's family.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule whose meaning is not known.
    package static func lift(
        _ program: IPTablesProgram, origins: [String: SourceLocation] = [:]
    ) throws(DiagnosticError) -> Scope {
        try lift(program, [IPTablesNames.dockerUser], origins)[0]
    }

    /// The scopes of a program: one for `DOCKER-USER`, and one for what docker-proxy accepts, or one for each built-in chain of a whole table.
    ///
    /// - Parameters:
    ///   - program: the rules of one family.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: scopes for the program's family; each has its own copies of the chains that it reaches.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule whose meaning is not known.
    package static func liftAll(
        _ program: IPTablesProgram, origins: [String: SourceLocation] = [:]
    ) throws(DiagnosticError) -> [Scope] {
        guard !program.isWholeTable else { return try lift(program, program.builtIn.map(\.name), origins) }
        let input = program.input.isEmpty ? [] : [IPTablesNames.inputChain]
        return try lift(program, [IPTablesNames.dockerUser] + input, origins)
    }

    private static func lift(
        _ program: IPTablesProgram, _ entries: [String], _ origins: [String: SourceLocation]
    ) throws(DiagnosticError) -> [Scope] {
        let naming = LiftedRuleNames(prefix: IPTablesNames.commentPrefix, origins: origins)
        let table = FilterTable(program)
        var lifting = TableLifting(table, naming: RuleNaming(naming))
        let order = table.chains.map(\.name)
        lifting.lift(order)
        guard lifting.refusals.isEmpty else {
            throw DiagnosticError(.refused, lifting.refusals.map(\.diagnostic))
        }
        // All chains of a program belong to it, and its one scope has them all.
        let isOne = entries.count == 1 && program.input.isEmpty
        return entries.map { lifting.ownScope($0, chains: isOne ? order : lifting.reached(from: $0)) }
    }

    /// The meaning of a table, or of one of its chains.
    ///
    /// - Parameters:
    ///   - table: what was read.
    ///   - selection: which chains are taken.
    ///   - file: the name of the text, for the places of rules.
    /// - Returns: a scope for each first chain, every rule that was refused, and what else there is to say. There are scopes
    ///   only where nothing was refused.
    /// - Throws: `DiagnosticError` of the kind `unreadable` if the table has no such chain.
    package static func liftTable(
        _ table: FilterTable, _ selection: IPTablesSelection, file: String
    ) throws(DiagnosticError) -> IPTablesLift {
        let entries = try table.entries(selection, file: file)
        var lifting = TableLifting(table, file: file)
        for entry in entries { lifting.liftReached(from: entry) }
        var result = IPTablesLift(scopes: [], refusals: lifting.refusals, notes: [])
        result.notes = lifting.notes(entries, selection)
        guard result.refusals.isEmpty else { return result }
        result.scopes = entries.map { lifting.scope($0, chains: lifting.reached(from: $0)) }
        return result
    }
}

/// What a table means, as far as it is known.
package struct IPTablesLift: Hashable, Sendable {
    /// A scope for each first chain; none if a rule was refused.
    package var scopes: [Scope]
    /// Every rule whose meaning is not known, in the order in which they are reached.
    package var refusals: [UnliftedRule]
    /// What else there is to say: warnings.
    package var notes: [Diagnostic]
}

/// A rule of a table whose meaning is not known.
package struct UnliftedRule: Hashable, Sendable {
    /// The chain in which it stands.
    package var chain: String
    /// Where it stands in the file.
    package var location: SourceLocation
    /// The rule, without `-A CHAIN`.
    package var text: String
    /// What is not known of it, and why.
    package var reason: String

    /// The message about it.
    package var diagnostic: Diagnostic {
        LiftRefusal(reason).diagnostic("iptables", at: location, rule: text)
    }
}
