/// A table while its text is read: what its commands have made of it so far.
struct TableState {
    let name: String
    let line: Int
    let comments: [String]
    /// Whether the text opened it with `*NAME`.
    let isOpened: Bool
    var lastComments: [String] = []
    private(set) var chains: [ChainState] = []
    private var places: [String: Int] = [:]
    /// The policies of built-in chains that an earlier part of the text set: a second `*NAME` takes away rules and chains,
    /// and leaves these.
    private var policies: [String: IPTablesPolicy] = [:]

    /// An empty table.
    init(name: String, line: Int, comments: [String], isOpened: Bool) {
        self.name = name
        self.line = line
        self.comments = comments
        self.isOpened = isOpened
    }

    /// Takes over what a table of the same name leaves behind when it is opened again.
    mutating func inherit(_ other: TableState) {
        policies = other.policies
        for state in other.chains { if let policy = state.chain.policy { policies[state.chain.name] = policy } }
    }

    /// The place of a chain; `nil` if it is not there.
    func place(_ chain: String) -> Int? { places[chain] }

    /// Adds a chain at the end.
    mutating func add(_ chain: IPTablesFileChain) -> Int {
        places[chain.name] = chains.count
        chains.append(ChainState(chain))
        return chains.count - 1
    }

    /// Changes a chain in its place.
    mutating func change<Result>(_ place: Int, _ change: (inout ChainState) -> Result) -> Result {
        change(&chains[place])
    }

    /// Takes the rules out of one chain, or of all.
    mutating func flush(_ place: Int?) {
        for index in chains.indices where place == nil || index == place { chains[index].removeAll() }
    }

    /// Takes out one chain, or all that are not built in.
    mutating func remove(_ name: String?) {
        let builtIn = Self.builtInChains(self.name)
        chains.removeAll { name == nil ? !builtIn.contains($0.chain.name) : $0.chain.name == name }
        places = Dictionary(uniqueKeysWithValues: chains.enumerated().map { ($1.chain.name, $0) })
    }

    /// The table with its rules in order.
    var finished: IPTablesFileTable {
        IPTablesFileTable(
            name: name, chains: withPolicies, line: line, comments: comments, lastComments: lastComments)
    }

    private var withPolicies: [IPTablesFileChain] {
        var all = chains.map(\.finished)
        for index in all.indices { all[index].policy = all[index].policy ?? policies[all[index].name] }
        for name in Self.builtInChains(name) where places[name] == nil {
            guard let policy = policies[name] else { continue }
            all.append(IPTablesFileChain(name: name, policy: policy, line: line))
        }
        return all
    }

    /// The chains that a table has from the beginning.
    static func builtInChains(_ table: String) -> [String] {
        switch table {
        case "filter": ["INPUT", "FORWARD", "OUTPUT"]
        case "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"]
        case "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]
        case "raw": ["PREROUTING", "OUTPUT"]
        case "security": ["INPUT", "FORWARD", "OUTPUT"]
        default: []
        }
    }
}

/// A chain while its text is read.
///
/// Rules are kept once, and their order apart, so that many insertions cost little.
struct ChainState {
    var chain: IPTablesFileChain
    private var stored: [IPTablesFileRule] = []
    /// The rules at the beginning, the last one first.
    private var front: [Int32] = []
    /// The rules behind them.
    private var back: [Int32] = []

    init(_ chain: IPTablesFileChain) { self.chain = chain }

    /// How many rules there are.
    var count: Int { front.count + back.count }

    mutating func append(_ rule: IPTablesFileRule) {
        back.append(Int32(stored.count))
        stored.append(rule)
    }

    /// Puts a rule at a position, from 1 to one behind the last.
    ///
    /// - Returns: whether there is such a position.
    mutating func insert(_ rule: IPTablesFileRule, at position: Int) -> Bool {
        guard (1...(count + 1)).contains(position) else { return false }
        let index = position - 1
        if index <= front.count {
            front.insert(Int32(stored.count), at: front.count - index)
        } else {
            back.insert(Int32(stored.count), at: index - front.count)
        }
        stored.append(rule)
        return true
    }

    /// Takes out the rule at a position from 1.
    mutating func remove(at position: Int) -> Bool {
        guard (1...max(1, count)).contains(position), count > 0 else { return false }
        let index = position - 1
        if index < front.count {
            front.remove(at: front.count - 1 - index)
        } else {
            back.remove(at: index - front.count)
        }
        return true
    }

    /// Puts a rule into the place of another.
    mutating func replace(at position: Int, with rule: IPTablesFileRule) -> Bool {
        remove(at: position) && insert(rule, at: position)
    }

    /// The position of the first rule with this content, from 1.
    func position(of content: IPTablesFileRule.Content) -> Int? {
        for (place, index) in front.reversed().enumerated() where stored[Int(index)].content == content {
            return place + 1
        }
        return back.firstIndex { stored[Int($0)].content == content }.map { front.count + $0 + 1 }
    }

    mutating func removeAll() { (stored, front, back) = ([], [], []) }

    /// The chain with its rules in order.
    var finished: IPTablesFileChain {
        var chain = chain
        if front.isEmpty, back.count == stored.count {
            chain.rules = stored
        } else {
            chain.rules = (front.reversed() + back).map { stored[Int($0)] }
        }
        return chain
    }
}
