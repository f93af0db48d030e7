internal import IPTablesBackend

/// Whether the packets that are forwarded, or come in, reach a chain.
package enum ChainReach: Hashable, Sendable {
    /// All packets that nothing before has decided come there.
    case reached
    /// There is no such chain.
    case missing
    /// No rule leads there.
    case unreached
    /// Only a rule with conditions leads there.
    case conditional(rule: String)
    /// A rule that ends every packet's way stands before those that lead there.
    case blocked(rule: String)
}

extension SaveTable {
    /// Whether packets come from FORWARD, or another built-in chain, to a chain.
    package func reach(of chain: String, from start: String = "FORWARD") -> ChainReach {
        guard self.chain(chain) != nil else { return .missing }
        var search = ReachSearch(table: self, goal: chain)
        if search.walk(start) == .reaches { return .reached }
        if let rule = search.conditional { return .conditional(rule: rule) }
        if let rule = search.blocking { return .blocked(rule: rule) }
        return .unreached
    }
}

/// Follows the packets that no condition has singled out.
private struct ReachSearch {
    let table: SaveTable
    let goal: String
    /// The first rule with conditions that leads to the goal.
    var conditional: String?
    /// The first rule that ends every packet's way although a later one leads to the goal.
    var blocking: String?
    /// The chains from which any way, whatever its conditions, leads to the goal; the goal itself.
    private let leading: Set<String>
    private var path: [String] = []

    enum Flow {
        /// Every packet comes to the goal.
        case reaches
        /// Packets come back from the chain.
        case returns
        /// No packet comes back.
        case ends
    }

    init(table: SaveTable, goal: String) {
        self.table = table
        self.goal = goal
        leading = Self.chains(leadingTo: goal, in: table)
    }

    private static func chains(leadingTo goal: String, in table: SaveTable) -> Set<String> {
        var callers: [String: Set<String>] = [:]
        for chain in table.chains {
            for rule in chain.rules {
                if let target = rule.target { callers[target.name, default: []].insert(chain.name) }
            }
        }
        var result: Set<String> = [goal]
        var open = [goal]
        while let chain = open.popLast() {
            for caller in callers[chain] ?? [] where result.insert(caller).inserted { open.append(caller) }
        }
        return result
    }

    mutating func walk(_ chain: String) -> Flow {
        guard !path.contains(chain) else { return .returns }
        path.append(chain)
        defer { path.removeLast() }
        let rules = table.rules(of: chain)
        for (index, rule) in rules.enumerated() {
            guard let target = rule.target else { continue }
            guard rule.isUnconditional else {
                if leading.contains(target.name) { conditional = conditional ?? text(chain, rule) }
                continue
            }
            let flow = follow(target)
            if flow == .reaches { return .reaches }
            guard flow == .ends || target.isGoto || target.name == "RETURN" else { continue }
            if rules[(index + 1)...].contains(where: { $0.target.map { leading.contains($0.name) } == true }) {
                blocking = blocking ?? text(chain, rule)
            }
            return flow
        }
        return .returns
    }

    private mutating func follow(_ target: SaveTarget) -> Flow {
        if target.name == goal { return .reaches }
        if table.chain(target.name) != nil { return walk(target.name) }
        return target.name == "RETURN" || Self.continuing.contains(target.name) ? .returns : .ends
    }

    private func text(_ chain: String, _ rule: SaveRule) -> String {
        IPTablesLine.appendWords(chain, words: rule.words).text
    }

    /// Extensions after which the next rule is asked (iptables-extensions(8)); all others end a packet's way.
    private static let continuing: Set<String> = [
        "AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "IDLETIMER", "LED",
        "LOG", "MARK",
        "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE", "TTL", "ULOG",
    ]
}
