internal import IPTablesBackend

extension IPTablesExpectation.Rule {
    init(_ rule: SaveRule) { self.init(comment: rule.comment ?? "", target: rule.target?.name ?? "") }

    init(_ rule: IPTablesRule) {
        let comment = rule.matches.lazy.compactMap { if case .comment(let text) = $0 { text } else { nil } }.first
        self.init(comment: comment ?? "", target: rule.target?.name ?? "")
    }
}

extension IPTablesTarget {
    /// The name behind `-j` or `-g`.
    fileprivate var name: String {
        switch self {
        case .accept: "ACCEPT"
        case .drop: "DROP"
        case .return: "RETURN"
        case .reject: "REJECT"
        case .log: "LOG"
        case .setMark: "MARK"
        case .netlinkLog: "NFLOG"
        case .connectionMark: "CONNMARK"
        case .queue: "NFQUEUE"
        case .module(let name, _): name
        case .jump(let chain), .goto(let chain): chain
        }
    }
}

extension IPTablesExpectation {
    /// What a table holds otherwise than it should, in words; nothing if all is there.
    func differences(in filter: IPTablesFilter) -> [String] {
        var result: [String] = []
        for (chain, sent) in chains.sorted(by: { $0.key < $1.key }) {
            guard filter.table.chain(chain) != nil else {
                result.append("the chain '\(chain)' is missing")
                continue
            }
            var found = filter.table.rules(of: chain)
            // Docker 20.10 appends this whenever a network is made.
            if chain == IPTablesNames.dockerUser, found.last?.words == ["-j", "RETURN"], found.count > sent.count {
                found.removeLast()
            }
            result += commentDifference(
                "chain '\(chain)'", sent: sent.map(\.description), found: found.map { Rule($0).description })
        }
        if let shared { result += sharedDifference(shared, filter) }
        result += removed.filter { filter.table.chain($0) != nil }.map { "the chain '\($0)' is still there" }
        let input = InputRules(filter.table)
        if hasInputJump, !input.hasJumpAtTop {
            result.append("the one jump to \(IPTablesNames.inputChain) is not at the top of INPUT")
        } else if !hasInputJump, !input.jumps.isEmpty {
            result.append("the jump to \(IPTablesNames.inputChain) is still in INPUT")
        }
        let reach = filter.table.reach(of: IPTablesNames.dockerUser)
        if reach != .reached { result.append("DOCKER-USER is not reached from FORWARD") }
        return result
    }

    private func sharedDifference(_ shared: [[String]], _ filter: IPTablesFilter) -> [String] {
        func text(_ words: [String]) -> String { IPTablesLine.appendWords(IPTablesNames.dockerUser, words: words).text }
        let found = filter.table.rules(of: IPTablesNames.dockerUser).map(\.words)
        return commentDifference("chain '\(IPTablesNames.dockerUser)'", sent: shared.map(text), found: found.map(text))
    }
}
