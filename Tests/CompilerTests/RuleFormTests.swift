import Testing

@testable import Seawall

/// What each form of the language means, in the words of the intermediate representation.
struct RuleFormTests {
    private func inbound(@PolicyBuilder _ body: () -> PolicyContent) throws -> [String] {
        try rules { Inbound(on: "eth0", body) }
    }

    // MARK: - Services

    @Test func servicesSpeakOfWhatWasDialled() throws {
        let rules = try inbound {
            Allow(.tcp(443))
            Allow(.udp(8000...8010))
            Allow(.sctp([80, "https", 8000...8010]))
            Allow(.tcp(.not(22)))
            Allow(.tcp)
            Allow(.tcp(.any))
            Allow(.protocol("gre"))
            Allow(.protocol(50))
            Allow(.icmp)
            Allow(.icmp(.echoRequest))
            Allow(.icmp(.fragmentationNeeded))
            Allow(.icmpv6)
            Allow(.icmpv6(.packetTooBig))
            Allow()
        }
        #expect(
            rules == [
                "iif{eth0} proto{tcp} o.dport{443} -> leave",
                "iif{eth0} proto{udp} o.dport{8000-8010} -> leave",
                "iif{eth0} proto{sctp} o.dport{80,443,8000-8010} -> leave",
                "iif{eth0} proto{tcp} o.dport{0-21,23-65535} -> leave",
                "iif{eth0} proto{tcp} -> leave",
                "iif{eth0} proto{tcp} -> leave",
                "iif{eth0} proto{gre} -> leave",
                "iif{eth0} proto{esp} -> leave",
                "family{ip} iif{eth0} proto{icmp} -> leave",
                "family{ip} iif{eth0} proto{icmp} icmp{8/0-8/255} -> leave",
                "family{ip} iif{eth0} proto{icmp} icmp{3/4} -> leave",
                "family{ip6} iif{eth0} proto{icmpv6} -> leave",
                "family{ip6} iif{eth0} proto{icmpv6} icmp{2/0-2/255} -> leave",
                "iif{eth0} -> leave",
            ])
    }

    @Test func servicesOfOneProtocolAreOnePart() throws {
        #expect(
            try inbound { Allow(.tcp(443), .udp(53), .tcp(80), .udp(.any)) } == [
                "iif{eth0} proto{tcp} o.dport{80,443} | iif{eth0} proto{udp} -> leave"
            ])
    }

    // MARK: - Addresses

    @Test func addressesOfBothFamiliesStandTogether() throws {
        let rules = try inbound {
            Drop(from: "10.0.0.0/8")
            Drop(from: ["10.0.0.1", "2001:db8::/32", ["10.0.0.2"]])
            Drop(from: .not("192.168.0.1"))
            Drop(from: .not(["10.0.0.0/8", "2001:db8::/32"]))
            Drop(from: .range("10.0.0.1", "10.0.0.9").union(.address("10.0.0.10")))
            Drop(to: "203.0.113.7")
            Drop(to: .not("203.0.113.7"))
            Drop(.tcp, containerPort: 80, containerAddress: .network("172.17.0.0/16"))
            Drop(from: ["10.0.0.1", .any])
        }
        #expect(
            rules == [
                "iif{eth0} saddr{10.0.0.0/8} -> drop",
                "iif{eth0} saddr{10.0.0.1-10.0.0.2,2001:db8::/32} -> drop",
                "iif{eth0} saddr{not 192.168.0.1} -> drop",
                "iif{eth0} saddr{not 10.0.0.0/8,2001:db8::/32} -> drop",
                "iif{eth0} saddr{10.0.0.1-10.0.0.10} -> drop",
                "iif{eth0} o.daddr{203.0.113.7} -> drop",
                "iif{eth0} o.daddr{not 203.0.113.7} -> drop",
                "iif{eth0} daddr{172.17.0.0/16} proto{tcp} dport{80} -> drop",
                "iif{eth0} -> drop",
            ])
    }

    // MARK: - Verdicts and what is added to them

    @Test func verdictsBecomeVerdicts() throws {
        let rules = try inbound {
            Accept(.tcp(1))
            Reject(.tcp(2))
            Reject(.tcp(3), with: .tcpReset)
            Log(.tcp(4))
            Log(.tcp(5)).log(prefix: "five ", level: .debug)
            Default(.reject(with: .adminProhibited))
            Default(.allow)
            Default(.accept)
            Default(.reject)
        }
        #expect(
            rules == [
                "iif{eth0} proto{tcp} o.dport{1} -> accept",
                "iif{eth0} proto{tcp} o.dport{2} -> reject port-unreachable",
                "iif{eth0} proto{tcp} o.dport{3} -> reject tcp-reset",
                "iif{eth0} proto{tcp} o.dport{4} · log warn \"seawall: \" -> next",
                "iif{eth0} proto{tcp} o.dport{5} · log debug \"five \" -> next",
                "iif{eth0} -> reject admin-prohibited", "iif{eth0} -> leave", "iif{eth0} -> accept",
                "iif{eth0} -> reject port-unreachable",
            ])
    }

    @Test func aLogLineWithARateIsARuleOfItsOwn() throws {
        let rules = try inbound {
            Drop(.tcp(1)).log(prefix: "one ")
            Drop(.tcp(2)).log(prefix: "two ", limit: .perMinute(10))
            Drop(.tcp(3)).log(prefix: "three ", level: .info, limit: .perHour(7).burst(20)).comment("why")
            Log(.tcp(4)).log(limit: .perDay(1))
        }
        #expect(
            rules == [
                "iif{eth0} proto{tcp} o.dport{1} · log warn \"one \" -> drop",
                "iif{eth0} proto{tcp} o.dport{2} · limit 10/minute burst 5 · log warn \"two \" -> next",
                "iif{eth0} proto{tcp} o.dport{2} -> drop",
                "iif{eth0} proto{tcp} o.dport{3} · limit 7/hour burst 20 · log info \"three \" -> next \"why\"",
                "iif{eth0} proto{tcp} o.dport{3} -> drop \"why\"",
                "iif{eth0} proto{tcp} o.dport{4} · limit 1/day burst 5 · log warn \"seawall: \" -> next",
            ])
    }

    @Test func aRuleWithARateAsksItOnce() throws {
        let lines = try inbound { Allow(.tcp(1), .udp(1)).limit(.perSecond(3)).log(prefix: "x", limit: .perDay(1)) }
        #expect(lines.count == 3)
        #expect(
            lines[0].hasPrefix(
                "iif{eth0} proto{tcp} o.dport{1} | iif{eth0} proto{udp} o.dport{1} · limit 3/second burst 5 -> goto rule-"
            ))
        #expect(lines[1] == "(chain) any · limit 1/day burst 5 · log warn \"x\" -> next")
        #expect(lines[2] == "(chain) any -> leave")
    }

    @Test func anEndIsAnInstant() throws {
        let rules = try inbound {
            Drop(.tcp(1)).until("2027-01-31")
            Drop(.tcp(2)).until("2027-01-31T18:00:00Z")
            Drop(.tcp(3)).until("2028-02-29")
            Drop(.tcp(4)).until("2000-01-01T00:00:00Z")
        }
        #expect(
            rules.map { $0.drop { $0 != "·" } } == [
                "· before 1801440000 -> drop", "· before 1801418400 -> drop", "· before 1835481600 -> drop",
                "· before 946684800 -> drop",
            ])
    }

    // MARK: - Low-level conditions

    @Test func lowLevelConditionsSayWhatNetfilterSays() throws {
        let rules = try rules {
            Rule(.drop) { Match.family(.ip6) }
            Rule(.drop) { Match.not(.family(.ip6)) }
            Rule(.drop) {
                Match.inInterface(["eth0", "br-*"]); Match.not(.outInterface("eth0"))
            }
            Rule(.drop) {
                Match.source("10.0.0.0/8"); Match.not(.source("10.0.0.1"))
            }
            Rule(.drop) { Match.not(.destination("10.0.0.0/8")) }
            Rule(.drop) {
                Match.protocol("tcp", "udp"); Match.sourcePort(1); Match.not(.destinationPort([80, 443]))
            }
            Rule(.drop) { Match.not(.protocol("tcp")) }
            Rule(.drop) { Match.icmpType(.echoRequest, .fragmentationNeeded) }
            Rule(.drop) { Match.not(.icmpv6Type(.echoRequest)) }
            Rule(.drop) { Match.tcpFlags([.syn], outOf: [.syn, .ack]) }
            Rule(.drop) { Match.laterFragment }
            Rule(.drop) { Match.not(Match.laterFragment) }
            Rule(.drop) { Match.mark(1, mask: 0xff) }
            Rule(.drop) { Match.packetType([.broadcast, .multicast]) }
            Rule(.drop) { Match.not(.packetType(.host)) }
            Rule(.drop) {
                Match.sourceType(.local, limitedTo: .in); Match.not(.destinationType([.broadcast]))
            }
        }
        #expect(
            rules == [
                "family{ip6} -> drop", "family{ip} -> drop", "iif{br-*,eth0} oif{not eth0} -> drop",
                "saddr{10.0.0.0,10.0.0.2-10.255.255.255} -> drop", "daddr{not 10.0.0.0/8} -> drop",
                "proto{tcp,udp} sport{1} dport{0-79,81-442,444-65535} -> drop", "proto{hopopt-5,7-255} -> drop",
                "family{ip} proto{icmp} icmp{3/4,8/0-8/255} -> drop",
                "family{ip6} proto{icmpv6} icmp{0/0-127/255,129/0-255/255} -> drop",
                "proto{tcp} flags{0x12=0x2} -> drop",
                "family{ip} fragment{later} -> drop", "family{ip} fragment{first-or-none} -> drop",
                "mark{0xff=0x1} -> drop", "pkttype{broadcast,multicast} -> drop",
                "pkttype{broadcast,multicast,other} -> drop",
                "source-type-on-in{local} destination-type{not broadcast} -> drop",
            ])
    }

    @Test func conditionsOnTheConnectionAskForAnEntry() throws {
        let rules = try rules {
            Rule(.drop) { Match.state([.new, .invalid]) }
            Rule(.drop) { Match.not(.state([.established, .related])) }
            Rule(.drop) {
                Match.direction(.original); Match.state([.new, .invalid])
            }
            Rule(.drop) { Match.not(.direction(.original)) }
            Rule(.drop) { Match.status([.dnat, .snat]) }
            Rule(.drop) { Match.not(.status(.dnat)) }
            Rule(.drop) {
                Match.originalSource("10.0.0.1"); Match.not(.originalDestination("10.0.0.0/8"))
            }
            Rule(.drop) { Match.originalProtocol("udp") }
            Rule(.drop) {
                Match.originalSourcePort(1); Match.not(.originalDestinationPort(80))
            }
        }
        #expect(
            rules == [
                "state{new,invalid} -> drop", "state{new,invalid,untracked} -> drop",
                "state{new} dir{original} -> drop",
                "dir{reply} -> drop", "status{0x30!=0x0} -> drop", "status{0x20=0x0} -> drop",
                "o.saddr{10.0.0.1} o.daddr{not 10.0.0.0/8} -> drop", "o.proto{udp} -> drop",
                "o.sport{1} o.dport{0-79,81-65535} -> drop",
            ])
    }

    @Test func aLowLevelRuleInAScopeJudgesWhatTheScopeJudges() throws {
        #expect(
            try rules { Outbound(via: "eth0", from: "172.18.0.0/16") { Rule(.drop) { Match.source("172.18.0.7") } } }
                == [
                    "oif{eth0} saddr{172.18.0.7} -> drop"
                ])
        #expect(try rules { Rule(.allow) } == ["any -> leave"])
    }

    // MARK: - Warnings

    @Test func acceptWarns() {
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Accept(.tcp(1)); Default(.drop)
                }
            } == [
                """
                warning: 'Accept' overrides Docker's own rules, its isolation of networks too: 'Allow' is what is usually meant [accept-overrides-docker]
                  note: it does not open what Docker 28 and later drop before the forward hook (unpublished ports), and between bridges of Docker 27 and earlier the replies need a rule of their own
                """
            ])
    }

    @Test func aClosedPublishedPortThatStaysReachableDirectlyWarns() {
        let warning = """
            warning: the port that is closed here is the one on the host: a packet that is routed straight to a container's address was dialled at the container's own port, and is not judged by it [direct-path]
              note: 'direct: .drop' of the scope shuts that way; 'direct: .pass' says that it is meant
            """
        #expect(messages { Inbound(on: "eth0") { Drop(.tcp(8080)) } } == [warning])
        #expect(messages { Inbound(on: "eth0") { Group("g") { Reject(.tcp(8080)) } } } == [warning])
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Drop(.tcp(8080)); Default(.drop)
                }
            } == [])
        #expect(messages { Inbound(on: "eth0", direct: .drop) { Drop(.tcp(8080)) } } == [])
        #expect(messages { Inbound(on: "eth0", direct: .pass) { Drop(.tcp(8080)) } } == [])
        #expect(messages { Inbound(on: "eth0") { Allow(.tcp(8080)) } } == [])
    }
}
