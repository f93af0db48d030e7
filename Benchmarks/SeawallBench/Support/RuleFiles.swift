internal import BenchReport
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel
internal import RulesetLab

/// The rules of one shape and size: as a rule set, and as files for each tool that is compared.
struct RuleFiles {
    let shape: Shape
    let rules: Int
    let ruleset: Ruleset
    private let base: String

    /// Makes the rules, and writes them as a text for `iptables-restore --noflush` and as a policy document.
    init(_ shape: Shape, _ rules: Int, in folder: String) throws {
        self.shape = shape
        self.rules = rules
        base = "\(folder)/\(shape.rawValue)-\(rules)"
        ruleset = shape == .hostile ? Workloads.hostile(rules: rules) : Self.policyShaped(rules)
        var program = try LowerToIPTables.lower(ruleset, family: .ip)
        // Who writes rules by hand does not give each a comment, which costs the kernel a quarter of a kilobyte.
        for index in program.entry.indices {
            program.entry[index].matches.removeAll { if case .comment = $0 { true } else { false } }
        }
        try TextFile.write(program.document(layout: .dockerUser, header: []).text, to: text)
        if shape == .policy { try TextFile.write(RulesetDocument.text(ruleset), to: document) }
    }

    /// One line of iptables for each rule, since all packets enter at one interface.
    ///
    /// The sources are spread over a quarter of the Internet, so that the networks of a long blocklist leave room for those
    /// who are allowed.
    private static func policyShaped(_ rules: Int) -> Ruleset {
        let sources = IPPrefix(holding: .v4(0x8000_0000), length: 2)
        return Workloads.policyShaped(rules: rules, families: .ip, interfaces: [.exact("eth0")], sources: sources)
    }

    /// What `iptables-save` would write of `DOCKER-USER`.
    var text: String { base + ".v4" }
    /// A policy document.
    var document: String { base + ".json" }
    /// Our nft table.
    var nft: String { base + "-nft.json" }
    /// Our nft table with one rule for each rule.
    var nftLines: String { base + "-lines.json" }
    /// Our rules of iptables.
    var iptables: String { base + "-ours.v4" }
}
