internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// The filter table of one family on its way into the intermediate representation.
struct FileImport {
    /// What was taken.
    private(set) var scopes: [Scope] = []
    /// Every rule that is in what was asked for, and whose meaning is not known.
    private(set) var refusals: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []
    /// The rules that a partial import leaves on iptables, and why.
    private(set) var stayed: [ImportAccount.Entry] = []
    private(set) var leftAlone: [ImportAccount.Entry] = []
    /// What a partial import leaves on iptables, as a text.
    private(set) var remainder: ImportedRules.Remainder?

    private let file: IPTablesFile
    private let table: FilterTable
    private let selection: IPTablesSelection
    private let options: ImportOptions

    /// A file with its filter table.
    init(_ file: IPTablesFile, _ table: FilterTable, _ options: ImportOptions) {
        self.file = file
        self.options = options
        self.table = table
        selection =
            options.chain.map { .named($0) }
            ?? (self.table.chain(IPTablesNames.dockerUser) == nil || options.takesWholeTable ? .whole : .dockerUser)
    }

    /// Reads what was asked for.
    mutating func run() throws(DiagnosticError) {
        let lift = try LiftFromIPTables.liftTable(table, selection, file: file.name)
        warnings += lift.notes.filter { $0.id != "chains-left-out" }
        if selection == .dockerUser, let late = lateDockerUser { warnings.append(late) }
        leftAlone +=
            otherTables
            + lift.notes.filter { $0.id == "chains-left-out" }.map {
                ImportAccount.Entry($0.location ?? SourceLocation(file: file.name), $0.message)
            }
        // Whether each rule has a form in nft costs as much as reading it: only where a part may stay.
        if options.keepsUnsupported,
            !lift.refusals.isEmpty || lift.scopes.contains(where: { hasUnsupported($0) || leadsToOthers($0) })
        {
            try split()
        } else {
            scopes = lift.scopes
            refusals = lift.refusals.map { readingProblem(at: $0.location) ?? $0.diagnostic }
            leftAlone += unreadElsewhere(Set(lift.refusals.map(\.location)))
        }
    }

    /// That rules of FORWARD judge packets before `DOCKER-USER` does, or that not all packets come there.
    private var lateDockerUser: Diagnostic? {
        guard let forward = table.chain("FORWARD"), let first = forward.rules.first,
            !first.isJumpOfAll(to: IPTablesNames.dockerUser)
        else { return nil }
        return Diagnostic(
            "docker-user-not-first", .warning, at: SourceLocation(file: file.name, line: first.line),
            "the first rule of 'FORWARD' is another than '-j DOCKER-USER', which is read as what all forwarded packets meet first",
            notes: [Diagnostic.Note("the rule is: \(first.text)")])
    }

    private var otherTables: [ImportAccount.Entry] {
        file.tables.filter { $0.name != "filter" }.map { other in
            let count = other.chains.reduce(0) { $0 + $1.rules.count }
            return ImportAccount.Entry(
                SourceLocation(file: file.name, line: other.line == 0 ? nil : other.line),
                "the table '\(other.name)' with \(count == 1 ? "1 rule" : "\(count) rules") stays as it is")
        }
    }

    // MARK: - What could not be read

    /// Why a rule could not be read, if that is why its meaning is not known.
    private func readingProblem(at location: SourceLocation) -> Diagnostic? {
        problems.first { $0.location?.line == location.line }
    }

    private var problems: [Diagnostic] {
        var problems: [Diagnostic] = []
        for table in file.tables {
            for chain in table.chains {
                for rule in chain.rules { if case .refused(_, let problem) = rule.content { problems.append(problem) } }
            }
        }
        return problems
    }

    /// Rules that could not be read, in chains that were not asked for.
    private func unreadElsewhere(_ reached: Set<SourceLocation>) -> [ImportAccount.Entry] {
        let lines = Set(reached.compactMap(\.line))
        return problems.compactMap { problem in
            guard let place = problem.location, let line = place.line, !lines.contains(line) else { return nil }
            return ImportAccount.Entry(place, "not read, in a chain that is not asked for: \(problem.message)")
        }
    }

    // MARK: - Partial imports

    private mutating func split() throws(DiagnosticError) {
        var moved: Set<SourceLocation> = []
        for entry in try entries() {
            let part = try LiftFromIPTables.liftMovable(
                table, chain: entry, file: file.name, others: options.othersChains,
                passesOver: options.passesOver, unsupported: Self.unsupported(options))
            if !part.scope.chains.allSatisfy(\.rules.isEmpty) { scopes.append(part.scope) }
            stayed += part.staying.map { ImportAccount.Entry($0.location, "stays on iptables: \($0.reason)") }
            moved.formUnion(part.moved)
        }
        remainder = ImportedRules.Remainder(
            family: file.family, text: file.without(moved).text, moved: Set(moved.compactMap(\.line)))
    }

    private func entries() throws(DiagnosticError) -> [String] {
        switch selection {
        case .dockerUser: [IPTablesNames.dockerUser]
        case .named(let name): [name]
        case .whole: IPTablesNames.builtIn.filter { table.chain($0) != nil }
        }
    }

    private func hasUnsupported(_ scope: Scope) -> Bool {
        let unsupported = Self.unsupported(options)
        return scope.chains.contains { $0.rules.contains { unsupported($0) != nil } }
    }

    private func leadsToOthers(_ scope: Scope) -> Bool {
        scope.chains.contains { options.othersChains[$0.name] != nil }
    }

    /// Why a rule by itself has no form in nft.
    private static func unsupported(_ options: ImportOptions) -> (FirewallRule) -> String? {
        { rule in
            var alone = rule
            // Where it leads to is looked at by itself; what lets a packet through leaves our chain. It has to do something:
            // the condition of a rule that does nothing is never asked.
            if !alone.verdict.isFinal || alone.verdict == .accept { alone.verdict = .leave }
            let scope = Scope(
                hook: .containers, families: .both, entry: "c", chains: [Chain(name: "c", rules: [alone])])
            do throws(DiagnosticError) {
                _ = try LowerToNFTables.lower(Ruleset(name: "", scopes: [scope]), acceptMark: options.acceptMark)
                return nil
            } catch {
                return error.diagnostics.first?.message
            }
        }
    }
}

extension IPTablesFile {
    /// The file without the rules of some places in its filter table.
    fileprivate func without(_ moved: Set<SourceLocation>) -> IPTablesFile {
        let lines = Set(moved.compactMap(\.line))
        var copy = self
        for table in copy.tables.indices where copy.tables[table].name == "filter" {
            for chain in copy.tables[table].chains.indices {
                copy.tables[table].chains[chain].rules.removeAll { lines.contains($0.line) }
            }
        }
        return copy
    }
}

extension FilterRule {
    /// Whether it jumps to a chain, whatever the packet.
    fileprivate func isJumpOfAll(to chain: String) -> Bool {
        guard case .rule(let rule) = content, rule.target == .jump(chain) else { return false }
        return rule.matches.allSatisfy { if case .comment = $0 { true } else { false } }
    }
}
