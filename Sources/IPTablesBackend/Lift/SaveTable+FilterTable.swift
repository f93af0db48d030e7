package import PacketModel

extension SaveTable {
    /// A chain and those that it leads to, in the order of the table behind it; none if it is not there.
    package func reached(from entry: String) -> [SaveChain] {
        guard let first = chain(entry) else { return [] }
        let chains = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
        var found: Set<String> = [entry]
        var open = [first]
        while let chain = open.popLast() {
            for rule in chain.rules {
                guard let target = rule.target, let next = chains[target.name], found.insert(next.name).inserted else {
                    continue
                }
                open.append(next)
            }
        }
        return [first] + self.chains.filter { $0.name != entry && found.contains($0.name) }
    }

    /// Some chains with their rules understood; a rule that is not keeps its words, and why.
    ///
    /// - Parameters:
    ///   - chains: chains of the table, with all that they lead to.
    ///   - family: the family.
    ///   - sets: the sets of addresses whose content is known, by name.
    /// - Returns: the table for lifting; lines are places in no file, and mean nothing.
    package func filterTable(
        _ chains: [SaveChain], family: AddressFamily, sets: [String: IPSet] = [:]
    ) -> FilterTable {
        let lines =
            ["*filter"] + chains.map { IPTablesLine.chain($0.name).text }
            + chains.flatMap { chain in chain.rules.map { IPTablesLine.appendWords(chain.name, words: $0.words).text } }
        let text = (lines + ["COMMIT", ""]).joined(separator: "\n")
        let reading = IPTablesReader.read(Array(text.utf8), file: name, family: family)
        var table = reading.file(family)?.filterTable ?? FilterTable(family: family, chains: [])
        table.sets = sets
        return table
    }
}
