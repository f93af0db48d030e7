extension SaveTable {
    /// The table after the lines of a document for `iptables-restore --noflush`.
    ///
    /// - Parameter lines: what happens in the table, in order.
    /// - Returns: the table as the tool would leave it behind; rules of the lines have no counters.
    /// - Throws: `SaveListingError` with the line, from 1, that the tool would not take: a rule that is not there, or a
    ///   chain or position that does not exist.
    package func applying(_ lines: [IPTablesLine]) throws(SaveListingError) -> SaveTable {
        var edit = SaveTableEdit(self)
        for (index, line) in lines.enumerated() { try edit.run(line, number: index + 1) }
        return edit.table
    }
}

/// A table while lines are applied to it.
private struct SaveTableEdit {
    private(set) var table: SaveTable
    private var places: [String: Int] = [:]

    init(_ table: SaveTable) {
        self.table = table
        index()
    }

    private mutating func index() {
        places = Dictionary(table.chains.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    mutating func run(_ line: IPTablesLine, number: Int) throws(SaveListingError) {
        switch line {
        case .chain(let name): declare(name)
        case .policy(let name, let policy):
            declare(name)
            if let place = places[name] { table.chains[place].policy = policy.rawValue }
        case .append(let chain, let rule): try append(chain, words(rule, number), number)
        case .appendWords(let chain, let words): try append(chain, words, number)
        case .insert(let chain, let position, let rule):
            let place = try known(chain, number)
            guard (1...(table.chains[place].rules.count + 1)).contains(position) else {
                throw SaveListingError(line: number, "the chain '\(chain)' has no position \(position)")
            }
            let rule = SaveRule(words: try words(rule, number))
            table.chains[place].rules.insert(rule, at: position - 1)
        case .delete(let chain, let words):
            let place = try known(chain, number)
            guard let rule = table.chains[place].rules.firstIndex(where: { $0.words == words }) else {
                throw SaveListingError(line: number, "the rule to be deleted is not in the chain '\(chain)'")
            }
            table.chains[place].rules.remove(at: rule)
        case .deleteChain(let name): try delete(name, number)
        }
    }

    /// Makes a chain, or empties it.
    private mutating func declare(_ name: String) {
        if let place = places[name] {
            table.chains[place].rules = []
        } else {
            places[name] = table.chains.count
            table.chains.append(SaveChain(name: name))
        }
    }

    private mutating func append(_ chain: String, _ words: [String], _ number: Int) throws(SaveListingError) {
        table.chains[try known(chain, number)].rules.append(SaveRule(words: words))
    }

    private mutating func delete(_ name: String, _ number: Int) throws(SaveListingError) {
        let place = try known(name, number)
        guard table.chains[place].rules.isEmpty else {
            throw SaveListingError(line: number, "the chain '\(name)' is not empty")
        }
        let isReferred = table.chains.contains { $0.rules.contains { $0.target?.name == name } }
        if isReferred { throw SaveListingError(line: number, "rules lead to the chain '\(name)'") }
        table.chains.remove(at: place)
        index()
    }

    /// A built-in chain is there even where the kernel has no table yet.
    private mutating func known(_ chain: String, _ number: Int) throws(SaveListingError) -> Int {
        if places[chain] == nil, IPTablesNames.builtIn.contains(chain) {
            declare(chain)
            if let place = places[chain] { table.chains[place].policy = IPTablesPolicy.accept.rawValue }
        }
        guard let place = places[chain] else { throw SaveListingError(line: number, "there is no chain '\(chain)'") }
        return place
    }

    /// The words of a rule as the tool splits them.
    private func words(_ rule: IPTablesRule, _ number: Int) throws(SaveListingError) -> [String] {
        try saveListingWords(rule.text.utf8, number: number)
    }
}
