import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Tables that somebody else wrote mean what the kernel makes of them, and are written again with the same meaning.
struct TableTests {
    private let seed = TestEnvironment.seed
    private static let chains = ["INPUT", "FORWARD", "OUTPUT", "DOCKER-USER"]

    /// A random table, and what the words of conntrack in it mean.
    private struct Drawn {
        var table: FilterTable
        var conntrack: [[String]: ConntrackMatch]
        var random: SeededGenerator

        init(_ seed: UInt64) {
            var generator = RandomTable(
                seed.isMultiple(of: 2) ? .ip : .ip6, random: SeededGenerator(seed: seed))
            table = generator.table()
            random = generator.random
            conntrack = [:]
            for match in generator.conntrack {
                for part in [match] + match.parts { conntrack[part.words] = part }
            }
        }
    }

    @Test func whatIsLiftedIsWhatTheKernelDoes() throws {
        var packets = 0
        try forEachTable(300) { drawn, name in
            let boxes = try Self.chains.flatMap { chain in
                try scopes(drawn, chain).flatMap(\.chains).flatMap(\.rules).flatMap(\.allStages).flatMap(\.condition)
            }
            for chain in Self.chains {
                let scope = try scopes(drawn, chain)
                let kernel = IPTablesOracle(table: drawn.table, chain: chain)
                let lifted = RulesetOracle(scopes: scope, conntrack: drawn.conntrack)
                for _ in 0..<12 where !boxes.isEmpty {
                    let packet = packet(&drawn.random, near: drawn.random.pick(boxes), drawn.table.family, chain)
                    let done = kernel.outcome(of: packet)
                    let meant = lifted.outcome(of: packet)
                    packets += 1
                    if done == meant { continue }
                    Issue.record("\(name), \(chain):\n\(packet)\n\(done)\n\(meant)\n\(text(drawn.table, scope))")
                    return false
                }
            }
            return true
        }
        #expect(packets > 10_000)
    }

    @Test func whatIsLiftedIsWrittenAgainWithTheSameMeaning() throws {
        var written = 0
        var proved = 0
        try forEachTable(200) { drawn, name in
            for selection in [IPTablesSelection.whole, .dockerUser] {
                let lift = try LiftFromIPTables.liftTable(drawn.table, selection, file: "dump")
                try #require(lift.refusals.isEmpty, "\(name): \(lift.refusals)")
                let scopes = lift.scopes
                let meant = Ruleset(name: "Meant", scopes: scopes)
                #expect(meant.validate().isEmpty, "\(name)")
                guard let program = try? LowerToIPTables.lower(meant, family: drawn.table.family) else { continue }
                written += 1
                let again = Ruleset(name: "Again", scopes: try LiftFromIPTables.liftAll(program))
                #expect(again.validate().isEmpty, "\(name)")
                guard let problem = difference(meant, again, &drawn.random, &proved) else { continue }
                Issue.record("\(name):\n\(problem)\n\(meant.text)\n\(again.text)")
                return false
            }
            return true
        }
        #expect(written > 250 && proved > 500)
    }

    @Test func rulesOfAnyKindAreWrittenExactlyOrRefused() throws {
        var written = 0
        var proved = 0
        for round in 0..<800 * TestEnvironment.rounds {
            var rulesets = RandomRulesets(seed: seed &+ UInt64(round))
            var meant = rulesets.ruleset(atMost: 5)
            // Guards before nothing are nobody's business, and a rule may have come apart between two of them.
            for index in meant.scopes[0].chains.indices {
                meant.scopes[0].chains[index].rules.removeAll { rule in
                    rule.verdict == .next && !rule.allGuards.isEmpty && rule.effects.allSatisfy { $0 == .count }
                }
            }
            for family in meant.scopes[0].families.families {
                guard let program = try? LowerToIPTables.lower(meant, family: family) else { continue }
                written += 1
                let name = "SEAWALL_TEST_SEED=\(seed), round \(round)"
                let again = Ruleset(name: "Again", scopes: try LiftFromIPTables.liftAll(program))
                #expect(again.validate().isEmpty, "\(name)")
                var own = meant
                own.scopes[0].families = FamilySet(family)
                if own.scopes[0].hook != .containers { own.scopes[0].acceptWhatLeaves() }
                guard let problem = difference(own, again, &rulesets.random, &proved) else { continue }
                Issue.record("\(name):\n\(problem)\n\(meant.text)\n\(again.text)")
                return
            }
        }
        #expect(written > 240 && proved > 200, "\(written), \(proved)")
    }

    /// Past rules that stay and only stop packets, the order of answers and log lines may change; what passes does not.
    @Test(arguments: [false, true]) func theRestBehindAPartThatMovesIsTheWhole(passesOver: Bool) throws {
        var split = 0
        try forEachTable(200) { drawn, name in
            let chain = drawn.random.pick(["FORWARD", "DOCKER-USER", "INPUT"])
            let whole = try scopes(drawn, chain)
            let all = whole.flatMap(\.chains).flatMap(\.rules)
            guard let bad = all.isEmpty ? nil : drawn.random.pick(all).id else { return true }
            let part = try LiftFromIPTables.liftMovable(
                drawn.table, chain: chain, file: "dump", passesOver: passesOver
            ) {
                $0.id == bad ? "a test says so" : nil
            }
            if !part.scope.chains[0].rules.isEmpty { split += 1 }
            var rest = drawn.table
            for index in rest.chains.indices {
                rest.chains[index].rules.removeAll { rule in part.moved.contains { $0.line == rule.line } }
            }
            let first = RulesetOracle(scopes: [part.scope], conntrack: drawn.conntrack)
            let second = IPTablesOracle(table: rest, chain: chain)
            let kernel = IPTablesOracle(table: drawn.table, chain: chain)
            let boxes = all.flatMap(\.allStages).flatMap(\.condition)
            for _ in 0..<60 where !boxes.isEmpty {
                let packet = packet(&drawn.random, near: drawn.random.pick(boxes), drawn.table.family, chain)
                var done = first.outcome(of: packet)
                if done.verdict == .leave {
                    let behind = second.outcome(of: packet)
                    done = Outcome(events: done.events + behind.events, verdict: behind.verdict)
                }
                let meant = kernel.outcome(of: packet)
                if done == meant || passesOver && done.verdict.passes == meant.verdict.passes { continue }
                Issue.record("\(name), \(chain):\n\(packet)\n\(meant)\n\(done)\n\(part)\n\(text(drawn.table, whole))")
                return false
            }
            return true
        }
        #expect(split > 50)
    }

    // MARK: - Help

    private func forEachTable(_ count: Int, _ body: (inout Drawn, String) throws -> Bool) throws {
        for round in 0..<count * TestEnvironment.rounds {
            var drawn = Drawn(seed &+ UInt64(round))
            guard try body(&drawn, "SEAWALL_TEST_SEED=\(seed), round \(round)") else { return }
        }
    }

    private func scopes(_ drawn: Drawn, _ chain: String) throws -> [Scope] {
        let lift = try LiftFromIPTables.liftTable(drawn.table, .named(chain), file: "dump")
        try #require(lift.refusals.isEmpty, "\(lift.refusals)")
        return lift.scopes
    }

    private func packet(
        _ random: inout SeededGenerator, near box: Box, _ family: AddressFamily, _ chain: String
    ) -> Packet {
        var packet = random.packet(near: box)
        packet.length = UInt16(min(65535, random.pick(box.numbers[.length].flatMap(\.values.ends) ?? [60, 1500])))
        packet.hopLimit = UInt8(min(255, random.pick(box.numbers[.hopLimit].flatMap(\.values.ends) ?? [1, 64])))
        packet.dscp = UInt8(min(63, random.pick(box.numbers[.dscp].flatMap(\.values.ends) ?? [0, 46])))
        packet.sourceMAC = random.pick([nil, 0x0011_2233_4455, 0])
        packet.entry?.mark = random.pick(Vocabulary.marks)
        let addresses = Vocabulary.addresses(family)
        packet.entry?.replySource = random.pick(addresses)
        packet.entry?.replyDestination = random.pick(addresses)
        packet.entry?.replyDestinationPort = random.pick(Vocabulary.ports)
        packet.entry?.expiry = random.pick([0, 7, 50, 1000])
        if chain == "INPUT" { packet.outInterface = "" }
        if chain == "OUTPUT" { packet.inInterface = "" }
        return packet
    }

    /// What is not the same, by the prover and by packets.
    private func difference(
        _ a: Ruleset, _ b: Ruleset, _ random: inout SeededGenerator, _ proved: inout Int
    ) -> String? {
        for proof in ProveEquality.run(a, b, ProofOptions(strictness: .effects, families: a.scopes[0].families)).scopes
        {
            switch proof.answer {
            case .equal(let assumptions) where assumptions.isEmpty: proved += 1
            case .undecided(.askedTwice), .undecided(.changedOnTheWay), .undecided(.budget): break
            default: return "\(proof)"
            }
        }
        for hook in Set(a.scopes.map(\.hook)) {
            let compared = PacketComparison(a, b, hook)?.difference(.effects, packets: 30, random: &random)
            if let compared { return "\(hook): \(compared)" }
        }
        return nil
    }

    private func text(_ table: FilterTable, _ scopes: [Scope]) -> String {
        let lines = table.chains.flatMap { chain in chain.rules.map { "-A \(chain.name) \($0.text)" } }
        return lines.joined(separator: "\n") + "\n" + Ruleset(name: "Lifted", scopes: scopes).text
    }
}

extension Scope {
    /// In a table of iptables there is nothing behind a built-in chain.
    fileprivate mutating func acceptWhatLeaves() {
        if policy == .leave { policy = .accept }
        for chain in chains.indices {
            for rule in chains[chain].rules.indices where chains[chain].rules[rule].verdict == .leave {
                chains[chain].rules[rule].verdict = .accept
            }
        }
    }
}

extension ConntrackMatch {
    /// The words behind `-m conntrack`.
    fileprivate var words: [String] {
        IPTablesRule([.conntrack(self)], target: nil).text.split(separator: " ").dropFirst(2).map(String.init)
    }

    /// The options that no field of the IR may hold, each by itself and without its sign.
    fileprivate var parts: [ConntrackMatch] {
        var parts: [ConntrackMatch] = []
        func add(_ change: (inout ConntrackMatch) -> Void) {
            var part = ConntrackMatch()
            change(&part)
            parts.append(part)
        }
        if let originalSource { add { $0.originalSource = Negatable(originalSource.value) } }
        if let originalDestination { add { $0.originalDestination = Negatable(originalDestination.value) } }
        if let replySource { add { $0.replySource = Negatable(replySource.value) } }
        if let replyDestinationPort { add { $0.replyDestinationPort = Negatable(replyDestinationPort.value) } }
        if let expiry { add { $0.expiry = Negatable(expiry.value) } }
        return parts
    }
}

extension IntervalSet {
    /// The ends of the intervals; `nil` for none.
    fileprivate var ends: [Value]? { isEmpty ? nil : intervals.flatMap { [$0.lowerBound, $0.upperBound] } }
}

extension Outcome.Verdict {
    /// How a packet goes on; `nil` for one that is stopped, with whatever answer.
    fileprivate var passes: Outcome.Verdict? {
        switch self {
        case .drop, .reject: nil
        default: self
        }
    }
}
