internal import IPTablesBackend
internal import NFTablesBackend

extension LivePlace {
    /// The rules as lines of text in one spelling, so that two states can be compared line by line.
    ///
    /// Of iptables: FORWARD, `DOCKER-USER` and the chains of ours, as `iptables-save` prints them. Of nft: our table in nft's
    /// own language, elements in ascending order.
    package var lines: [String] {
        guard let filter else {
            guard let table else { return [] }
            let text = NFTDocument(table: table.canonicalForm).text(header: [])
            return text.split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("#!") && !$0.hasPrefix("add table") && !$0.hasPrefix("delete table") }
        }
        let named = ["FORWARD", IPTablesNames.dockerUser]
        let chains = named.compactMap { filter.table.chain($0) } + filter.ownChains.sorted { $0.name < $1.name }
        let read = filter.table.filterTable(chains, family: filter.family)
        return zip(chains, read.chains).flatMap { chain, read in
            [":\(chain.name) \(chain.policy ?? "-")"]
                + (read.rules.count == chain.rules.count
                    ? read.rules.map { "-A \(chain.name) \($0.text)" }
                    : chain.rules.map { IPTablesLine.appendWords(chain.name, words: $0.words).text })
        }
    }
}
