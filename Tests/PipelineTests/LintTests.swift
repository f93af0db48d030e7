import Compiler
import Diagnostics
import FirewallIR
import PacketModel
import Semantics
import Testing

@testable import Seawall

/// What a check finds in a policy: each finding where its cause is, and nothing where there is none.
@Suite("Lints")
struct LintTests {
    /// The findings as `LINT of RULE because of RULES`; rules by their number in the policy, from 1.
    private func lints(now: Int64 = 0, @PolicyBuilder _ body: () -> PolicyContent) throws -> [String] {
        try report(now: now, body).map { finding, places in
            let causes = finding.because.compactMap { places[$0.id] }.map(String.init).joined(separator: ",")
            return "\(finding.lint.rawValue) \(places[finding.source.id] ?? 0)"
                + (causes.isEmpty ? "" : " by \(causes)")
        }
    }

    private func report(now: Int64, _ body: () -> PolicyContent) throws -> [(LintFinding, [String: Int])] {
        var document = PolicyDocument(policy: "Test", content: body().nodes)
        for index in document.files.indices { document.files[index].contents = "" }
        let output = try CompilePolicy.run(document)
        let report = FindLints.run(output.ruleset, output.sources, now: now)
        #expect(report.undecided.isEmpty)
        let places = Dictionary(uniqueKeysWithValues: output.sources.enumerated().map { ($1.id, $0 + 1) })
        return report.findings.map { ($0, places) }
    }

    @Test func anOrdinaryPolicyHasNone() throws {
        let found = try lints {
            Containers {
                Inbound(on: "eth0") {
                    Drop(from: ["192.0.2.0/25", "2001:db8:bad::/48"])
                    Allow(.tcp(443), .udp(443))
                    Allow(.tcp(8080), from: "192.168.0.1")
                    Drop(.tcp(8080))
                    Allow(.tcp(5432), from: ["198.51.100.0/24", "2001:db8:10::/48"])
                    Reject(.tcp(113), with: .tcpReset)
                    Default(.drop).log(prefix: "seawall: ", limit: .perMinute(10))
                }
                Outbound(via: "eth0", from: "172.18.0.0/16") { Drop(to: "169.254.169.254") }
            }
        }
        #expect(found == [])
    }

    @Test func severalRulesTogetherShadowOne() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Drop(from: "192.0.2.0/25")
                Drop(from: "192.0.2.128/25")
                Allow(.tcp(443), from: "192.0.2.0/24")
                Allow(.tcp(80), from: "192.0.0.0/16")
                Default(.drop)
            }
        }
        #expect(found == ["shadowed 3 by 1,2"])
    }

    @Test func aRuleIsNotShadowedIfOneFamilyIsLeft() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Drop(.tcp(443), from: "0.0.0.0/0")
                Drop(.tcp(443), from: .not("10.0.0.0/8"))
                Allow(.tcp)
                Default(.drop)
            }
        }
        #expect(found == [])
    }

    @Test func aLimitLetsPacketsOnToTheRuleBehindIt() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Allow(.icmp(.echoRequest)).limit(.perSecond(5))
                Reject(.icmp(.echoRequest))
                Log(.udp(123)).limit(.perMinute(1))
                Allow(.udp(123))
                Default(.drop)
            }
        }
        #expect(found == [])
    }

    @Test func aLogLineBehindItsLastPacketIsShadowed() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Allow(.tcp(22))
                Log(.tcp(22))
                Default(.drop)
            }
        }
        #expect(found == ["shadowed 2 by 1"])
    }

    @Test func whatTheNextRuleWouldDoAlikeIsRedundant() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Drop(.udp(53), from: "10.0.0.1")
                Allow(.tcp(443))
                Drop(.udp)
                Default(.drop)
            }
            Inbound(on: "eth1") { Allow(.tcp(443)) }
        }
        #expect(found == ["redundant 1 by 3,4", "redundant 3 by 4", "redundant 5"])
    }

    @Test func aLogLineInBetweenKeepsARule() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Drop(.udp(53), from: "10.0.0.1")
                Log(.udp(53))
                Default(.drop)
            }
        }
        #expect(found == [])
    }

    @Test func rulesOfOneKindThatOverlapContradictEachOther() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Allow(.tcp(8000...8100), from: "10.0.0.0/8")
                Drop(.tcp(8050...8200), from: "10.1.0.0/16")
                Allow(.tcp(9000...9100), from: "10.1.0.0/16")
                Drop(.tcp(9000...9200), from: "10.0.0.0/8")
                Default(.reject)
            }
        }
        #expect(found == ["contradicting-overlap 2 by 1"])
    }

    @Test func aDefaultBehindARuleForEverythingIsNeverReached() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Allow(.tcp)
                Drop()
                Default(.allow)
            }
        }
        #expect(found == ["unreached-default 3 by 1,2"])
    }

    @Test func anAcceptForWhatDockerAcceptsIsNeedless() throws {
        let found = try lints {
            // Between bridges, and for connections that are not Docker's, an answer needs the rule.
            Rule(.accept) {
                Match.inInterface("br-app")
                Match.outInterface("br-db")
                Match.state(.established)
            }
            Rule(.accept) {
                Match.inInterface("wg2")
                Match.status(.dnat)
            }
            Rule(.accept) {
                Match.inInterface("wg3")
                Match.status(.dnat)
                Match.direction(.original)
                Match.state([.new, .established])
            }
            Inbound(on: "eth0", invalid: .drop, untracked: .drop, direct: .drop) { Accept(.tcp(25)) }
        }
        #expect(found == ["needless-accept 3", "needless-accept 4"])
    }

    @Test func aDropOfBothDirectionsCutsReplies() throws {
        let found = try lints {
            Rule(.drop) { Match.source("198.51.100.0/24") }
            Rule(.drop) {
                Match.source("203.0.113.0/24")
                Match.direction(.original)
            }
            Outbound(via: "eth0") { Drop(.tcp(25)) }
        }
        #expect(found == ["cuts-replies 1"])
        let established = try lints { Rule(.drop) { Match.state(.established) } }
        #expect(established == ["cuts-replies 1"])
    }

    @Test func whatAScopeDoesByItselfShadows() throws {
        let content = Inbound(on: "eth0", untracked: .drop) {
            Log(.tcp(22))
            Rule(.drop) { Match.state(.untracked) }
            Allow(.tcp(22))
            Default(.drop)
        }.content
        let finding = try #require(try report(now: 0) { content }.first?.0)
        #expect(finding.lint == .shadowed)
        #expect(finding.because.map(\.origin.line) == [finding.source.origin.line.map { $0 - 2 }])
    }

    @Test func aRulePastItsDayIsExpired() throws {
        let content = Inbound(on: "eth0") {
            Allow(.tcp(22), from: "198.51.100.7").until("2027-01-31")
            Default(.drop)
        }.content
        #expect(try lints(now: 1_801_440_000 - 1) { content } == [])
        #expect(try lints(now: 1_801_440_000) { content } == ["expired 1"])
    }

    @Test func whatIsAcceptedInTheSourceIsNotSaid() throws {
        let found = try lints {
            Inbound(on: "eth0") {
                Allow(.tcp(443))
                Allow(.tcp(443), from: "192.0.2.9").lint(allow: .shadowed)
                Allow(.tcp(443), from: "192.0.2.8").lint(allow: .redundant)
                Default(.drop)
            }
        }
        #expect(found == ["shadowed 3 by 1"])
    }

    @Test func acceptingALintChangesNoIdentifierAndIsKeptByDocuments() throws {
        let plain = PolicyDocument(policy: "Test", content: Inbound(on: "eth0") { Allow(.tcp(443)) }.content.nodes)
        let accepted = PolicyDocument(
            policy: "Test",
            content: Inbound(on: "eth0") { Allow(.tcp(443)).lint(allow: .shadowed, .cutsReplies) }.content.nodes)
        let output = try CompilePolicy.run(accepted)
        #expect(output.sources.map(\.id) == (try CompilePolicy.run(plain)).sources.map(\.id))
        #expect(output.sources.map(\.allowedLints) == [[.shadowed, .cutsReplies]])
        #expect(try PolicyDocument.decode(accepted.json) == accepted)
    }

    @Test func theMessageNamesTheRulesAPacketAndTheWayToAcceptIt() throws {
        let content = Inbound(on: "eth0") {
            Allow(.tcp(443))
            Drop(.tcp(443), from: "192.0.2.9")
        }.content
        let finding = try #require(try report(now: 0) { content }.first?.0)
        let lines = finding.diagnostic.text.split(separator: "\n").map { $0.drop { $0 != " " }.dropFirst() }
        #expect(
            lines == [
                "warning: the rule decides nothing: rules before it decide every packet that it matches [shadowed]",
                "note: this one decides packets of it",
                "note: for example tcp 192.0.2.9:40000 -> 198.51.100.1:443 in eth0 out docker0",
                "note: if it is meant so: '.lint(allow: .shadowed)' behind the rule, or --allow shadowed",
            ])
    }
}
