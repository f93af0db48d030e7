/// What `nft list ruleset` prints, so that nft 1.0.6 loads it.
package enum ListedTables {
    /// The listing behind commands that make the chains to which its maps lead: a listing has maps first.
    package static func loadable(_ listing: String) -> String {
        var lines: [String] = []
        var table = ""
        var chain: String?
        for line in listing.split(separator: "\n") {
            let words = line.split(separator: " ")
            if let name = chain {
                // A chain with a hook cannot be made without it, and no map leads there.
                if !line.contains(" hook ") { lines.append("add chain \(table) \(name)") }
                chain = nil
            }
            if line.hasPrefix("table ") {
                table = words[1...2].joined(separator: " ")
                lines.append("add table \(table)")
            } else if line.hasPrefix("\tchain ") {
                chain = String(words[1])
            }
        }
        return lines.joined(separator: "\n") + "\n" + listing
    }
}
