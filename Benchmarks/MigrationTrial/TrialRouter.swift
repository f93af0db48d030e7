internal import FirewallIR
internal import PacketLab
internal import PacketModel
internal import Semantics

/// The host of a trial: a router with the rules, and the packets that they are asked about.
struct TrialRouter {
    let crossroads: Crossroads
    let file: RulesetFile
    let packets: TrialPackets

    /// Where Seawall keeps what it did; it goes with the namespace.
    var stateFolder: String { "/tmp/\(crossroads.router.name).state" }

    /// Loads the rules, in the place of all that was there.
    func load(_ behind: RulesetFile.Behind) throws {
        for set in file.sets {
            let family = file.family == .ip ? "inet" : "inet6"
            try Program.demand(["ipset", "create", set, "hash:net", "family", family], in: crossroads.router)
        }
        let signals = packets.signals.tables
        try Program.demand(["\(file.tool)-restore"], in: crossroads.router, input: file.text(behind))
        try Program.demand(["\(file.tool)-restore"], in: crossroads.router, input: signals)
    }

    /// All rules of the family, without counters.
    func rules() throws -> String {
        let text = try Program.demand(["\(file.tool)-save"], in: crossroads.router)
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let tables = try Program.demand(["nft", "list", "ruleset"], in: crossroads.router)
        return lines.map { $0.prefix { $0 != "[" } }.joined(separator: "\n") + "\n" + tables
    }

    /// What becomes of each packet.
    func fates(timeout: Int = 60) throws -> [Fate] {
        try crossroads.send(packets.packets.map(\.crossing), timeout: timeout)
    }

    /// Packets that fare otherwise than before, also when there is more time; each as a line.
    func differences(_ before: [Fate], _ when: String) throws -> [String] {
        let suspects = zip(try fates(), before).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        if suspects.isEmpty { return [] }
        let again = try crossroads.send(suspects.map { packets.packets[$0].crossing }, timeout: 1000)
        return zip(suspects, again).filter { before[$0] != $1 }.map { index, fate in
            "\(packets.packets[index].state.sentence): \(before[index]) before, \(fate) \(when)"
        }
    }

    /// Packets that fare otherwise than the reference interpreter says: they are not the packets that they were meant to be.
    func unexpected(_ fates: [Fate]) -> [String] {
        zip(packets.packets, zip(packets.meant, fates)).compactMap { made, judged in
            guard let verdict = judged.0 else { return nil }
            let passes = verdict == .leave || verdict == .accept
            return passes == (judged.1 == .passed) ? nil : "\(made.state.sentence): \(verdict) meant, \(judged.1) seen"
        }
    }
}
