extension IPTablesFile {
    /// The text for `iptables-restore`: what was read from `iptables-save` comes back byte for byte, as long as nothing of it
    /// was refused or rewritten.
    package var text: String {
        var text = ""
        for table in tables { table.print(to: &text) }
        for comment in trailer { text += comment + "\n" }
        return text
    }
}

extension IPTablesTable {
    /// Declarations first, then the rules chain by chain.
    fileprivate func print(to text: inout String) {
        for comment in comments { text += comment + "\n" }
        text += "*\(name)\n"
        for chain in chains where chain.isDeclared { chain.printDeclaration(to: &text) }
        for chain in chains {
            for rule in chain.rules { rule.print(chain: chain.name, to: &text) }
        }
        for comment in lastComments { text += comment + "\n" }
        text += "COMMIT\n"
    }
}

extension IPTablesFileChain {
    fileprivate func printDeclaration(to text: inout String) {
        for comment in comments { text += comment + "\n" }
        let counters = counters ?? SaveCounters(packets: 0, bytes: 0)
        text += ":\(name) \(policy?.rawValue ?? "-") \(counters)\n"
    }
}

extension IPTablesFileRule {
    fileprivate func print(chain: String, to text: inout String) {
        for comment in comments { text += comment + "\n" }
        if let counters { text += "\(counters) " }
        text += "-A " + chain
        switch content {
        case .rule(let rule): text += rule.text
        case .raw(let words), .refused(let words, _): text += words.isEmpty ? "" : " " + words
        }
        text += "\n"
    }
}
