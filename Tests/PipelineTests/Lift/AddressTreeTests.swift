import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Long lists of addresses as trees of chains in iptables.
@Suite struct AddressTreeTests {
    private func scope(_ rules: [FirewallRule], hook: Scope.Hook = .containers) -> Scope {
        Scope(
            hook: hook, families: .both, entry: "policy", chains: [Chain(name: "policy", rules: rules)],
            policy: hook == .containers ? .leave : .accept)
    }

    private func rule(
        _ number: Int, _ source: IPAddressSet?, _ verdict: Verdict, _ change: (inout FirewallRule) -> Void = { _ in }
    ) -> FirewallRule {
        var box = Box()
        box.source = source
        var rule = FirewallRule(
            id: "rule000\(number)", origin: SourceLocation(file: "Policy.swift", line: number), condition: [box],
            verdict: verdict)
        change(&rule)
        return rule
    }

    private func list(_ count: Int) -> IPAddressSet {
        let ranges = (0..<UInt32(count)).map { index -> ClosedRange<UInt32> in
            let low: UInt32 = 0x0a00_0000 + index * 3
            return low...(low + index % 2)
        }
        return IPAddressSet(v4: IntervalSet(ranges))
    }

    private func program(_ scope: Scope, _ family: AddressFamily = .ip) throws -> IPTablesProgram {
        try LowerToIPTables.lower(Ruleset(name: "Test", scopes: [scope]), family: family)
    }

    private func prove(
        _ scope: Scope, _ program: IPTablesProgram, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let answer = ProveEquality.run(
            scope, try LiftFromIPTables.liftAll(program)[0], family: program.family,
            ProofOptions(strictness: .effects))
        #expect(answer.isEqual, "\(answer)", sourceLocation: sourceLocation)
    }

    @Test func aLongListIsATree() throws {
        let rules = scope([rule(1, list(2000), .drop), rule(2, nil, .leave)])
        let program = try program(rules)
        #expect(program.entry.count == 17)
        // Sixteen chains of 125 addresses, each of which is two chains.
        #expect(program.chains.count == 16 + 32)
        #expect(program.chains.allSatisfy { $0.rules.count <= 64 })
        let lines = program.document(layout: .dockerUser, header: []).lines.map(\.text)
        #expect(
            lines.contains(
                "-A DOCKER-USER -m iprange --src-range 10.0.0.0-10.0.1.116 -m comment --comment \"sw:rule0001\" -j SEAWALL-rule0001-t1"
            ), "\(lines.filter { $0.hasPrefix("-A DOCKER-USER") })")
        try prove(rules, program)
    }

    @Test func whatIsHandedOnIsWrittenOut() throws {
        // RETURN would come back behind the jump.
        let rules = scope([rule(1, list(200), .leave), rule(2, nil, .drop)])
        let program = try program(rules)
        #expect(program.entry.count == 201 && program.chains.isEmpty)
        try prove(rules, program)
    }

    @Test func inAWholeTableAllVerdictsComeBack() throws {
        let rules = scope([rule(1, list(200), .accept), rule(2, nil, .drop)], hook: .forward)
        let program = try program(rules)
        #expect(program.builtIn[0].rules.count == 5)
        try prove(rules, program)
    }

    @Test func listsBesideOtherFieldsAreTrees() throws {
        for count in [200, 1000] {
            let rules = scope([
                rule(1, list(count), .drop) {
                    $0.condition[0].inInterface = InterfaceSet([.exact("eth0"), .prefix("wg")])
                },
                rule(2, list(count), .drop) {
                    $0.effects = [.log(prefix: "list ", level: .warning)]
                    $0.guards = [.limit(Limit(count: 5, unit: .second))]
                    $0.condition[0].protocols = IntervalSet([6...6, 17...17])
                },
                rule(3, list(count), .reject(.tcpReset)) { $0.condition[0].protocols = IntervalSet(6) },
                rule(4, list(count), .reject(.adminProhibited)) {
                    $0.condition[0].inInterface = InterfaceSet([.exact("eth0"), .exact("lo")], isNegated: true)
                },
            ])
            try prove(rules, try program(rules))
        }
    }

    @Test func whereTheKernelWouldNotFollowListsAreWrittenOut() throws {
        // Each of these takes two chains of thirteen.
        let limited = (1...6).map { number in
            rule(number, nil, .leave) { rule in
                rule.guards = [.limit(Limit(count: 5, unit: .second))]
                rule.condition = [6, 17].map { proto in
                    var box = Box()
                    box.protocols = IntervalSet(UInt8(proto))
                    box.originalDestinationPort = Presence(IntervalSet(UInt16(number)))
                    return box
                }
            }
        }
        let rules = scope(limited + [rule(7, list(3000), .drop), rule(8, nil, .leave)])
        let program = try program(rules)
        #expect(program.chains.contains { $0.rules.count > 3000 })
        try prove(rules, program)
    }

    @Test func randomListsStayWhatTheyAre() throws {
        for round in 0..<UInt64(20 * TestEnvironment.rounds) {
            let seed = TestEnvironment.seed &+ round
            var random = SeededGenerator(seed: seed)
            let rules = (1...4).map { number in
                var addresses = IPAddressSet()
                let family = random.pick(AddressFamily.allCases)
                let ranges = (0..<random.number(100...1500)).map { _ -> IPAddressRange in
                    let low = UInt32(random.number(0...100_000))
                    let high = low + UInt32(random.number(0...40))
                    return family == .ip ? .v4(low...high) : .v6(UInt128(low)...UInt128(high))
                }
                addresses = IPAddressSet(ranges)
                if random.oneIn(4) { addresses = addresses.complement }
                let verdict = random.pick([Verdict.drop, .drop, .leave, .reject(.portUnreachable)])
                return rule(number, nil, verdict) { rule in
                    if random.oneIn(2) {
                        rule.condition[0].source = addresses
                    } else {
                        rule.condition[0].destination = addresses
                    }
                    if random.oneIn(3) {
                        rule.condition[0].inInterface = InterfaceSet([.exact("eth0"), .prefix("wg")])
                    }
                    if random.oneIn(4) { rule.effects = [.log(prefix: "list ", level: .warning)] }
                }
            }
            let scope = scope(rules)
            for family in AddressFamily.allCases { try prove(scope, try program(scope, family)) }
        }
    }

    @Test func aHundredThousandAddressesTakeAFewDozenLines() throws {
        let rules = scope([rule(1, list(100_000), .drop), rule(2, nil, .leave)])
        let program = try program(rules)
        #expect(program.chains.allSatisfy { $0.rules.count <= 64 } && program.entry.count == 17)
        #expect(program.chains.count < 2500)
    }
}
