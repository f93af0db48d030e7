import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Testing

/// What single matches mean, above all where it is not what their words say; that whole policies are read back rightly is
/// for the random tests.
struct LiftFromIPTablesTests {
    // MARK: - Conntrack

    @Test func aStateHidesTheRestOfItsInstanceForPacketsWithoutAnEntry() throws {
        // `! --ctstate ESTABLISHED,RELATED --ctorigdstport 80` matches an invalid packet, whatever its port.
        let match = conntrack {
            $0.state = Negatable(ConntrackMatch.States([.established, .related]), isNegated: true)
            $0.originalDestinationPort = Negatable(PortRange(80, 80))
        }
        #expect(try boxes(match) == ["family{ip} state{new,invalid,untracked} o.dport{80 or absent}"])
    }

    @Test func anInstanceForInvalidPacketsNeverLooksAtThePort() throws {
        let match = conntrack {
            $0.state = Negatable(ConntrackMatch.States(.invalid))
            $0.originalDestinationPort = Negatable(PortRange(80, 80))
            $0.direction = .original
        }
        #expect(try boxes(match) == ["family{ip} state{invalid}"])
    }

    @Test func anInstanceForStatesOfConnectionsAsksForAll() throws {
        let match = conntrack {
            $0.state = Negatable(ConntrackMatch.States([.new, .established]))
            $0.direction = .original
        }
        #expect(try boxes(match) == ["family{ip} state{new,established} dir{original}"])
    }

    @Test func anInstanceWithoutAStateNeedsAnEntry() throws {
        let negated = conntrack { $0.originalDestinationPort = Negatable(PortRange(80, 80), isNegated: true) }
        #expect(try boxes(negated) == ["family{ip} o.dport{0-79,81-65535}"])
        #expect(try boxes(.conntrack(ConntrackMatch())) == ["family{ip} state{new,established,related}"])
    }

    @Test func twoInstancesAreAskedEachByItself() throws {
        let state = conntrack { $0.state = Negatable(ConntrackMatch.States([.new, .invalid])) }
        let port = conntrack { $0.originalDestinationPort = Negatable(PortRange(80, 80)) }
        #expect(try boxes(state, port) == ["family{ip} state{new} o.dport{80}"])
        let beside = conntrack {
            $0.state = Negatable(ConntrackMatch.States(.all))
            $0.direction = .original
        }
        #expect(try boxes(beside, port) == ["family{ip} dir{original} o.dport{80}"])
    }

    @Test func virtualStatesAreAlternatives() throws {
        let match = conntrack { $0.state = Negatable(ConntrackMatch.States(.new, translated: .dnat)) }
        #expect(try boxes(match) == ["family{ip} state{new}", "family{ip} status{0x20!=0x0}"])
        let alone = conntrack { $0.state = Negatable(ConntrackMatch.States([], translated: [.snat, .dnat])) }
        #expect(try boxes(alone) == ["family{ip} status{0x30!=0x0}"])
        let withRest = conntrack {
            $0.state = Negatable(ConntrackMatch.States([.new, .invalid], translated: .dnat))
            $0.direction = .original
        }
        #expect(
            try boxes(withRest) == [
                "family{ip} state{new,invalid} dir{original or absent}", "family{ip} dir{original} status{0x20!=0x0}",
            ])
    }

    @Test func theAbsenceOfAVirtualStateHoldsWithoutAnEntry() throws {
        let match = conntrack { $0.state = Negatable(ConntrackMatch.States([], translated: .dnat), isNegated: true) }
        #expect(try boxes(match) == ["family{ip} status{0x20=0x0 or absent}"])
        let both = conntrack {
            $0.state = Negatable(ConntrackMatch.States(.invalid, translated: .dnat), isNegated: true)
        }
        #expect(try boxes(both) == ["family{ip} state{new,established,related,untracked} status{0x20=0x0 or absent}"])
        let tracked = conntrack { $0.state = Negatable(ConntrackMatch.States(.tracked)) }
        #expect(try boxes(match, tracked) == ["family{ip} state{new,established,related} status{0x20=0x0 or absent}"])
    }

    @Test func statusIsAnyOfItsBitsAndNeverWithoutAnEntry() throws {
        let any = conntrack { $0.status = Negatable([.assured, .confirmed]) }
        #expect(try boxes(any) == ["family{ip} status{0xc!=0x0}"])
        let none = conntrack { $0.status = Negatable([.assured], isNegated: true) }
        #expect(try boxes(none) == ["family{ip} status{0x4=0x0}"])
        // `--ctstatus NONE` never matches.
        let never = conntrack { $0.status = Negatable([]) }
        #expect(try boxes(never) == ["family{ip} status{0x0!=0x0}"])
    }

    @Test func theTupleIsOfAnyProtocol() throws {
        let match = try conntrack {
            $0.originalProtocol = Negatable(.udp, isNegated: true)
            $0.originalSource = Negatable(try prefix("10.0.0.0/8"), isNegated: true)
            $0.originalDestination = Negatable(try prefix("192.0.2.1/32"))
            $0.originalSourcePort = Negatable(PortRange(1, 2))
        }
        #expect(
            try boxes(match) == [
                "family{ip} o.saddr{0.0.0.0-9.255.255.255,11.0.0.0-255.255.255.255} o.daddr{192.0.2.1} o.proto{hopopt-16,18-255} o.sport{1-2}"
            ])
    }

    // MARK: - Headers

    @Test func portsNeedAHeaderInBothPolarities() throws {
        let negated = IPTablesMatch.ports(.udp, source: nil, destination: Negatable(PortRange(53, 53), isNegated: true))
        #expect(
            try boxes(.proto(Negatable(ProtocolWord(.udp))), negated) == ["family{ip} proto{udp} dport{0-52,54-65535}"])
        let none = IPTablesMatch.ports(.tcp, source: nil, destination: nil)
        #expect(try boxes(none) == ["family{ip} proto{tcp} dport{0-65535}"])
        let lists = IPTablesMatch.multiport(
            .source, Negatable([PortRange(80, 80), PortRange(443, 443)], isNegated: true))
        #expect(
            try boxes(.proto(Negatable(ProtocolWord(.tcp))), lists) == [
                "family{ip} proto{tcp} sport{0-79,81-442,444-65535}"
            ])
    }

    @Test func twoTestsOfAPortHoldTogether() throws {
        let wide = IPTablesMatch.ports(.tcp, source: nil, destination: Negatable(PortRange(0, 99)))
        let hole = IPTablesMatch.multiport(.destination, Negatable([PortRange(80, 80)], isNegated: true))
        #expect(try boxes(wide, hole) == ["family{ip} proto{tcp} dport{0-79,81-99}"])
        #expect(try boxes(wide, .proto(Negatable(ProtocolWord(.udp)))).isEmpty)
    }

    @Test func protocolZeroIsAny() throws {
        #expect(try boxes(.proto(Negatable(ProtocolWord(number: 0)))) == ["family{ip}"])
        #expect(try refusal(.proto(Negatable(ProtocolWord(number: 0), isNegated: true))).contains("! -p 0"))
    }

    @Test func laterFragmentsAreOfIPv4() throws {
        #expect(try boxes(.fragment(isNegated: false)) == ["family{ip} fragment{later}"])
        #expect(try boxes(.fragment(isNegated: true)) == ["family{ip} fragment{first-or-none}"])
        #expect(try boxes(.fragment(isNegated: true), .fragment(isNegated: false)).isEmpty)
        #expect(try refusal(.fragment(isNegated: false), family: .ip6).contains("-f"))
    }

    @Test func icmpType255IsAnyTypeOfIPv4() throws {
        func icmp(_ type: UInt8, _ code: UInt8?, isIPv6: Bool = false, isNegated: Bool = false) -> IPTablesMatch {
            .icmp(Negatable(ICMPMessage(isIPv6: isIPv6, type: type, code: code), isNegated: isNegated))
        }
        #expect(try boxes(icmp(8, nil)) == ["family{ip} proto{icmp} icmp{8/0-8/255}"])
        #expect(try boxes(icmp(8, 0, isNegated: true)) == ["family{ip} proto{icmp} icmp{0/0-7/255,8/1-255/255}"])
        #expect(try boxes(icmp(255, nil)) == ["family{ip} proto{icmp} icmp{0/0-255/255}"])
        #expect(try boxes(icmp(255, 3)) == ["family{ip} proto{icmp} icmp{0/0-255/255}"])
        #expect(try boxes(icmp(255, nil, isNegated: true)).isEmpty)
        #expect(
            try boxes(icmp(255, 3, isIPv6: true), family: .ip6) == ["family{ip6} proto{icmpv6} icmp{255/3}"])
        #expect(try refusal(icmp(128, nil, isIPv6: true)).contains("other family"))
    }

    @Test func tcpFlagsAreAMaskedTest() throws {
        let match = IPTablesMatch.tcp(
            TCPMatch(flags: Negatable(TCPMatch.Flags(mask: [.syn, .ack], set: .syn), isNegated: true)))
        #expect(try boxes(match) == ["family{ip} proto{tcp} flags{0x12!=0x2}"])
    }

    // MARK: - The rest

    @Test func addressesAreOfTheFamily() throws {
        #expect(try boxes(.source(Negatable(try prefix("0.0.0.0/0")))) == ["family{ip} saddr{0.0.0.0/0}"])
        #expect(try boxes(.source(Negatable(try prefix("0.0.0.0/0"), isNegated: true))).isEmpty)
        let range = IPAddressRange.v4(1...2)
        #expect(
            try boxes(
                .destination(Negatable(try prefix("0.0.0.0/30"))),
                .addressRange(source: nil, destination: Negatable(range)))
                == ["family{ip} daddr{0.0.0.1-0.0.0.2}"])
        #expect(try refusal(.source(Negatable(try prefix("2001:db8::/32")))).contains("2001:db8::/32"))
    }

    @Test func interfacesAreNarrowed() throws {
        #expect(
            try boxes(
                .inInterface(Negatable(.prefix("br-"))), .outInterface(Negatable(.exact("eth0"), isNegated: true)))
                == ["family{ip} iif{br-*} oif{not eth0}"])
        let exception = IPTablesMatch.inInterface(Negatable(.exact("br-a"), isNegated: true))
        #expect(try refusal(.inInterface(Negatable(.prefix("br-"))), exception).contains("wildcard"))
    }

    @Test func packetTypesAndMarks() throws {
        #expect(
            try boxes(.packetType(Negatable(.multicast, isNegated: true))) == [
                "family{ip} pkttype{host,broadcast,other}"
            ])
        #expect(try refusal(.packetType(Negatable([.host, .multicast]))).contains("pkttype"))
        #expect(
            try boxes(.mark(MaskedTest(mask: 0xff, value: 1, isNegated: true))) == ["family{ip} mark{0xff!=0x1}"])
    }

    @Test func addressTypesAreOtherInIPv6() throws {
        func types(_ types: AddressTypeSet, isNegated: Bool = false) -> IPTablesMatch {
            var match = AddressTypeMatch()
            match.destination = Negatable(types, isNegated: isNegated)
            match.limitedTo = .in
            return .addressType(match)
        }
        #expect(
            try boxes(types([.local, .broadcast])) == ["family{ip} destination-type-on-in{local,broadcast}"])
        #expect(
            try boxes(types(.local, isNegated: true), family: .ip6) == ["family{ip6} destination-type-on-in{not local}"]
        )
        // A class of addresses, whatever their route.
        #expect(
            try boxes(types(.unicast), family: .ip6) == [
                "family{ip6} destination-type-on-in{unicast,local,anycast,blackhole,unreachable,prohibit}"
            ])
        // They have to hold together.
        #expect(
            try boxes(types([.unicast, .local]), family: .ip6) == ["family{ip6} destination-type-on-in{local}"])
        #expect(try refusal(types(.blackhole), family: .ip6).contains("BLACKHOLE"))
    }

    @Test func aDateIsTheFirstSecondThatDoesNotMatch() throws {
        let rule = try lifted([.timeUntil(lastSecond: 99)]).chains[0].rules[0]
        #expect(rule.opaque == [.before(instant: 100)])
    }

    @Test func whatStandsBehindALimitIsAskedAfterIt() throws {
        let limit = IPTablesMatch.limit(count: 10, unit: .minute, burst: 5)
        let rule = try lifted([limit, .mark(MaskedTest(mask: 1, value: 1)), .quota(bytes: 9)]).chains[0].rules[0]
        #expect(
            rule.text.hasPrefix(
                "[DOCKER-USER:1] family{ip} · limit 10/minute burst 5 · family{ip} mark{0x1=0x1} · quota 9 bytes -> drop"
            ))
        // iptables itself asks the fields of the packet before all modules, wherever they stand.
        let early = try lifted([limit, .source(Negatable(try prefix("10.0.0.0/8"))), .quota(bytes: 9)]).chains[0].rules[
            0]
        #expect(
            early.text.hasPrefix("[DOCKER-USER:1] family{ip} saddr{10.0.0.0/8} · limit 10/minute burst 5 · quota 9"))
    }

    // MARK: - Targets, chains and names

    @Test func targetsAreVerdictsAndEffects() throws {
        let targets: [IPTablesTarget] = [
            .accept, .drop, .return, .reject(with: "icmp-net-unreachable"), .log(LogTarget(prefix: "a ", level: 4)),
            .setMark(value: 1, mask: 3), .jump("SEAWALL-b"), .goto("SEAWALL-b"),
        ]
        let program = IPTablesProgram(
            family: .ip, entry: targets.map { IPTablesRule(target: $0) } + [IPTablesRule(target: nil)],
            chains: [IPTablesChain(name: "SEAWALL-b", rules: [])])
        let rules = try LiftFromIPTables.lift(program).chains[0].rules
        #expect(
            rules.map(\.verdict) == [
                .accept, .drop, .return, .reject(.noRoute), .next, .next, .jump("SEAWALL-b"), .goto("SEAWALL-b"), .next,
            ])
        #expect(
            rules.flatMap(\.effects) == [.log(prefix: "a ", level: .warning), .setMark(value: 1, mask: 3), .count])
    }

    @Test func anAnswerIsOfItsFamily() throws {
        #expect(throws: DiagnosticError.self) { try lifted([], .reject(with: "icmp6-no-route")) }
        #expect(throws: DiagnosticError.self) { try lifted([], .reject(with: "tcp-reset")) }
        #expect(
            try lifted([.proto(Negatable(ProtocolWord(.tcp)))], .reject(with: "tcp-reset")).chains[0].rules[0].verdict
                == .reject(.tcpReset))
    }

    @Test func whatIsNotThereIsRefused() throws {
        #expect(throws: DiagnosticError.self) { try lifted([], .jump("DOCKER-ISOLATION")) }
        #expect(throws: DiagnosticError.self) { try lifted([], .jump("INPUT")) }
        #expect(throws: DiagnosticError.self) { try lifted([], .module("TARPIT", options: [])) }
        #expect(throws: DiagnosticError.self) { try lifted([.module("nonsense", options: [])]) }
    }

    @Test func namesComeFromComments() throws {
        let texts = ["sw:abc some words", "sw:abc", "others", "sw:abc.2", "sw:", "sw:abc  two"]
        let program = IPTablesProgram(
            family: .ip6,
            entry: texts.map { IPTablesRule([.comment($0)], target: .drop) } + [IPTablesRule(target: .drop)],
            chains: [])
        let origins = ["abc": SourceLocation(file: "Policy.swift", line: 7)]
        let scope = try LiftFromIPTables.lift(program, origins: origins)
        let rules = scope.chains[0].rules
        #expect(
            rules.map(\.id) == ["abc", "abc.2", "DOCKER-USER:3", "abc.2.2", "DOCKER-USER:5", "abc.3", "DOCKER-USER:7"])
        #expect(rules.map(\.comment) == ["some words", nil, "others", nil, "sw:", " two", nil])
        #expect(rules[1].origin == SourceLocation(file: "Policy.swift", line: 7))
        #expect(rules[2].origin == SourceLocation(file: "DOCKER-USER", line: 3))
        #expect(scope.families == .ip6 && scope.entry == "DOCKER-USER" && scope.hook == .containers)
    }

    @Test func allThatIsRefusedIsNamed() throws {
        let bad = IPTablesRule([.packetType(Negatable([])), .comment("sw:x")], target: .drop)
        let program = IPTablesProgram(family: .ip, entry: [bad, IPTablesRule(target: .drop), bad], chains: [])
        let error = #expect(throws: DiagnosticError.self) { try LiftFromIPTables.lift(program) }
        #expect(error?.outcome == .refused)
        #expect(error?.diagnostics.map(\.id) == ["not-liftable", "not-liftable"])
        #expect(error?.diagnostics.map(\.location?.line) == [1, 3])
    }

    // MARK: - Help

    private func conntrack(_ change: (inout ConntrackMatch) throws -> Void) rethrows -> IPTablesMatch {
        var match = ConntrackMatch()
        try change(&match)
        return .conntrack(match)
    }

    private func prefix(_ text: String) throws -> IPMaskedAddress {
        let range = try IPAddressRange(text: text)
        return IPMaskedAddress(try #require(range.prefix))
    }

    private func lifted(
        _ matches: [IPTablesMatch], _ target: IPTablesTarget = .drop, family: AddressFamily = .ip
    ) throws -> Scope {
        let rule = IPTablesRule(matches, target: target)
        return try LiftFromIPTables.lift(IPTablesProgram(family: family, entry: [rule], chains: []))
    }

    private func boxes(_ matches: IPTablesMatch..., family: AddressFamily = .ip) throws -> [String] {
        try lifted(matches, family: family).chains[0].rules[0].condition.map(\.text)
    }

    private func refusal(_ matches: IPTablesMatch..., family: AddressFamily = .ip) throws -> String {
        let error = #expect(throws: DiagnosticError.self) { try lifted(matches, family: family) }
        return error?.diagnostics.map(\.text).joined(separator: "\n") ?? ""
    }
}
