import Compiler
import Diagnostics
import FirewallIR
import PacketModel
import Testing

@testable import Seawall

/// Whole tables, chains, and what rules of other firewalls need.
struct TableTests {
    private func scopes(@PolicyBuilder _ body: () -> PolicyContent) throws -> [Scope] {
        try CompilePolicy.run(document(body)).ruleset.scopes
    }

    /// The one rule of a policy.
    private func rule(@PolicyBuilder _ body: () -> PolicyContent) throws -> FirewallRule {
        let rules = try scopes(body).flatMap(\.chains).flatMap(\.rules)
        #expect(rules.count == 1)
        return try #require(rules.first)
    }

    // MARK: - Blocks and chains

    @Test func eachBlockIsAScope() throws {
        let scopes = try scopes {
            Containers(families: .ip) {
                Rule(.jump("a")); Chain("a") { Rule(.return) }
            }
            Containers(families: .ip6, policy: .drop) {
                Rule(.goto("a")); Chain("a") { Rule(.next) }
            }
            Input(policy: .drop) { Rule(.accept) }
            Forward(policy: .accept, families: .ip6) {}
            Output(policy: .allow) { Chain("output") {} }
        }
        #expect(scopes.map(\.hook) == [.containers, .containers, .input, .forward, .output])
        #expect(scopes.map(\.families) == [.ip, .ip6, .both, .ip6, .both])
        #expect(scopes.map(\.policy) == [.leave, .drop, .drop, .accept, .leave])
        #expect(scopes[0].chains.map { $0.rules.map(\.verdict) } == [[.jump("a")], [.return]])
        #expect(scopes[1].chains.map { $0.rules.map(\.verdict) } == [[.goto("a")], [.next]])
        #expect(scopes[0].chains.flatMap(\.rules).allSatisfy { $0.condition.map(\.families) == [.ip] })
        #expect(scopes[4].entry != "output" && scopes[4].chains.map(\.name).contains("output"))
    }

    @Test func whatStandsInNoBlockIsForContainers() throws {
        let scopes = try scopes {
            Rule(.drop)
            Input(policy: .drop) {}
        }
        #expect(scopes.map(\.hook) == [.containers, .input])
        #expect(scopes[0].families == .both && scopes[0].chains[0].rules.count == 1)
    }

    @Test func scopesInABlockOfOneFamilyAreOfThatFamily() throws {
        let scopes = try scopes { Containers(families: .ip6) { Inbound(on: "eth0") { Drop(.tcp(80)) } } }
        let boxes = scopes[0].chains.flatMap(\.rules).flatMap(\.condition)
        #expect(boxes.count == 3 && boxes.allSatisfy { $0.families == .ip6 })
    }

    @Test func acceptingIsNoWonderInWholeTables() throws {
        let output = try CompilePolicy.run(
            document {
                Input(policy: .drop) { Rule(.accept) }
                Containers(families: .ip) { Rule(.accept) }
            })
        #expect(output.warnings.map(\.id) == ["accept-overrides-docker"])
    }

    // MARK: - Stages

    @Test func guardsCutARuleIntoStages() throws {
        let rule = try rule {
            Rule(
                .drop, .protocol("tcp"), .module("string", "--string", "x"), .limit(.perSecond(3)),
                .quota(bytes: 9), .destinationPort(22), .statefulModule("recent", "--set"), .mark(1)
            ).limit(.perDay(1)).until("1970-01-01T00:01:00Z")
        }
        let tcp = IntervalSet(IPProtocol.tcp.rawValue)
        #expect(rule.condition.map(\.protocols) == [tcp])
        #expect(rule.opaque == [.before(instant: 60), .module(name: "string", options: ["--string", "x"])])
        #expect(rule.guards == [.limit(Limit(count: 3, unit: .second)), .quota(bytes: 9)])
        #expect(rule.stages.count == 2)
        #expect(rule.stages[0].condition.map { $0.destinationPort?.values } == [IntervalSet(22)])
        #expect(rule.stages[0].guards == [.module(name: "recent", options: ["--set"])])
        #expect(rule.stages[1].condition.map { $0.mark.count } == [1])
        #expect(rule.stages[1].guards == [.limit(Limit(count: 1, unit: .day))])
    }

    @Test func alternativesAreBoxes() throws {
        let rules = try rules {
            Rule(
                .drop, .inInterface("eth0"), .anyOf([.protocol("tcp"), .destinationPort(53)], [.protocol("udp")]),
                .anyOf([.mark(1)], [.mark(2)]))
            Rule(.drop, .anyOf([.never], [.protocol("gre")]))
            Rule(.drop, .never)
        }
        #expect(
            rules == [
                "iif{eth0} proto{tcp} dport{53} mark{0xffffffff=0x1} | iif{eth0} proto{tcp} dport{53} mark{0xffffffff=0x2} | iif{eth0} proto{udp} mark{0xffffffff=0x1} | iif{eth0} proto{udp} mark{0xffffffff=0x2} -> drop",
                "proto{gre} -> drop", "never -> drop",
            ])
    }

    // MARK: - Fields

    @Test func numbersAndPresence() throws {
        let rules = try rules {
            Rule(.drop, .length(100...200), .not(.hopLimit([1, 64])), .dscp(46))
            Rule(.drop, .sourceMAC("00:11:22:aa:bb:cc", "00:00:00:00:00:01-00:00:00:00:00:ff"))
            Rule(.drop, .not(.sourceMAC("00:11:22:AA:BB:CC")).orAbsent)
            Rule(.drop, .not(.destinationPort(22)).orAbsent)
            Rule(.drop, .direction(.reply).orAbsent, .originalDestinationPort(0...65535).orAbsent)
            Rule(.drop, .status(.dnat, outOf: [.snat, .dnat]).orAbsent, .not(.connectionMark(1, mask: 3)).orAbsent)
            Rule(.drop, .tcpFlags(.syn, outOf: [.syn, .ack]).orAbsent)
            Rule(.drop, .icmpMessage([0x800...0x8ff, 0x304]))
        }
        #expect(
            rules == [
                "dscp{46} hop-limit{0,2-63,65-255} length{100-200} -> drop",
                "source-mac{00:00:00:00:00:01-00:00:00:00:00:ff,00:11:22:aa:bb:cc} -> drop",
                "source-mac{00:00:00:00:00:00-00:11:22:aa:bb:cb,00:11:22:aa:bb:cd-ff:ff:ff:ff:ff:ff or absent} -> drop",
                "dport{0-21,23-65535 or absent} -> drop", "dir{reply or absent} o.dport{0-65535 or absent} -> drop",
                "status{0x30=0x20 or absent} ctmark{0x3!=0x1 or absent} -> drop",
                "flags{0x12=0x2 or absent} -> drop", "icmp{3/4,8/0-8/255} -> drop",
            ])
    }

    // MARK: - Effects and verdicts

    @Test func effectsAreDoneInTheOrderWritten() throws {
        let rule = try rule {
            Rule(.queue(from: 1, to: 2, bypass: true)).log(prefix: "a", level: .info, flags: .uid).setMark(1, mask: 3)
                .log(prefix: "b").netlinkLog(group: 7, prefix: "n", size: 9, threshold: 2).counted()
                .target("TCPMSS", "--set-mss", "1400").saveMark(connectionMask: 1).restoreMark(packetMask: 2)
                .setConnectionMark(5)
        }
        #expect(rule.verdict == .queue(QueueTarget(1...2, isBypassed: true)))
        #expect(
            rule.effects == [
                .log(prefix: "a", level: .info, flags: .uid), .setMark(value: 1, mask: 3),
                .log(prefix: "b", level: .warning),
                .netlinkLog(NetlinkLog(group: 7, prefix: "n", size: 9, threshold: 2)), .count,
                .module(name: "TCPMSS", options: ["--set-mss", "1400"]),
                .connectionMark(.save(connectionMask: 1, packetMask: .max)),
                .connectionMark(.restore(connectionMask: .max, packetMask: 2)),
                .connectionMark(.set(value: 5, mask: .max)),
            ])
    }

    @Test func anyOtherRuleHasOneLogLine() throws {
        let rule = try rule { Rule(.drop).log(prefix: "a").log(prefix: "b", limit: nil) }
        #expect(rule.effects.count == 2)
        let rules = try rules { Inbound(on: "eth0") { Drop().log(prefix: "a").log(prefix: "b") } }
        #expect(rules == ["iif{eth0} · log warn \"b\" -> drop"])
    }

    // MARK: - Mistakes

    @Test func mistakesAreNamed() throws {
        let ids = messages {
            Input(policy: .drop) {
                Rule(.jump("nowhere"))
                Chain("a") {}
                Chain("a") {}
                Chain("") {}
                Inbound(on: "eth0") { Drop() }
                Expect(.allowed)
                Rule(.drop, .sourceMAC("00:11"))
                Rule(.drop, .length(200...100))
                Rule(.drop, .dscp(64))
                Rule(.drop, .anyOf([.limit(.perSecond(1))]))
                Rule(.drop, .not(.anyOf([.protocol("tcp")])))
                Rule(.drop, .state(.new).orAbsent)
                Rule(.queue(65536))
                Rule(.next).netlinkLog(group: -1)
            }
            Input(policy: .drop, families: .ip) {}
            Group("g") { Output(policy: .drop) {} }
            Inbound(on: "eth0") {
                Drop()
                Chain("b") {}
            }
        }.map { $0.split(separator: "[").last.map { String($0.dropLast()) } ?? "" }
        #expect(
            Set(ids) == [
                "unknown-chain", "duplicate-chain", "unnamed-chain", "misplaced-scope", "misplaced-expectation",
                "bad-mac", "bad-number", "bad-match", "duplicate-block", "nested-block", "nested-chain",
            ])
        #expect(ids.count { $0 == "bad-number" } == 4 && ids.count { $0 == "bad-match" } == 3)
    }
}
