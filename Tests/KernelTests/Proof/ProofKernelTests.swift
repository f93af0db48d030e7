import FirewallIR
import Glibc
import PacketLab
import PacketModel
import RulesetLab
import Semantics
import Synchronization
import Testing

extension KernelTests {
    /// Interpreter, both representations of diagrams and both engines of the kernel agree, packet by packet.
    @Suite struct ProofKernelTests {
        static let isLong = getenv("SEAWALL_LONG_TESTS") != nil

        /// `SEAWALL_SEED=N` tries the pair of one seed again.
        static let seeds: [UInt64] = {
            if let text = getenv("SEAWALL_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
            return Array(1...(isLong ? 1000 : 18))
        }()

        @Test(arguments: AddressFamily.allCases)
        func everyKindOfPacketIsDrawn(family: AddressFamily) {
            let kinds = Set(LabPackets.draw(200, family, seed: 1).map(\.kind))
            let expected: Set = [
                "new", "new, dnat", "established, original", "established, reply", "established, original, dnat",
                "established, reply, dnat", "established, original, snat", "established, reply, snat",
                "related, original", "related, reply", "related, original, dnat", "related, reply, dnat",
                "related, original, snat", "related, reply, snat", "invalid", "untracked",
            ]
            #expect(kinds == expected)
        }

        @Test(arguments: seeds)
        func allJudgesAgree(seed: UInt64) throws {
            let lab = try #require(LabTrait.lab)
            let drawn = AddressFamily.allCases.map { LabPackets.draw(Self.isLong ? 250 : 200, $0, seed: seed) }
            let pair = try #require(
                RulesetPair(seed: seed) { a, b in
                    guard let one = a.interpreter, let other = b.interpreter else { return false }
                    return drawn.joined().contains {
                        one.evaluate($0.state).verdict != other.evaluate($0.state).verdict
                    }
                }, "no pair of this seed can be loaded; SEAWALL_SEED=\(seed)")
            var judged: [JudgedPacket] = []
            for (family, packets) in zip(AddressFamily.allCases, drawn) {
                judged += try judgedPackets(pair, family, packets, seed: seed)
            }
            for (side, loaded) in [pair.a, pair.b].enumerated() {
                for backend in Backend.allCases {
                    try compare(judged, side, loaded, backend, in: lab, context(pair, seed))
                }
            }
            Tally.shared.add(judged, isLong: Self.isLong)
        }

        private func context(_ pair: RulesetPair, _ seed: UInt64) -> String {
            "\(pair.change); SEAWALL_SEED=\(seed)\n\(pair.a.ruleset.text)\(pair.b.ruleset.text)"
        }

        /// One packet of each class that the diagrams tell apart, with what interpreter and diagrams say of it.
        private func judgedPackets(
            _ pair: RulesetPair, _ family: AddressFamily, _ packets: [LabPacket], seed: UInt64
        ) throws -> [JudgedPacket] {
            let scopes = try #require(pair.scopes, "\(context(pair, seed))")
            let classifiers = try ProofOptions.Representation.allCases.map {
                try #require(PacketClassifier(scopes, family: family, representation: $0))
            }
            let interpreters = scopes.map { Interpreter($0) }
            var classes: Set<PacketClassifier.PacketClass> = []
            var judged: [JudgedPacket] = []
            for packet in packets {
                #expect(packet.state.isValid, "\(packet.state)")
                for assumption in Assumption.allCases {
                    #expect(assumption.holds(for: packet.state), "\(packet.state)")
                }
                let said = classifiers.map { $0.classify(packet.state, [.usual, .usual]) }
                let meant = interpreters.map { $0.evaluate(packet.state).verdict }
                for one in said where one.evaluations.map(\.verdict) != meant {
                    Issue.record("\(packet.state): \(one.evaluations), \(meant) meant: \(context(pair, seed))")
                }
                if said.map({ classes.insert($0.class).inserted }).contains(true) {
                    judged.append(JudgedPacket(packet: packet, verdicts: meant))
                }
            }
            prove(scopes, family, pair, judged, seed)
            // Those that are treated differently first: they are what a proof is about.
            let sorted = judged.filter(\.isTreatedDifferently) + judged.filter { !$0.isTreatedDifferently }
            return Array(sorted.prefix(80))
        }

        /// The proof says of all packets what the judges say of these.
        private func prove(
            _ scopes: [Scope], _ family: AddressFamily, _ pair: RulesetPair, _ judged: [JudgedPacket], _ seed: UInt64
        ) {
            let shown = judged.first { $0.verdicts[0] != $0.verdicts[1] }
            for representation in ProofOptions.Representation.allCases {
                let options = ProofOptions(representation: representation)
                switch ProveEquality.run(scopes[0], scopes[1], family: family, options) {
                case .equal:
                    if let shown { Issue.record("equal, but for \(shown.packet.state): \(context(pair, seed))") }
                case .different:
                    if pair.isSurelyEqual { Issue.record("rewritten, yet different: \(context(pair, seed))") }
                case .undecided(let reason): Issue.record("\(reason): \(context(pair, seed))")
                }
            }
        }

        /// The kernel does with each packet what was said.
        private func compare(
            _ judged: [JudgedPacket], _ side: Int, _ loaded: LoadedRuleset, _ backend: Backend, in lab: Lab,
            _ context: String
        ) throws {
            let packets = judged.map(\.packet)
            let expected = judged.map { $0.packet.fate(under: $0.verdicts[side]) }
            var fates = try loaded.fates(of: packets, under: backend, in: lab, timeout: 100)
            if fates != expected {
                // What is late on a busy machine is taken for dropped.
                Tally.shared.addRetry()
                fates = try loaded.fates(of: packets, under: backend, in: lab, timeout: 1500)
            }
            for (index, fate) in fates.enumerated() where fate != expected[index] {
                Tally.shared.addDisagreement()
                Issue.record(
                    """
                    \(packets[index].probe): \(fate) under \(backend), \(expected[index]) expected, side \(side)
                    \(packets[index].state)
                    \(context)
                    """)
            }
        }
    }
}

/// A packet, and what each side does with it.
struct JudgedPacket {
    let packet: LabPacket
    let verdicts: [PacketVerdict]

    /// Whether it tells the sides apart, as far as can be seen from outside.
    var isTreatedDifferently: Bool { packet.fate(under: verdicts[0]) != packet.fate(under: verdicts[1]) }
}

extension LabPacket {
    /// Its state, its way in the connection, and how that is translated.
    fileprivate var kind: String {
        let names: [(ConntrackStateSet, String)] = [
            (.new, "new"), (.established, "established"), (.related, "related"), (.invalid, "invalid"),
            (.untracked, "untracked"),
        ]
        var parts = names.filter { $0.0 == state.state }.map(\.1)
        guard let entry = state.entry else { return parts.joined() }
        if state.state != .new { parts.append(entry.direction == .reply ? "reply" : "original") }
        if entry.status.contains(.dnat) { parts.append("dnat") }
        if entry.status.contains(.snat) { parts.append("snat") }
        return parts.joined(separator: ", ")
    }
}

extension LoadedRuleset {
    fileprivate var interpreter: Interpreter? { ruleset.scopes.first.map { Interpreter($0) } }
}

extension RulesetPair {
    /// The scopes of both sides.
    fileprivate var scopes: [Scope]? {
        guard let one = a.ruleset.scopes.first, let other = b.ruleset.scopes.first else { return nil }
        return [one, other]
    }
}

/// How much was judged.
private final class Tally: Sendable {
    static let shared = Tally()
    private let counts = Mutex((pairs: 0, packets: 0, different: 0, retries: 0, disagreements: 0))

    func add(_ judged: [JudgedPacket], isLong: Bool) {
        counts.withLock { counts in
            counts.pairs += 1
            counts.packets += judged.count
            counts.different += judged.contains(where: \.isTreatedDifferently) ? 1 : 0
            if isLong { print("judged: \(counts)") }
        }
    }

    func addRetry() { counts.withLock { $0.retries += 1 } }
    func addDisagreement() { counts.withLock { $0.disagreements += 1 } }
}
