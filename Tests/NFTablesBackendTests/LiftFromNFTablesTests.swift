import Diagnostics
import FirewallIR
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// What single statements mean, above all where it is not what their words say; that whole policies are read back rightly
/// is for the random tests.
struct LiftFromNFTablesTests {
    // MARK: - Registers of bits

    @Test func stateIsAnyOfItsFlagsWithIn() throws {
        let state = NFTExpression.ct(.state, original: false)
        #expect(
            try boxes(.match(state, .anyOf, .flags(["established", "related"]))) == ["state{established,related}"])
        #expect(try boxes(.match(state, .equal, .keyword("new"))) == ["state{new}"])
        #expect(
            try boxes(.match(state, .equal, .set([.keyword("new"), .keyword("invalid")]))) == ["state{new,invalid}"])
        #expect(
            try boxes(.match(.and(state, 6), .equal, .number(0))) == ["state{new,invalid,untracked}"])
    }

    @Test func aComparisonOfTheWholeStateIsExact() throws {
        let state = NFTExpression.ct(.state, original: false)
        // No packet is in two states: never equal, always different.
        #expect(try boxes(.match(state, .equal, .flags(["established", "related"]))).isEmpty)
        #expect(
            try boxes(.match(state, .notEqual, .flags(["established", "related"])))
                == ["state{new,established,related,invalid,untracked}"])
    }

    @Test func statusHasSeveralBits() throws {
        let status = NFTExpression.ct(.status, original: false)
        #expect(try boxes(.match(status, .anyOf, .flags(["dnat", "snat"]))) == ["status{0x30!=0x0}"])
        #expect(try boxes(.match(.and(status, 0x20), .equal, .number(0))) == ["status{0x20=0x0}"])
        #expect(try boxes(.match(status, .equal, .keyword("dnat"))) == ["status{0xffffffff=0x20}"])
        #expect(try boxes(.match(status, .notEqual, .keyword("dnat"))) == ["status{0xffffffff!=0x20}"])
        // A set compares the whole register with each of its elements.
        let set = NFTValue.set([.keyword("snat"), .keyword("dnat")])
        #expect(
            try boxes(.match(status, .equal, set)) == ["status{0xffffffff=0x10}", "status{0xffffffff=0x20}"])
        #expect(
            try boxes(.match(status, .notEqual, set)) == ["status{0xffffffff!=0x10&0xffffffff!=0x20}"])
    }

    @Test func tcpFlagsAreComparedUnderAMask() throws {
        let flags = NFTExpression.payload("tcp", "flags")
        #expect(
            try boxes(.match(.and(flags, 0x12), .notEqual, .number(2))) == ["proto{tcp} flags{0x12!=0x2}"])
        #expect(try boxes(.match(flags, .anyOf, .flags(["syn"]))) == ["proto{tcp} flags{0x2!=0x0}"])
        #expect(try boxes(.match(flags, .equal, .keyword("syn"))) == ["proto{tcp} flags{0xff=0x2}"])
    }

    @Test func theMarkIsComparedUnderAMask() throws {
        #expect(
            try boxes(.match(.and(.meta(.mark), 0xff), .notEqual, .number(1))) == ["mark{0xff!=0x1}"])
        #expect(try boxes(.match(.meta(.mark), .equal, .number(1))) == ["mark{0xffffffff=0x1}"])
    }

    // MARK: - Fields that a packet may lack

    @Test func aConnectionIsNeededInBothPolarities() throws {
        let port = NFTExpression.ct(.protoDestination, original: true)
        let tcp = NFTStatement.match(.meta(.l4proto), .equal, .keyword("tcp"))
        #expect(try boxes(tcp, .match(port, .notEqual, .number(80))) == ["proto{tcp} o.dport{0-79,81-65535}"])
        let direction = NFTExpression.ct(.direction, original: false)
        #expect(try boxes(.match(direction, .notEqual, .keyword("reply"))) == ["dir{original}"])
        let address = NFTExpression.ct(.ipSource, original: true)
        #expect(
            try boxes(.match(address, .notEqual, .prefix(try prefix("10.0.0.0/8")))) == [
                "family{ip} o.saddr{0.0.0.0-9.255.255.255,11.0.0.0-255.255.255.255}"
            ])
        #expect(try boxes(.match(.ct(.proto, original: true), .equal, .keyword("udp"))) == ["o.proto{udp}"])
    }

    @Test func anAddressIsOfItsFamilyInBothPolarities() throws {
        #expect(
            try boxes(.match(.payload("ip6", "daddr"), .notEqual, .prefix(try prefix("8000::/1")))) == [
                "family{ip6} daddr{::/1}"
            ])
        #expect(try refusal(.match(.payload("ip", "saddr"), .equal, .number(0))).contains("'0' is no IPv4"))
    }

    @Test func aHeaderIsOfItsProtocol() throws {
        #expect(
            try boxes(.match(.payload("udp", "dport"), .notEqual, .number(53)))
                == ["proto{udp} dport{0-52,54-65535}"])
        let both = NFTStatement.match(.meta(.l4proto), .equal, .set([.keyword("tcp"), .keyword("udp")]))
        let port = NFTStatement.match(.payload("th", "sport"), .equal, .range(1, 2))
        #expect(try boxes(both, port) == ["proto{tcp,udp} sport{1-2}"])
        #expect(try refusal(port).contains("no ports"))
        let other = NFTStatement.match(.meta(.l4proto), .notEqual, .keyword("icmp"))
        #expect(try refusal(other, port).contains("no ports"))
    }

    @Test func icmpIsOfItsFamily() throws {
        let type = NFTStatement.match(.payload("icmp", "type"), .equal, .set([.number(3), .number(8)]))
        #expect(try boxes(type) == ["family{ip} proto{icmp} icmp{3/0-3/255,8/0-8/255}"])
        let code = NFTStatement.match(.payload("icmp", "code"), .notEqual, .number(0))
        #expect(try boxes(type, code) == ["family{ip} proto{icmp} icmp{3/1-3/255,8/1-8/255}"])
        let ip6 = NFTStatement.match(.payload("icmpv6", "type"), .notEqual, .range(0, 127))
        #expect(try boxes(ip6) == ["family{ip6} proto{icmpv6} icmp{128/0-255/255}"])
        // nft adds no family where one was asked for, and would read IPv4 packets that carry protocol 58.
        let ipv4 = NFTStatement.match(.meta(.nfproto), .equal, .keyword("ipv4"))
        #expect(try refusal(ipv4, ip6).contains("other family"))
    }

    @Test func protocolOneIsOfBothFamilies() throws {
        #expect(try boxes(.match(.meta(.l4proto), .equal, .keyword("icmp"))) == ["proto{icmp}"])
        let all = NFTValue.set((Int64(0)...255).map { .number($0) })
        #expect(try boxes(.match(.meta(.l4proto), .equal, all)) == ["any"])
    }

    @Test func laterFragmentsAreOfIPv4() throws {
        let fragment = NFTExpression.and(.payload("ip", "frag-off"), 0x1fff)
        #expect(try boxes(.match(fragment, .notEqual, .number(0))) == ["family{ip} fragment{later}"])
        #expect(try boxes(.match(fragment, .equal, .number(0))) == ["family{ip} fragment{first-or-none}"])
        #expect(try refusal(.match(fragment, .equal, .number(185))).contains("frag-off"))
    }

    // MARK: - The rest

    @Test func setsAreOneSetOfValues() throws {
        let sets = [
            NFTSet(
                name: "addr4-1", kind: .ipv4,
                elements: [.prefix(try prefix("10.0.0.0/9")), .prefix(try prefix("10.128.0.0/9")), .address(.v4(1))]),
            NFTSet(name: "port-1", kind: .port, elements: [.number(80), .range(443, 444)]),
        ]
        let source = NFTStatement.match(.payload("ip", "saddr"), .equal, .named("addr4-1"))
        #expect(try boxes(source, sets: sets) == ["family{ip} saddr{0.0.0.1,10.0.0.0/8}"])
        let others = NFTStatement.match(.payload("ip", "saddr"), .notEqual, .named("addr4-1"))
        #expect(try boxes(source, others, sets: sets).isEmpty)
        let port = NFTStatement.match(.ct(.protoDestination, original: true), .equal, .named("port-1"))
        #expect(try boxes(port, sets: sets) == ["o.dport{80,443-444}"])
        let wrong = NFTStatement.match(.payload("ip6", "saddr"), .equal, .named("addr4-1"))
        #expect(try refusal(wrong, sets: sets).contains("addr4-1"))
        #expect(try refusal(port).contains("port-1"))
    }

    @Test func interfacesAreNamesOrBeginnings() throws {
        let two = NFTValue.set([.interface(.exact("eth0")), .interface(.prefix("br-"))])
        #expect(try boxes(.match(.meta(.iifname), .notEqual, two)) == ["iif{not br-*,eth0}"])
    }

    @Test func typesOfPacketsAndAddresses() throws {
        #expect(
            try boxes(.match(.meta(.pkttype), .notEqual, .keyword("unicast"))) == ["pkttype{broadcast,multicast,other}"]
        )
        let types = NFTExpression.addressType(side: "daddr", interface: "iif")
        #expect(
            try boxes(.match(types, .notEqual, .set([.keyword("local"), .keyword("unreachable")]))) == [
                "destination-type-on-in{not local,unreachable}"
            ])
    }

    @Test func theClockIsAskedForAnInstant() throws {
        let rule = try lifted([.match(.meta(.time), .less, .number(100)), .drop])
        #expect(rule.opaque == [.before(instant: 100)])
        #expect(try refusal(.match(.meta(.time), .notEqual, .number(100))).contains("clock"))
        #expect(try refusal(.match(.meta(.mark), .less, .number(100))).contains("'<'"))
    }

    @Test func statementsAreDoneInTheirOrder() throws {
        let limit = NFTStatement.limit(count: 10, unit: .minute, burst: 5)
        let match = NFTStatement.match(.meta(.mark), .equal, .number(1))
        let rule = try lifted([match, limit, .log(prefix: "a ", level: .warning), .counter, .drop])
        #expect(
            rule.text.hasPrefix(
                "[a:1] mark{0xffffffff=0x1} · limit 10/minute burst 5 · log warn \"a \" · count -> drop"))
        #expect(try refusal(.accept, .counter).contains("behind the verdict"))
    }

    // MARK: - Verdicts

    @Test func anAnswerAsksForWhatItNeeds() throws {
        // nft puts it at the head of the rule: other packets do not use up the limit.
        let limit = NFTStatement.limit(count: 10, unit: .minute, burst: 5)
        let reset = try lifted([limit, .reject(type: "tcp reset", code: nil)])
        #expect(reset.condition.map(\.text) == ["proto{tcp}"] && reset.verdict == .reject(.tcpReset))
        let icmp = try lifted([limit, .reject(type: "icmpv6", code: "addr-unreachable")])
        #expect(icmp.condition.map(\.text) == ["family{ip6}"] && icmp.verdict == .reject(.hostUnreachable))
        let both = try lifted([.reject(type: "icmpx", code: nil)])
        #expect(both.condition.map(\.text) == ["any"] && both.verdict == .reject(.portUnreachable))
        #expect(try refusal(.reject(type: "icmpx", code: "prot-unreachable")).contains("prot-unreachable"))
    }

    @Test func acceptEndsOurChainUnlessTheMarkIsSet() throws {
        let mark = try #require(AcceptMark(value: 0x10000, mask: 0x10000))
        let set = NFTStatement.setMark(value: 0x10000, mask: 0x10000)
        #expect(try lifted([.accept]).verdict == .leave)
        #expect(try lifted([set, .accept]).effects == [.setMark(value: 0x10000, mask: 0x10000)])
        let accepted = try lifted([.counter, set, .accept], acceptMark: mark)
        #expect(accepted.verdict == .accept && accepted.effects == [.count])
        let other = try lifted([.setMark(value: 1, mask: 1), .accept], acceptMark: mark)
        #expect(other.verdict == .leave && other.effects == [.setMark(value: 1, mask: 1)])
    }

    @Test func onlyChainsOfTheTableAreGoneTo() throws {
        #expect(try refusal(.jump("b")).contains("'b'"))
        #expect(try refusal(.goto("a")).contains("'a'"))
    }

    @Test func theHookAndThePrioritySayWhatIsJudged() throws {
        let cases: [(String, Int, String, Scope.Hook, Verdict)] = [
            ("forward", -10, "accept", .containers, .leave), ("forward", -1, "drop", .containers, .drop),
            ("forward", 0, "accept", .forward, .leave), ("input", -10, "drop", .input, .drop),
            ("output", 5, "accept", .output, .leave),
        ]
        for (hook, priority, policy, meaning, end) in cases {
            let place = NFTChain.Hook(hook: hook, priority: priority, policy: policy)
            let table = NFTTable(name: "t", chains: [NFTChain(name: "a", hook: place, rules: [])])
            let scopes = try LiftFromNFTables.lift(table)
            #expect(scopes.map(\.hook) == [meaning] && scopes.map(\.policy) == [end])
        }
    }

    /// Before Docker's as well: what one of them accepts, the next one still judges.
    @Test(arguments: [("forward", -10), ("forward", 0), ("input", 0)])
    func twoBaseChainsForTheSamePacketsAreRefused(_ hook: String, _ priority: Int) {
        let chains = ["a", "b"].enumerated().map { index, name in
            NFTChain(
                name: name, hook: NFTChain.Hook(hook: hook, priority: priority + index * 5, policy: "accept"), rules: []
            )
        }
        let error = #expect(throws: DiagnosticError.self) {
            try LiftFromNFTables.lift(NFTTable(family: .ip, name: "t", chains: chains))
        }
        #expect(error?.diagnostics.first?.message.contains("at the hook '\(hook)', 'a' and 'b'") == true)
    }

    @Test func whatIsNoFilterIsNamed() throws {
        let hooks = [("nat", "prerouting"), ("filter", "postrouting"), ("route", "output")]
        let chains = hooks.enumerated().map { index, hook in
            NFTChain(
                name: "c\(index)", hook: NFTChain.Hook(type: hook.0, hook: hook.1, priority: 0, policy: "accept"),
                rules: [NFTRule([.unknown(NFTUnknown(["masquerade": .null], "no type"))], comment: "")])
        }
        let lift = try LiftFromNFTables.lift([NFTTable(name: "t", chains: chains)])
        #expect(lift.scopes.isEmpty && lift.notes.map(\.id) == ["not-lifted", "not-lifted", "not-lifted"])
    }

    @Test func namesAreThoseOfTheComments() throws {
        let rules = ["sw:abc words", "sw:abc", ""].map { NFTRule([.drop], comment: $0) }
        let origin = SourceLocation(file: "Policy.swift", line: 7)
        let scopes = try LiftFromNFTables.lift(table(rules), origins: ["abc": origin])
        let lifted = scopes[0].chains[0].rules
        #expect(lifted.map(\.id) == ["abc", "abc.2", "a:3"])
        #expect(lifted.map(\.comment) == ["words", nil, nil])
        #expect(lifted.map(\.origin) == [origin, origin, SourceLocation(file: "a", line: 3)])
        #expect(scopes.map(\.entry) == ["a"] && scopes[0].families == .both && scopes[0].hook == .containers)
    }

    // MARK: - Help

    private func prefix(_ text: String) throws -> IPPrefix {
        let range = try IPAddressRange(text: text)
        return try #require(range.prefix)
    }

    private func table(_ rules: [NFTRule], sets: [NFTSet] = []) -> NFTTable {
        let hook = NFTChain.Hook(hook: "forward", priority: -10, policy: "accept")
        return NFTTable(name: "seawall", sets: sets, chains: [NFTChain(name: "a", hook: hook, rules: rules)])
    }

    private func lifted(
        _ statements: [NFTStatement], sets: [NFTSet] = [], acceptMark: AcceptMark? = nil
    ) throws -> FirewallRule {
        let table = table([NFTRule(statements, comment: "")], sets: sets)
        let scopes = try LiftFromNFTables.lift(table, acceptMark: acceptMark)
        return try #require(scopes.first?.chains.first?.rules.first)
    }

    private func boxes(_ statements: NFTStatement..., sets: [NFTSet] = []) throws -> [String] {
        try lifted(statements, sets: sets).condition.map(\.text)
    }

    private func refusal(_ statements: NFTStatement..., sets: [NFTSet] = []) throws -> String {
        let error = #expect(throws: DiagnosticError.self) { try lifted(statements, sets: sets) }
        #expect(error?.diagnostics.map(\.id) == ["not-liftable"])
        return error?.diagnostics.map(\.text).joined(separator: "\n") ?? ""
    }
}
