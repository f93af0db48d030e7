import PacketLab
import PacketModel
import Testing

/// Commands that look right, and a packet that fares otherwise than their author meant.
struct Trap: Sendable, CustomTestStringConvertible {
    /// The heading in `docs/traps.md`.
    let title: String
    /// The commands, as people type them.
    let commands: [String]
    /// Rules of Docker behind `DOCKER-USER`, in both families.
    var docker: [String] = []
    /// Packets that pass before the rules are there.
    var before: [Probe] = []
    /// Packets, each with what was meant and what happens.
    let sightings: [Sighting]
    /// What `seawall import` has to say of the commands, by name; `nil` where they are none that it reads.
    let findings: [String]?

    /// A packet, and what becomes of it.
    struct Sighting: Sendable {
        let packet: String
        let meant: Fate
        let happens: Fate
        let probe: Probe

        init(_ packet: String, _ probe: Probe, meant: Fate, happens: Fate) {
            self.packet = packet
            self.probe = probe
            self.meant = meant
            self.happens = happens
        }
    }

    var testDescription: String { title }

    /// What `docs/traps.md` has to hold: the heading, the commands, and the packets.
    var markdown: String {
        let rows = sightings.map { sighting in
            let happens = sighting.happens.words
            return
                "| \(sighting.packet) | \(sighting.meant.words) | \(sighting.happens == sighting.meant ? happens : "**\(happens)**") |"
        }
        return
            (["## \(title)", "", "```sh"] + commands + [
                "```", "", "| packet | meant | happens |", "| --- | --- | --- |",
            ]
            + rows).joined(separator: "\n") + "\n"
    }
}

extension Fate {
    /// As the tables say it.
    fileprivate var words: String {
        switch self {
        case .passed: "passes"
        case .dropped: "dropped"
        case .reset: "reset"
        case .refused: "refused"
        }
    }
}
