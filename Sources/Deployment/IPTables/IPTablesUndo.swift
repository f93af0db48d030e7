internal import IPTablesBackend

/// A document for `iptables-restore --noflush --counters` that puts chains back as a listing had them.
struct IPTablesUndo {
    private var declarations: [String] = []
    private var rules: [String] = []
    private var removals: [String] = []

    /// Whether there is nothing to be undone.
    var isEmpty: Bool { declarations.isEmpty && rules.isEmpty && removals.isEmpty }

    /// The text.
    var text: String { (["*filter"] + declarations + rules + removals + ["COMMIT", ""]).joined(separator: "\n") }

    /// Gives a chain the rules and counters that it had; a chain that was not there is removed.
    mutating func restore(_ chain: SaveChain?, named name: String) {
        declarations.append(IPTablesLine.chain(name).text)
        guard let chain else {
            removals.append(IPTablesLine.deleteChain(name).text)
            return
        }
        rules += chain.rules.map { counters($0) + IPTablesLine.appendWords(name, words: $0.words).text }
    }

    /// Gives a built-in chain a policy; its rules stay.
    mutating func setPolicy(_ chain: String, _ policy: String, _ counters: SaveCounters?) {
        declarations.append(":\(chain) \(policy) \(counters ?? SaveCounters(packets: 0, bytes: 0))")
    }

    /// Takes a rule out, before any is put in again.
    mutating func delete(_ chain: String, _ words: [String]) {
        rules.append(IPTablesLine.delete(chain, words: words).text)
    }

    /// Puts a rule in again at the position that it had; the positions have to come in rising order.
    mutating func insert(_ chain: String, _ position: Int, _ rule: SaveRule) {
        let words = IPTablesLine.appendWords("", words: rule.words).text.dropFirst("-A ".count)
        rules.append(counters(rule) + "-I \(chain) \(position)\(words)")
    }

    private func counters(_ rule: SaveRule) -> String { rule.counters.map { "\($0) " } ?? "" }
}
