import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Testing

/// Tables that others wrote: which chains are taken, what is refused by name, and what other translators get wrong.
struct LiftTableTests {
    private func table(
        _ chains: [(String, IPTablesPolicy?, [IPTablesRule])], family: AddressFamily = .ip
    ) -> FilterTable {
        var line = 0
        return FilterTable(
            family: family,
            chains: chains.map { name, policy, rules in
                FilterChain(
                    name, policy: policy,
                    rules: rules.map { rule in
                        line += 1
                        return FilterRule(.rule(rule), line: line)
                    })
            })
    }

    private func rule(_ matches: IPTablesMatch..., target: IPTablesTarget?) -> IPTablesRule {
        IPTablesRule(matches, target: target)
    }

    /// What one rule means, in short, without its name and place.
    private func meaning(_ matches: [IPTablesMatch], family: AddressFamily = .ip) throws -> String {
        let table = table([("FORWARD", .accept, [IPTablesRule(matches, target: .drop)])], family: family)
        let lift = try LiftFromIPTables.liftTable(table, .whole, file: "dump")
        try #require(lift.refusals.isEmpty, "\(lift.refusals)")
        let text = lift.scopes[0].chains[0].rules[0].text
        return text.split(separator: "] ", maxSplits: 1)[1].split(separator: " -> drop")[0].description
    }

    // MARK: - Chains

    @Test func aWholeTableIsAScopeForEachBuiltInChain() throws {
        let table = table([
            ("INPUT", .drop, [rule(target: .jump("both"))]), ("FORWARD", .accept, [rule(target: .goto("both"))]),
            ("OUTPUT", nil, []), ("both", nil, [rule(.limit(count: 1, unit: .second, burst: 5), target: .return)]),
            ("unused", nil, [rule(target: .module("nonsense", options: []))]),
        ])
        let lift = try LiftFromIPTables.liftTable(table, .whole, file: "dump")
        #expect(lift.refusals.isEmpty)
        #expect(lift.scopes.map(\.hook) == [.input, .forward, .output])
        #expect(lift.scopes.map(\.policy) == [.drop, .accept, .accept])
        #expect(lift.scopes.map { $0.chains.map(\.name) } == [["INPUT", "both"], ["FORWARD", "both"], ["OUTPUT"]])
        #expect(lift.scopes[0].chains[1] == lift.scopes[1].chains[1])
        #expect(lift.notes.map(\.id) == ["chains-left-out", "policy-unsaid", "shared-guard"])
        #expect(lift.notes[2].location == SourceLocation(file: "dump", line: 3))
    }

    @Test func oneChainIsWhatItLeadsTo() throws {
        let table = table([
            ("FORWARD", .drop, [rule(target: .jump("DOCKER-USER"))]), ("DOCKER-USER", nil, [rule(target: .return)]),
        ])
        let lift = try LiftFromIPTables.liftTable(table, .dockerUser, file: "dump")
        #expect(lift.scopes.map(\.hook) == [.containers] && lift.scopes[0].policy == .leave)
        #expect(lift.scopes[0].chains.map(\.name) == ["DOCKER-USER"])
        let forward = try LiftFromIPTables.liftTable(table, .named("FORWARD"), file: "dump")
        #expect(forward.scopes[0].policy == .drop && forward.scopes[0].chains.count == 2)
        let error = #expect(throws: DiagnosticError.self) {
            try LiftFromIPTables.liftTable(table, .named("NOPE"), file: "dump")
        }
        #expect(error?.diagnostics.map(\.id) == ["chain-missing"])
    }

    @Test func whatIsNotKnownIsRefusedAtItsLine() throws {
        var table = table([
            (
                "INPUT", .drop,
                [rule(target: .jump("loop")), rule(target: .jump("gone")), rule(target: .jump("OUTPUT"))]
            ),
            ("OUTPUT", .drop, [rule(target: .jump("mac"))]), ("loop", nil, [rule(target: .goto("loop"))]),
            ("mac", nil, [rule(.sourceMAC(Negatable(1)), target: .drop)]),
        ])
        table.chains[0].rules.append(FilterRule(.refused(text: "-m geoip", reason: "no such match"), line: 9))
        let lift = try LiftFromIPTables.liftTable(table, .whole, file: "dump")
        #expect(lift.scopes.isEmpty)
        #expect(
            Set(lift.refusals.map { "\($0.location) \($0.reason)" }) == [
                "dump:2 the rules of the chain 'gone' are not there",
                "dump:3 'OUTPUT' is a built-in chain, to which no rule can lead", "dump:9 no such match",
                "dump:5 the chain 'loop' leads back to itself",
                "dump:6 OUTPUT leads here, and packets of this host have no '--mac-source': no iptables loads this",
            ])
    }

    @Test func rulesAreCalledByWhatTheySay() throws {
        let own = rule(.comment("sw:abcdefgh some words"), target: .drop)
        let table = table([
            ("FORWARD", .drop, [rule(target: .accept), rule(target: .accept), own, rule(.comment("x"), target: .drop)])
        ])
        let first = try LiftFromIPTables.liftTable(table, .whole, file: "dump").scopes[0].chains[0].rules
        #expect(Set(first.map(\.id)).count == 4 && first.allSatisfy { $0.id.utf8.count == 8 })
        #expect(first[2].id == "abcdefgh" && first.map(\.comment) == [nil, nil, "some words", "x"])
        var moved = table
        moved.chains[0].rules.insert(FilterRule(.rule(rule(target: .return)), line: 70), at: 0)
        let second = try LiftFromIPTables.liftTable(moved, .whole, file: "dump").scopes[0].chains[0].rules
        #expect(second.dropFirst().map(\.id) == first.map(\.id))
    }

    // MARK: - Matches

    @Test func masksWithGapsAreManyRangesOrStay() throws {
        let few = try #require(IPMaskedAddress(.v4(0x0a00_0002), mask: .v4(0xff00_00fe)))
        #expect(try meaning([.source(Negatable(few))]).contains("10.0.0.2/31,10.0.1.2/31,10.0.2.2/31"))
        let many = try #require(IPMaskedAddress(.v4(2), mask: .v4(0x0000_0003)))
        #expect(try meaning([.source(Negatable(many, isNegated: true))]) == "family{ip} · not -s(0.0.0.2/0.0.0.3)")
    }

    @Test func optionsThatNoFieldHoldsStandBesideTheOthers() throws {
        var match = ConntrackMatch()
        match.replySource = Negatable(
            IPMaskedAddress(try #require(IPPrefix(.v4(0x0a00_0000), length: 8))), isNegated: true)
        match.originalDestinationPort = Negatable(PortRange(80, 80))
        #expect(
            try meaning([.conntrack(match)])
                == "family{ip} o.dport{80} · not conntrack(--ctreplsrc 10.0.0.0/8)")
        // Asked for no packet without an entry.
        match.state = Negatable(ConntrackMatch.States(.invalid))
        #expect(try meaning([.conntrack(match)]) == "family{ip} state{invalid}")
        // Some pass by their state alone: the instance stays whole.
        match.state = Negatable(ConntrackMatch.States([.invalid, .new]))
        #expect(try meaning([.conntrack(match)]).hasPrefix("family{ip} · conntrack(--ctstate "))
    }

    @Test func modulesKeepTheirWords() throws {
        let set = IPTablesMatch.module(
            "set", options: [IPTablesOption("--match-set", ["a", "src"], isNegated: true)])
        #expect(try meaning([set]) == "family{ip} · not set(--match-set a src)")
        // `-m esp` fails without its header, behind `!` as well.
        let esp = IPTablesMatch.module("esp", options: [IPTablesOption("--espspi", ["5"], isNegated: true)])
        #expect(try meaning([esp]) == "family{ip} · esp(! --espspi 5)")
        let recent = IPTablesMatch.module(
            "recent", options: [IPTablesOption("--set"), IPTablesOption("--name", ["x"])])
        #expect(
            try meaning([recent, .length(Negatable(0...99))])
                == "family{ip} · recent(--set --name x) · family{ip} length{0-99}")
    }

    @Test func fieldsThatAreNumbers() throws {
        #expect(
            try meaning([.length(Negatable(100...200, isNegated: true))])
                == "family{ip} length{0-99,201-4294967295}")
        #expect(
            try meaning([.hopLimit(HopLimitTest(.greater, 1, isIPv6: false))]) == "family{ip} hop-limit{2-255}")
        #expect(try meaning([.dscp(Negatable(46, isNegated: true))]) == "family{ip} dscp{0-45,47-63}")
        #expect(
            try meaning([.sourceMAC(Negatable(0x0011_2233_4455))]) == "family{ip} source-mac{00:11:22:33:44:55}")
        #expect(
            try meaning([.connectionMark(MaskedTest(mask: 1, value: 1, isNegated: true))])
                == "family{ip} ctmark{0x1!=0x1}")
    }

    // MARK: - What other translators lose

    @Test func multiportOfEitherSideKeepsItsSignAndItsRanges() throws {
        let tcp = IPTablesMatch.proto(Negatable(ProtocolWord(.tcp)))
        func either(_ ports: [PortRange], isNegated: Bool = false) -> IPTablesMatch {
            .multiport(.either, Negatable(ports, isNegated: isNegated))
        }
        #expect(
            try meaning([tcp, either([PortRange(80, 80), PortRange(443, 443)], isNegated: true)])
                == "family{ip} proto{tcp} sport{0-79,81-442,444-65535} dport{0-79,81-442,444-65535}")
        #expect(
            try meaning([tcp, either([PortRange(8000, 8100)])])
                == "family{ip} proto{tcp} sport{8000-8100} | family{ip} proto{tcp} dport{8000-8100}")
    }

    @Test func aModuleWithoutOptionsKeepsItsProtocol() throws {
        #expect(
            try meaning([.proto(Negatable(ProtocolWord(.tcp))), .tcp(TCPMatch())])
                == "family{ip} proto{tcp} dport{0-65535}")
    }

    @Test func virtualStatesKeepTheRealOnesAndTheirSign() throws {
        var match = ConntrackMatch()
        match.state = Negatable(ConntrackMatch.States(.new, translated: .dnat))
        #expect(try meaning([.conntrack(match)]) == "family{ip} state{new} | family{ip} status{0x20!=0x0}")
        match.state = Negatable(ConntrackMatch.States([], translated: .dnat), isNegated: true)
        #expect(try meaning([.conntrack(match)]) == "family{ip} status{0x20=0x0 or absent}")
    }

    @Test func rangesUpsideDownAndInterfacesOfAnyName() throws {
        let tcp = IPTablesMatch.proto(Negatable(ProtocolWord(.tcp)))
        #expect(try meaning([tcp, .tcp(TCPMatch(destination: Negatable(PortRange(60000, 29))))]) == "never")
        #expect(
            try meaning([tcp, .tcp(TCPMatch(destination: Negatable(PortRange(60000, 29), isNegated: true)))])
                == "family{ip} proto{tcp} dport{0-65535}")
        #expect(try meaning([.inInterface(Negatable(.prefix("")))]) == "family{ip}")
        #expect(try meaning([.inInterface(Negatable(.prefix(""), isNegated: true))]) == "never")
    }

    // MARK: - A part that moves

    @Test func aPrefixMovesAndWhatDecidesStays() throws {
        let unknown = rule(.module("nonsense", options: []), target: .drop)
        let table = table([
            (
                "DOCKER-USER", nil,
                [
                    rule(target: .log(LogTarget(prefix: "a", level: 4))),
                    rule(.state(Negatable(.invalid)), target: .drop),
                    rule(.state(Negatable(.established)), target: .return), rule(target: .jump("end")), unknown,
                    rule(target: .drop),
                ]
            ),
            ("end", nil, [rule(target: .log(LogTarget(prefix: "b", level: 4))), rule(target: .drop)]),
        ])
        let part = try LiftFromIPTables.liftMovable(table, chain: "DOCKER-USER", file: "dump")
        #expect(part.scope.chains.map(\.rules.count) == [4, 2] && part.scope.policy == .leave)
        #expect(part.moved.map(\.line) == [1, 2, 4, 7, 8])
        #expect(
            part.staying.map { "\($0.position) \($0.reason)" } == [
                "3 it decides that later rules are not asked",
                "5 whether the match 'nonsense' keeps a state is not known",
                "6 it stands behind a rule that cannot move",
            ])
    }

    @Test func whatMayBeDoneOnceEndsThePart() throws {
        func moved(_ first: IPTablesRule, _ chains: [(String, IPTablesPolicy?, [IPTablesRule])] = []) throws -> Int {
            let all = [("DOCKER-USER", nil as IPTablesPolicy?, [first, rule(target: .drop)])] + chains
            return try LiftFromIPTables.liftMovable(table(all), chain: "DOCKER-USER", file: "dump").moved.count
        }
        let limit = IPTablesMatch.limit(count: 1, unit: .second, burst: 5)
        #expect(try moved(rule(limit, target: .return)) == 0)
        #expect(try moved(rule(limit, target: .drop)) == 2)
        #expect(try moved(rule(target: .setMark(value: 1, mask: 1))) == 0)
        #expect(try moved(rule(.module("recent", options: [IPTablesOption("--set")]), target: .drop)) == 0)
        let logs = [("log", nil as IPTablesPolicy?, [rule(target: .log(LogTarget(prefix: "", level: 4)))])]
        #expect(try moved(rule(target: .jump("log")), logs) == 0)
    }
}
