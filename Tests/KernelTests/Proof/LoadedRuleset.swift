import Compiler
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketLab
import PacketModel

/// A rule set as both engines load it.
struct LoadedRuleset {
    let ruleset: Ruleset
    private let iptables: [AddressFamily: String]
    private let nft: String

    /// The rule set in both languages; `nil` where one of them cannot say it, or where it asks what the lab does not know.
    init?(_ ruleset: Ruleset, layout: IPTablesLayout) {
        guard ruleset.asksOnlyWhatTheLabKnows else { return nil }
        var texts: [AddressFamily: String] = [:]
        for family in AddressFamily.allCases {
            guard let program = try? LowerToIPTables.lower(ruleset, family: family) else { return nil }
            texts[family] = program.document(layout: layout, header: []).text
        }
        guard (try? LowerToNFTables.lower(ruleset)) != nil,
            let document = try? LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
        else { return nil }
        self.ruleset = ruleset
        iptables = texts
        nft = document.text(header: [])
    }

    /// What becomes of packets under these rules, and with the connections that stand.
    func fates(of packets: [LabPacket], under backend: Backend, in lab: Lab, timeout: Int) throws -> [Fate] {
        try lab.resetFirewall()
        let standing = AddressFamily.allCases.flatMap { StandingConnection.all($0) }
        for probes in [standing.map(\.original.probe), standing.map(\.reply.probe)] {
            let fates = try lab.send(probes, timeout: 2000)
            if let failed = zip(probes, fates).first(where: { $1 != .passed }) {
                throw LabError("\(failed.0) does not pass without rules: \(failed.1)")
            }
        }
        try load(backend, in: lab)
        return try lab.send(packets.map(\.probe), timeout: timeout)
    }

    private func load(_ backend: Backend, in lab: Lab) throws {
        switch backend {
        case .nft: try lab.loadNFT(nft)
        case .iptables:
            for (family, text) in iptables {
                let program = family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore"
                try Program.demand([program, "--noflush"], in: lab[.router], input: text)
            }
        }
    }
}

extension Ruleset {
    /// Whether nothing is asked that depends on time or on bits of a connection that come and go, and nothing is done
    /// besides the verdict.
    fileprivate var asksOnlyWhatTheLabKnows: Bool {
        let known: ConntrackStatus = [.expected, .seenReply, .confirmed, .snat, .dnat]
        // One list of rules that hands on what it does not decide: what else there can be is not loaded here.
        guard scopes.count == 1, scopes[0].policy == .leave else { return false }
        return scopes.flatMap(\.chains).flatMap(\.rules).allSatisfy { rule in
            rule.opaque.isEmpty && rule.guards.isEmpty && rule.effects.isEmpty && rule.stages.isEmpty
                && rule.condition.allSatisfy { box in
                    box.addressTypes.isEmpty && box.packetType == nil && box.connectionMark == nil
                        && box.numbers.isEmpty
                        && (box.status?.values ?? []).allSatisfy { $0.mask & ~known.rawValue == 0 }
                }
        }
    }
}
