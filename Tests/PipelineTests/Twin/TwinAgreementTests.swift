import Compiler
import Diagnostics
import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// A packet to a socket of docker-proxy is treated at input as the same packet would be, were it translated to the container
/// behind the socket and forwarded.
struct TwinAgreementTests {
    private struct Case {
        var ruleset: Ruleset
        var twin: Ruleset
        var listeners: [ProxyListener]
    }

    /// A rule set and its twin; `nil` where a rule asks for what cannot be known at input, or none can match there.
    private func makeCase(_ random: inout SeededGenerator, _ seed: UInt64) throws -> Case? {
        var rulesets = RandomRulesets(seed: seed)
        var ruleset = rulesets.ruleset(atMost: 25)
        ruleset.scopes[0].hook = .containers
        let listeners = random.listeners()
        do {
            let twin = try AddInputTwin.run(ruleset, listeners: listeners)
            #expect(twin.scopes.prefix(1) == ruleset.scopes[...])
            return twin.scopes.count == 2 ? Case(ruleset: ruleset, twin: twin, listeners: listeners) : nil
        } catch {
            #expect(error.diagnostics.allSatisfy { $0.id == "not-at-input" }, "\(error)")
            return nil
        }
    }

    @Test func packetsToSocketsAreTreatedAsTranslatedOnes() throws {
        var (cases, decided, crossing) = (0, 0, 0)
        for round in 0..<UInt64(300 * TestEnvironment.rounds) {
            let seed = TestEnvironment.seed &+ round
            var random = SeededGenerator(seed: seed)
            guard let one = try makeCase(&random, seed) else { continue }
            let outer = try #require(Judge(one.ruleset, .containers))
            let inner = try #require(Judge(one.twin, .proxied))
            let packets = RandomPackets(near: [one.ruleset])
            cases += 1
            for _ in 0..<60 {
                let answers = packets.answers(&random)
                let packet = packets.packet(&random).proxied(to: random.pick(one.listeners), &random)
                let socket = try #require(packet.socket(one.listeners))
                let translated = packet.translated(to: socket.container)
                let meant = outer.treatment(outer.evaluation(of: translated, answers), .effects).atInput(packet.family)
                let seen = inner.treatment(inner.evaluation(of: packet, answers), .effects)
                #expect(seen == meant, "seed \(seed): \(packet) \(socket) \(answers)\n\(one.twin.text)")
                if seen != meant { return }
                if meant.verdict != .leave { decided += 1 }
                if socket.container.address.family != packet.family { crossing += 1 }
            }
        }
        #expect(cases > 100 && decided > 1000 && crossing > 200, "\(cases) \(decided) \(crossing)")
    }

    @Test func allOtherPacketsPass() throws {
        for round in 0..<UInt64(100 * TestEnvironment.rounds) {
            let seed = TestEnvironment.seed &+ round
            var random = SeededGenerator(seed: seed)
            guard let one = try makeCase(&random, seed) else { continue }
            let judge = try #require(Judge(one.twin, .proxied))
            let packets = RandomPackets(near: [one.twin])
            for _ in 0..<60 {
                let answers = packets.answers(&random)
                var packet = packets.packet(&random)
                if random.oneIn(3) {
                    packet = packet.proxied(to: random.pick(one.listeners), &random)
                    packet.inInterface = "lo"
                }
                guard packet.inInterface == "lo" || packet.socket(one.listeners) == nil else { continue }
                let seen = judge.treatment(judge.evaluation(of: packet, answers), .effects)
                #expect(seen.verdict == .leave && seen.events.isEmpty, "seed \(seed): \(packet)")
            }
        }
    }
}

extension PacketState {
    /// The same packet to a socket, translated by nobody.
    fileprivate func proxied(to listener: ProxyListener, _ random: inout SeededGenerator) -> PacketState {
        var packet = self
        if family != listener.family {
            let addresses = Vocabulary.addresses(listener.family)
            packet.family = listener.family
            packet.source = random.pick(addresses)
            packet.entry?.source = random.pick(addresses)
            packet.entry?.destination = random.pick(addresses)
        }
        packet.destination = listener.address ?? random.pick(Vocabulary.addresses(listener.family))
        packet.proto = listener.transport
        packet.destinationPort = listener.port
        packet.sourcePort = sourcePort ?? 40000
        packet.icmp = nil
        packet.tcpFlags = listener.transport == .tcp ? tcpFlags ?? .syn : nil
        packet.isLaterFragment = false
        packet.outInterface = ""
        packet.entry?.status.remove(.dnat)
        for question in packet.addressTypes.keys where question.side == .destination {
            packet.addressTypes[question] = .local
        }
        return packet
    }

    /// The same packet behind the translation.
    fileprivate func translated(to container: ProxyListener.Container) -> PacketState {
        var packet = self
        packet.destination = container.address
        packet.destinationPort = container.port
        packet.outInterface = container.interface
        packet.entry?.status.insert(.dnat)
        for question in packet.addressTypes.keys where question.side == .destination {
            packet.addressTypes[question] = .unicast
        }
        return packet
    }

    fileprivate func socket(_ listeners: [ProxyListener]) -> ProxyListener? {
        guard !isLaterFragment, let port = destinationPort else { return nil }
        return Listeners.socket(of: (family, destination, proto, port), listeners)
    }
}

extension Treatment {
    /// What a verdict about forwarded packets is at input, for a client of a family.
    fileprivate func atInput(_ family: AddressFamily) -> Treatment {
        var own = self
        if own.verdict == .accept { own.verdict = .leave }
        if case .reject(let kind) = own.verdict, !kind.families.contains(FamilySet(family)) {
            own.verdict = .reject(.adminProhibited)
        }
        own.events.removeAll { if case .effect(.module("TCPMSS", _)) = $0 { true } else { false } }
        return own
    }
}
