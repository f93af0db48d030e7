internal import Diagnostics
internal import IPTablesBackend

/// Turns the program of a family and the table that it meets into one transaction.
struct IPTablesPlanner {
    let program: IPTablesProgram
    let filter: IPTablesFilter
    let options: IPTablesOptions
    private let contents: DockerUserRules
    private let input: InputRules
    private let reach: ChainReach

    init(program: IPTablesProgram, filter: IPTablesFilter, options: IPTablesOptions) {
        self.program = program
        self.filter = filter
        self.options = options
        contents = DockerUserRules(filter.table)
        input = InputRules(filter.table)
        reach = filter.table.reach(of: IPTablesNames.dockerUser)
    }

    /// The transaction.
    ///
    /// - Throws: `DiagnosticError` if the program is a whole table, if `DOCKER-USER` is not as it has to be, or if the named layout would lose
    ///   foreign rules.
    func plan() throws -> IPTablesFamilyPlan {
        guard !program.isWholeTable else { throw DiagnosticError.wholeTable(filter) }
        guard reach == .reached || options.withoutDocker else { throw DiagnosticError.dockerUser(reach, filter) }
        let layout = try layout()
        let stale = StaleChains(filter, keeping: chainNames(layout))
        return IPTablesFamilyPlan(
            family: program.family, layout: layout,
            document: IPTablesDocument(family: program.family, header: options.header, lines: lines(layout, stale)),
            undo: undo(layout, stale).text, filter: filter, before: IPTablesSeen(filter),
            after: expectation(layout, stale),
            keptRules: layout == .ownChain ? contents.rules(of: .foreign) : [], hasTable: filter.exists,
            warnings: stale.warnings(filter) + frontWarnings)
    }

    private func layout() throws -> IPTablesLayout {
        let foreign = contents.rules(of: .foreign)
        guard let layout = options.layout else { return foreign.isEmpty ? .dockerUser : .ownChain }
        if layout == .dockerUser, !foreign.isEmpty { throw DiagnosticError.foreignRulesLost(foreign, filter) }
        return layout
    }

    /// The chains of ours that the program needs.
    private func chainNames(_ layout: IPTablesLayout) -> [String] {
        (layout == .ownChain ? [IPTablesNames.ownChain] : []) + program.ownChains
    }

    private func entry(_ layout: IPTablesLayout) -> String {
        layout == .ownChain ? IPTablesNames.ownChain : IPTablesNames.dockerUser
    }

    /// Whether the one rule of ours in a shared `DOCKER-USER` stays as it is.
    private func keepsJump(_ layout: IPTablesLayout) -> Bool { layout == .ownChain && contents.hasJumpAtTop }

    /// The rules of ours that leave a shared `DOCKER-USER`, with their positions from 1.
    private func leaving(_ layout: IPTablesLayout) -> [(position: Int, rule: SaveRule)] {
        guard layout == .ownChain else { return [] }
        let keepsJump = keepsJump(layout)
        return zip(contents.rules, contents.owners).enumerated().compactMap { index, element in
            element.1 == .seawall && !(keepsJump && index == 0) ? (index + 1, element.0) : nil
        }
    }

    /// Whether the program has rules for what docker-proxy accepts, and our jump to them is where it has to be.
    private var keepsInputJump: Bool { !program.input.isEmpty && input.hasJumpAtTop }
    private var makesInputJump: Bool { !program.input.isEmpty && !input.hasJumpAtTop }
    /// Our jumps that leave INPUT, with their positions from 1.
    private var leavingInput: [(position: Int, rule: SaveRule)] { keepsInputJump ? [] : input.jumps }

    private var makesDockerUser: Bool { reach == .missing }
    private var makesForwardJump: Bool { reach != .reached }

    // MARK: - The document

    private func lines(_ layout: IPTablesLayout, _ stale: StaleChains) -> [IPTablesLine] {
        let dockerUser = IPTablesNames.dockerUser
        var lines: [IPTablesLine] = []
        if makesDockerUser || layout == .dockerUser { lines.append(.chain(dockerUser)) }
        lines += (chainNames(layout) + stale.removed).map { .chain($0) }
        lines += leaving(layout).map { .delete(dockerUser, words: $0.rule.words) }
        lines += leavingInput.map { .delete(InputRules.chain, words: $0.rule.words) }
        lines += program.ruleLines(entry: entry(layout))
        if layout == .ownChain, !keepsJump(layout) {
            lines.append(.insert(dockerUser, position: 1, IPTablesProgram.ownChainJump))
        }
        if makesInputJump {
            lines.append(.insert(InputRules.chain, position: 1, IPTablesProgram.inputJump))
        }
        if makesForwardJump { lines.append(.insert("FORWARD", position: 1, IPTablesProgram.forwardJump)) }
        return lines + stale.removed.map { .deleteChain($0) }
    }

    // MARK: - The way back

    private func undo(_ layout: IPTablesLayout, _ stale: StaleChains) -> IPTablesUndo {
        var undo = IPTablesUndo()
        let touched =
            chainNames(layout) + stale.removed
            + (layout == .dockerUser || makesDockerUser ? [IPTablesNames.dockerUser] : [])
        for chain in touched { undo.restore(filter.table.chain(chain), named: chain) }
        if layout == .ownChain, !makesDockerUser {
            if !keepsJump(layout) { undo.delete(IPTablesNames.dockerUser, DockerUserRules.jumpWords) }
            for (position, rule) in leaving(layout) { undo.insert(IPTablesNames.dockerUser, position, rule) }
        }
        if makesInputJump { undo.delete(InputRules.chain, InputRules.jumpWords) }
        for (position, rule) in leavingInput { undo.insert(InputRules.chain, position, rule) }
        if makesForwardJump { undo.delete("FORWARD", ["-j", IPTablesNames.dockerUser]) }
        return undo
    }

    // MARK: - What has to be there

    private func expectation(_ layout: IPTablesLayout, _ stale: StaleChains) -> IPTablesExpectation {
        let hasInput = !program.input.isEmpty
        let all =
            [(entry(layout), program.entry)] + (hasInput ? [(IPTablesNames.inputChain, program.input)] : [])
            + program.chains.map { ($0.name, $0.rules) }
        let chains = Dictionary(all.map { ($0.0, $0.1.map { IPTablesExpectation.Rule($0) }) }) { first, _ in first }
        let shared = layout == .ownChain ? [DockerUserRules.jumpWords] + contents.others.map(\.words) : nil
        return IPTablesExpectation(
            chains: chains, shared: shared, removed: stale.removed, hasInputJump: hasInput)
    }

    /// Rules of FORWARD that decide packets before `DOCKER-USER` sees them.
    private var frontWarnings: [Diagnostic] {
        let rules = filter.table.rules(of: "FORWARD")
        let jump = rules.firstIndex { $0.isUnconditional && $0.target?.name == IPTablesNames.dockerUser }
        let deciding = rules[..<(jump ?? 0)].filter { $0.target != nil && $0.target?.name != "LOG" }
        guard !makesForwardJump, !deciding.isEmpty else { return [] }
        return [.rulesInFront(deciding, filter)]
    }
}
