import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Testing

/// The shapes in which rules come out; that they mean what they should is for the random tests.
struct LowerToIPTablesTests {
    private func rule(
        _ verdict: Verdict, _ boxes: [Box], _ change: (inout FirewallRule) -> Void = { _ in }
    ) -> FirewallRule {
        var rule = FirewallRule(
            id: "r", origin: SourceLocation(file: "Policy.swift", line: 3), condition: boxes, verdict: verdict)
        change(&rule)
        return rule
    }

    private func rule(_ boxes: [Box], _ change: (inout FirewallRule) -> Void = { _ in }) -> FirewallRule {
        rule(.drop, boxes, change)
    }

    private func ruleset(_ rules: [FirewallRule]) -> Ruleset {
        Ruleset(
            name: "Test",
            scopes: [Scope(hook: .containers, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)])])
    }

    private func lines(_ rules: FirewallRule..., family: AddressFamily = .ip) throws -> [String] {
        let document = try LowerToIPTables.lower(ruleset(rules), family: family).document(
            layout: .dockerUser, header: [])
        return document.lines.dropFirst().map { $0.text.replacing(" -m comment --comment \"sw:r\"", with: "") }
    }

    private func refusal(_ rule: FirewallRule, family: AddressFamily = .ip) -> String? {
        do {
            _ = try LowerToIPTables.lower(ruleset([rule]), family: family)
            return nil
        } catch {
            return error.diagnostics.map(\.text).joined(separator: "\n")
        }
    }

    private func box(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        change(&box)
        return box
    }

    private func addresses(_ texts: String...) -> IPAddressSet {
        IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
    }

    // MARK: - Fields

    @Test func bitsOfAMarkOutsideOfItsMaskAreTurnedOver() throws {
        // `mark = (mark & ~mask) ^ value`, in the IR as in the kernel.
        let marking = rule(.next, [Box()]) { $0.effects = [.setMark(value: 6, mask: 3)] }
        #expect(try lines(marking).last == "-A DOCKER-USER -j MARK --set-xmark 0x6/0x3")
    }

    @Test func addressesAreNetworksOrRanges() throws {
        let set = addresses("10.0.0.0/8", "192.0.2.1-192.0.2.9", "2001:db8::/32")
        #expect(
            try lines(rule([box { $0.source = set }])) == [
                "-A DOCKER-USER -s 10.0.0.0/8 -j DROP",
                "-A DOCKER-USER -m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP",
            ])
        #expect(try lines(rule([box { $0.source = set }]), family: .ip6) == ["-A DOCKER-USER -s 2001:db8::/32 -j DROP"])
        #expect(
            try lines(rule([box { $0.source = addresses("192.0.2.1").complement }])) == [
                "-A DOCKER-USER ! -s 192.0.2.1/32 -j DROP"
            ])
        #expect(
            try lines(rule([box { $0.source = addresses("192.0.2.1").complement }]), family: .ip6) == [
                "-A DOCKER-USER -j DROP"
            ])
        // conntrack knows networks alone.
        #expect(
            try lines(rule([box { $0.originalDestination = Presence(addresses("192.0.2.1-192.0.2.3")) }])) == [
                "-A DOCKER-USER -m conntrack --ctorigdst 192.0.2.1 -j DROP",
                "-A DOCKER-USER -m conntrack --ctorigdst 192.0.2.2/31 -j DROP",
            ])
    }

    @Test func portsAreListedInFifteens() throws {
        func ports(_ numbers: [UInt16]) throws -> [String] {
            try lines(
                rule([
                    box {
                        $0.protocols = IntervalSet(6)
                        $0.destinationPort = Presence(IntervalSet(numbers.map { $0...$0 }))
                    }
                ]))
        }
        #expect(try ports([80]) == ["-A DOCKER-USER -p tcp -m tcp --dport 80 -j DROP"])
        #expect(try ports([80, 443]) == ["-A DOCKER-USER -p tcp -m multiport --dports 80,443 -j DROP"])
        let many = try ports((0..<16).map { 2 * $0 + 1 })
        #expect(
            many.count == 2 && many[1] == "-A DOCKER-USER -p tcp -m tcp --dport 31 -j DROP"
                || many[1].hasSuffix("--dports 31 -j DROP"))
        #expect(
            try lines(
                rule([
                    box {
                        $0.protocols = IntervalSet([6...6, 17...17])
                        $0.sourcePort = Presence(IntervalSet(53))
                        $0.destinationPort = Presence(IntervalSet(22).complement)
                    }
                ])) == [
                    "-A DOCKER-USER -p tcp -m tcp --sport 53 ! --dport 22 -j DROP",
                    "-A DOCKER-USER -p udp -m udp --sport 53 ! --dport 22 -j DROP",
                ])
    }

    @Test func aStateBesideOtherOptionsHasAMatchOfItsOwn() throws {
        let both = box {
            $0.state = [.new, .established]
            $0.originalDestinationPort = Presence(IntervalSet(80))
        }
        #expect(
            try lines(rule([both])) == [
                "-A DOCKER-USER -m conntrack --ctstate NEW,ESTABLISHED -m conntrack --ctorigdstport 80 -j DROP"
            ])
        // One match for both is the form for packets without an entry.
        let absent = box { $0.direction = Presence(.original, allowsAbsent: true) }
        #expect(
            try lines(rule([absent])) == [
                "-A DOCKER-USER -m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED --ctdir ORIGINAL -j DROP"
            ])
        let entry = box { $0.originalDestinationPort = Presence(.all) }
        #expect(try lines(rule([entry])) == ["-A DOCKER-USER -m conntrack --ctstate NEW,RELATED,ESTABLISHED -j DROP"])
        let notTranslated = box { $0.status = Presence([MaskedTest(mask: ConntrackStatus.dnat.rawValue, value: 0)]) }
        #expect(
            try lines(rule([notTranslated])) == [
                "-A DOCKER-USER -m conntrack ! --ctstate DNAT -m conntrack --ctstate NEW,RELATED,ESTABLISHED -j DROP"
            ])
    }

    @Test func icmpType255IsNeverAskedFor() throws {
        func icmp(_ set: IntervalSet<UInt16>) -> FirewallRule {
            rule([
                box {
                    $0.families = .ip
                    $0.protocols = IntervalSet(1)
                    $0.icmp = Presence(set)
                }
            ])
        }
        let pings = IntervalSet<UInt16>([0x0000...0x00ff, 0x0800...0x08ff])
        #expect(
            try lines(icmp(pings.complement)) == [
                "-A DOCKER-USER -p icmp -m icmp ! --icmp-type 0 -m icmp ! --icmp-type 8 -j DROP"
            ])
        #expect(
            refusal(icmp(IntervalSet([0xff00...0xffff])))
                == "Policy.swift:3: error: cannot be expressed in iptables: iptables cannot ask for ICMP type 255: it takes it for any type [not-in-iptables]"
        )
    }

    @Test func addressTypesOfIPv6AreAskedOneByOne() throws {
        func types(_ types: AddressTypeSet, isNegated: Bool = false) throws -> [String] {
            try lines(
                rule([box { $0.addressTypes = [AddressTypeTest(.destination, types, isNegated: isNegated)] }]),
                family: .ip6)
        }
        #expect(try types(.local) == ["-A DOCKER-USER -m addrtype --dst-type LOCAL -j DROP"])
        #expect(
            try types([.local, .multicast]) == [
                "-A DOCKER-USER -m addrtype --dst-type LOCAL -j DROP",
                "-A DOCKER-USER -m addrtype --dst-type MULTICAST -j DROP",
            ])
        #expect(
            try types([.local, .multicast], isNegated: true) == [
                "-A DOCKER-USER -m addrtype ! --dst-type LOCAL -m addrtype ! --dst-type MULTICAST -j DROP"
            ])
        #expect(
            try types(.unicast) == [
                "-A DOCKER-USER -m addrtype --dst-type UNICAST -m addrtype ! --dst-type LOCAL -m addrtype ! --dst-type ANYCAST -m addrtype ! --dst-type UNREACHABLE -j DROP"
            ])
    }

    // MARK: - Several steps

    @Test func aTCPResetSaysItsProtocolInEveryChain() throws {
        let reset = rule(
            .reject(.tcpReset),
            [
                box {
                    $0.protocols = IntervalSet(6)
                    $0.originalDestinationPort = Presence(IntervalSet([113...113, 1080...1080]))
                }
            ]
        ) { $0.effects = [.log(prefix: "no ", level: .info)] }
        #expect(
            try lines(reset).suffix(2) == [
                "-A SEAWALL-r -j LOG --log-prefix \"no \" --log-level 6",
                "-A SEAWALL-r -p tcp -j REJECT --reject-with tcp-reset",
            ])
    }

    @Test func aRateIsAskedOnceForAllLines() throws {
        let limited = rule(.drop, [box { $0.source = addresses("10.0.0.1", "10.0.0.3") }]) {
            $0.guards = [.limit(Limit(count: 3, unit: .second))]
        }
        #expect(
            try lines(limited) == [
                ":SEAWALL-r - [0:0]", "-A DOCKER-USER -s 10.0.0.1/32 -j SEAWALL-r",
                "-A DOCKER-USER -s 10.0.0.3/32 -j SEAWALL-r",
                "-A SEAWALL-r -m limit --limit 3/sec -j DROP",
            ])
    }

    @Test func largeProductsAreTwoSteps() throws {
        func odd(_ count: UInt32) -> IPAddressSet { IPAddressSet(v4: IntervalSet((0..<count).map { 2 * $0...2 * $0 })) }
        let large = rule(
            .drop,
            [
                box {
                    $0.source = odd(30)
                    $0.destination = odd(40)
                }
            ])
        let found = try lines(large)
        #expect(found.count < 80)
        #expect(found.contains { $0.hasSuffix("-j SEAWALL-r-f0") } && found.contains { $0.hasSuffix("-g SEAWALL-r") })
    }

    @Test func oneHeaderIsOneInstance() throws {
        let syn = box {
            $0.protocols = IntervalSet(6)
            $0.sourcePort = Presence(IntervalSet([1024...65535]))
            $0.destinationPort = Presence(IntervalSet(22))
            $0.tcpFlags = Presence([MaskedTest(mask: 0x17, value: 2)])
        }
        #expect(
            try lines(rule([syn])) == [
                "-A DOCKER-USER -p tcp -m tcp --sport 1024:65535 --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP"
            ])
        let header = box {
            $0.protocols = IntervalSet(6)
            $0.destinationPort = Presence(.all)
        }
        #expect(try lines(rule([header])) == ["-A DOCKER-USER -p tcp -m tcp -j DROP"])
    }

    @Test func stagesAreOneRuleWhereNoFieldIsAskedBehindAGuard() throws {
        var stage = RuleStage(condition: [box { $0.mark = [MaskedTest(mask: 1, value: 1)] }])
        let limited = rule(.drop, [Box()]) {
            $0.guards = [.limit(Limit(count: 3, unit: .second))]
            $0.stages = [stage]
        }
        let found = try lines(limited)
        #expect(found.count == 1 && found[0].hasSuffix("-m mark --mark 0x1/0x1 -j DROP"))
        #expect(found[0].hasPrefix("-A DOCKER-USER -m limit "))
        stage.condition[0].protocols = IntervalSet(6)
        let steps = try lines(
            rule(.drop, [Box()]) {
                $0.guards = [.limit(Limit(count: 3, unit: .second))]
                $0.stages = [stage]
            })
        #expect(steps.contains("-A SEAWALL-r-s-2 -p tcp -m mark --mark 0x1/0x1 -g SEAWALL-r-g-2"))
    }

    @Test func aWholeTableHasItsPoliciesAndSharesItsChains() throws {
        func scope(_ hook: Scope.Hook, _ policy: Verdict) -> Scope {
            let chains = [
                Chain(name: "e", rules: [rule(.jump("DROP"), [Box()])]),
                Chain(name: "DROP", rules: [rule(.leave, [Box()])]),
            ]
            return Scope(hook: hook, families: .both, entry: "e", chains: chains, policy: policy)
        }
        let table = Ruleset(name: "Test", scopes: [scope(.output, .leave), scope(.input, .drop)])
        let document = try LowerToIPTables.lower(table, family: .ip).document(layout: .dockerUser, header: [])
        #expect(document.header.first?.contains("without --noflush") == true)
        #expect(document.header.last?.contains("FORWARD") == true)
        #expect(
            document.lines.map { $0.text.split(separator: " -m comment")[0] } == [
                ":INPUT DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ":DROP-2 - [0:0]", "-A INPUT", "-A OUTPUT", "-A DROP-2",
            ])
        #expect(document.lines.last?.text.hasSuffix("-j ACCEPT") == true)
    }

    @Test func chainsThatHandOnAreGoneToAndComeBack() throws {
        let chains = [
            Chain(name: "a", rules: [rule(.jump("b"), [Box()]), rule(.drop, [Box()])]),
            Chain(name: "b", rules: [rule(.leave, [box { $0.mark = [MaskedTest(mask: 1, value: 1)] }])]),
        ]
        let ruleset = Ruleset(
            name: "Test", scopes: [Scope(hook: .containers, families: .both, entry: "a", chains: chains)])
        let program = try LowerToIPTables.lower(ruleset, family: .ip)
        #expect(program.entry.map(\.target) == [.goto("SEAWALL-b-2"), .goto("SEAWALL-a-r")])
        #expect(
            program.chains.first { $0.name == "SEAWALL-b-2" }?.rules.map(\.target) == [.return, .goto("SEAWALL-a-r")])
        #expect(program.chains.first { $0.name == "SEAWALL-a-r" }?.rules.map(\.target) == [.drop])
    }

    // MARK: - Refusals

    @Test func whatHasNoExactFormIsRefusedByName() {
        let cases: [(String, FirewallRule)] = [
            (
                "iptables cannot test the TCP flags ECE and CWR; nft can",
                rule([
                    box {
                        $0.protocols = IntervalSet(6)
                        $0.tcpFlags = Presence([MaskedTest(mask: 0xff, value: 2)])
                    }
                ])
            ),
            (
                "iptables cannot ask for packets to other hosts ('-m pkttype' knows unicast, broadcast and multicast)",
                rule([box { $0.packetType = .other }])
            ),
            (
                "iptables cannot ask for protocol 0: '-p 0' means any protocol",
                rule([box { $0.protocols = IntervalSet(0) }])
            ),
            (
                "'-m time' knows no date behind 2038-01-19T03:14:07Z",
                rule([Box()]) { $0.opaque = [.before(instant: 1 << 33)] }
            ),
            (
                "a rate of 20000/second is too fast for '-m limit': 10000 a second at most",
                rule([Box()]) {
                    $0.guards = [.limit(Limit(count: 20000, unit: .second))]
                }
            ),
            (
                "a burst of 20000 at 1/second is too much for '-m limit', which holds a day's worth and 10000 at most: write a smaller .burst(…)",
                rule([Box()]) {
                    $0.guards = [.limit(Limit(count: 1, unit: .second, burst: 20000))]
                }
            ),
            (
                "the match 'nonsense' is not known",
                rule([Box()]) { $0.opaque = [.module(name: "nonsense", options: [])] }
            ),
        ]
        for (reason, rule) in cases {
            #expect(
                refusal(rule) == "Policy.swift:3: error: cannot be expressed in iptables: \(reason) [not-in-iptables]")
        }
        let fragment = rule([box { $0.isLaterFragment = true }])
        #expect(refusal(fragment, family: .ip6)?.contains("ip6tables has no match for later fragments") == true)
    }
}
