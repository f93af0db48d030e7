extension NFTTable {
    /// The table with every rule and element in one spelling, elements in the order of their texts.
    package var canonicalForm: NFTTable {
        var table = self
        table.chains = chains.map { chain in
            NFTChain(name: chain.name, hook: chain.hook, rules: chain.rules.map(\.canonical))
        }
        table.sets = sets.map { set in
            var set = set
            set.elements = set.elements.map { $0.canonical(set.kind) }.sortedByText(\.text)
            return set
        }.sorted { $0.name < $1.name }
        table.maps = maps.map { map in
            var map = map
            map.elements = map.elements.sortedByText { "\($0.key?.text ?? "*") : \($0.verdict.text)" }
            return map
        }.sorted { $0.name < $1.name }
        return table
    }
}

extension Array {
    /// In the order of texts, each made once.
    fileprivate func sortedByText(_ text: (Element) -> String) -> [Element] {
        map { (text($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
