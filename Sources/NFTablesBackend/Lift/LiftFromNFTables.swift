package import Diagnostics
package import FirewallIR
internal import PacketModel

/// Reads a table of nft back into the intermediate representation: `NFTTable -> [Scope]`.
///
/// Each match is taken as the kernel evaluates it: a field that a packet lacks ends the rule (BREAK), whatever is asked of
/// it. `accept` ends our base chain and no other, so it is *leave*; with the mark that Docker accepts set before, it is
/// *accept*. What is not known exactly is refused by name; nothing is passed over.
package enum LiftFromNFTables {
    /// A scope for each base chain, in the order in which the kernel asks them, each with all other chains.
    ///
    /// - Parameters:
    ///   - table: a table of the family `inet`.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - origins: the places in the policy, by the identifiers in the comments.
    /// - Returns: the scopes.
    /// - Throws: `DiagnosticError` of the kind `refused` with everything whose meaning is not known.
    package static func lift(
        _ table: NFTTable, acceptMark: AcceptMark? = nil, origins: [String: SourceLocation] = [:]
    ) throws(DiagnosticError) -> [Scope] {
        var lifting = TableLifting(table, acceptMark, origins)
        let chains = table.chains.map { (hook: $0.hook, chain: lifting.lift($0)) }
        guard lifting.refusals.isEmpty else { throw DiagnosticError(.refused, lifting.refusals) }
        let shared = chains.filter { $0.hook == nil }.map(\.chain)
        let bases = chains.filter { $0.hook != nil }.sorted { ($0.hook?.priority ?? 0) < ($1.hook?.priority ?? 0) }
        return bases.map { base in
            Scope(hook: .containers, families: .both, entry: base.chain.name, chains: [base.chain] + shared)
        }
    }
}

/// Lifts chain by chain, and keeps what was refused.
private struct TableLifting {
    private(set) var refusals: [Diagnostic] = []
    private let acceptMark: AcceptMark?
    private let chainNames: Set<String>
    private var names: LiftedRuleNames
    private var sets: LiftedSets

    init(_ table: NFTTable, _ acceptMark: AcceptMark?, _ origins: [String: SourceLocation]) {
        self.acceptMark = acceptMark
        chainNames = Set(table.chains.filter { $0.hook == nil }.map(\.name))
        names = LiftedRuleNames(prefix: LowerToNFTables.commentPrefix, origins: origins)
        sets = LiftedSets(table.sets)
    }

    mutating func lift(_ chain: NFTChain) -> Chain {
        if let hook = chain.hook { check(hook, of: chain) }
        var rules: [FirewallRule] = []
        rules.reserveCapacity(chain.rules.count)
        for (index, rule) in chain.rules.enumerated() {
            let name = names.name(comment: rule.comment, chain: chain.name, position: index + 1)
            do {
                rules.append(try lift(rule, name))
            } catch {
                refusals.append(error.diagnostic("nft", at: name.origin, rule: rule.text))
            }
        }
        return Chain(name: chain.name, rules: rules)
    }

    /// What leaves our chain goes on to Docker's only where ours is asked before them, and by default lets packets go.
    private mutating func check(_ hook: NFTChain.Hook, of chain: NFTChain) {
        guard hook.hook != "forward" || hook.priority >= 0 || hook.policy != "accept" else { return }
        let place = "hook \(hook.hook), priority \(hook.priority), policy \(hook.policy)"
        refusals.append(
            Diagnostic(
                "not-liftable", at: SourceLocation(file: chain.name),
                "the meaning of a base chain of nft is not known: \(place), not forward before 0 with the policy accept"
            ))
    }

    private mutating func lift(_ rule: NFTRule, _ name: LiftedRuleNames.Name) throws(LiftRefusal) -> FirewallRule {
        var lifting = RuleLifting(acceptMark: acceptMark)
        for statement in rule.statements { try lifting.add(statement, &sets) }
        if let target = lifting.verdict.target, !chainNames.contains(target) {
            throw LiftRefusal("the rules of the chain '\(target)' are not there")
        }
        let boxes = lifting.boxes.map(\.withConsistentConntrack).filter { !$0.isEmpty }
        return FirewallRule(
            id: name.id, origin: name.origin, condition: boxes, opaque: lifting.opaque,
            guards: lifting.guards, effects: lifting.effects, verdict: lifting.verdict, comment: name.comment)
    }
}
