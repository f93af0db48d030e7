import Compiler
import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import Testing

/// What each pass does, and where it must not: there, doing it all the same would change what becomes of a packet.
struct PassConditionTests {
    // MARK: - Rules

    private func rule(_ number: Int, _ verdict: Verdict, _ change: (inout Box) -> Void) -> FirewallRule {
        FirewallRule(number: number, [Box().with { change(&$0) }], verdict)
    }

    private func from(_ number: Int, _ network: String, _ verdict: Verdict, port: UInt16? = nil) -> FirewallRule {
        rule(number, verdict) { box in
            box.source = network.addresses
            guard let port else { return }
            box.protocols = IntervalSet(6)
            box.originalDestinationPort = Presence(IntervalSet(port))
        }
    }

    private func port(_ number: Int, _ port: UInt16, _ verdict: Verdict) -> FirewallRule {
        rule(number, verdict) { box in
            box.protocols = IntervalSet(6)
            box.originalDestinationPort = Presence(IntervalSet(port))
        }
    }

    private func limited(_ rule: FirewallRule) -> FirewallRule {
        var rule = rule
        rule.guards = [.limit(Limit(count: 10, unit: .minute))]
        return rule
    }

    private func scope(_ rules: [FirewallRule], _ further: [Chain] = []) -> Scope {
        Scope(
            hook: .containers, families: .both, entry: "entry",
            chains: [Chain(name: "entry", rules: rules)] + further)
    }

    private func chain(_ rules: [FirewallRule]) -> Chain { Chain(name: "entry", rules: rules) }

    private func ids(_ chain: Chain) -> [String] { chain.rules.map { String($0.id.suffix(1)) } }

    /// Whether rules in another form decide about some packet otherwise.
    private func differ(_ a: [FirewallRule], _ b: [FirewallRule]) -> Bool {
        let answer = ProveEquality.run(
            Ruleset(name: "A", scopes: [scope(a)]), Ruleset(name: "B", scopes: [scope(b)]),
            ProofOptions(strictness: .effects))
        return answer.scopes.contains { if case .different = $0.answer { true } else { false } }
    }

    // MARK: - Returns

    @Test func aReturnOfTheEntryChainAloneIsThePolicy() {
        let inner = Chain(name: "inner", rules: [from(2, "10.0.0.1", .return)])
        let rules = [port(1, 80, .jump("inner")), from(3, "10.0.0.0/8", .return), from(4, "10.0.0.1", .drop)]
        let resolved = ResolveReturns.run(scope(rules, [inner]))
        #expect(resolved.chains[0].rules.map(\.verdict) == [.jump("inner"), .leave, .drop])
        #expect(resolved.chains[1] == inner)
    }

    // MARK: - Dropping dead rules

    @Test func aRuleInsideAnEarlierOneIsDropped() {
        let rules = [from(1, "10.0.0.0/8", .drop), from(2, "10.1.0.0/16", .leave), from(3, "11.0.0.0/8", .leave)]
        #expect(ids(DropDeadRules.run(chain(rules))) == ["1", "3"])
        #expect(!differ(rules, [rules[0], rules[2]]))
    }

    @Test func aRuleThatMayRefuseShadowsNothing() {
        let rules = [
            limited(from(1, "10.0.0.0/8", .drop)), from(2, "10.1.0.0/16", .leave), from(3, "10.0.0.0/8", .drop),
        ]
        #expect(ids(DropDeadRules.run(chain(rules))) == ["1", "2", "3"])
        #expect(differ(rules, [rules[0], rules[2]]))
    }

    @Test func aRuleThatAnEarlierOneCoversInPartStays() {
        let rules = [from(1, "10.0.0.0/8", .drop, port: 80), from(2, "10.1.0.0/16", .reject(.portUnreachable))]
        #expect(ids(DropDeadRules.run(chain(rules))) == ["1", "2"])
        #expect(differ(rules, [rules[0]]))
    }

    // MARK: - Gathering runs

    @Test func aRulePassesOthersThatHaveNoPacketOfIts() {
        let rules = [
            from(1, "10.0.0.1", .leave, port: 80), port(2, 80, .drop), from(3, "10.0.0.2", .leave, port: 81),
            port(4, 81, .drop),
        ]
        #expect(ids(GatherRuns.run(chain(rules))) == ["1", "3", "2", "4"])
    }

    @Test func aRuleDoesNotPassOneThatSharesAPacket() {
        let rules = [
            from(1, "10.0.0.1", .leave, port: 80), port(2, 80, .drop), from(3, "10.0.0.2", .leave, port: 80),
        ]
        #expect(ids(GatherRuns.run(chain(rules))) == ["1", "2", "3"])
        #expect(differ(rules, [rules[0], rules[2], rules[1]]))
    }

    @Test func aLimitIsPassedOnlyByWhatItDoesNotCount() {
        let limit = limited(port(2, 80, .drop))
        let apart = [from(1, "10.0.0.1", .leave, port: 81), limit, from(3, "10.0.0.2", .leave, port: 81)]
        #expect(ids(GatherRuns.run(chain(apart))) == ["1", "3", "2"])
        let counted = [from(1, "10.0.0.1", .leave, port: 80), limit, from(3, "10.0.0.2", .leave, port: 80)]
        #expect(ids(GatherRuns.run(chain(counted))) == ["1", "2", "3"])
    }

    // MARK: - Merging

    @Test func aRunBecomesOneRuleForAllItsBoxes() {
        let rules = (1...4).map { from($0, "10.0.0.\($0)", .drop) }
        let merged = MergeRuns(FreshNames(scope(rules))).run(chain(rules))
        #expect(merged.rules.count == 1)
        #expect(merged.rules[0].merged.map(\.id) == rules.map(\.id))
        #expect(merged.rules[0].source(ofBox: 2).id == rules[2].id)
        #expect(!differ(rules, merged.rules))
    }

    @Test func whatIsNoValueStaysOutsideOfTheKeys() {
        let flags = [1, 2].map { number in
            rule(number, .drop) { box in
                box.protocols = IntervalSet(6)
                box.tcpFlags = Presence([MaskedTest(mask: UInt8(number), value: UInt8(number))])
            }
        }
        let merged = MergeRuns(FreshNames(scope(flags))).run(chain(flags))
        #expect(merged.rules.count == 2)
    }

    @Test func rulesOfTwoVerdictsAreNotMerged() {
        let rules = [from(1, "10.0.0.1", .drop), from(2, "10.0.0.2", .leave), from(3, "10.0.0.3", .drop)]
        let merged = MergeRuns(FreshNames(scope(rules))).run(chain(rules))
        #expect(merged == chain(rules))
        #expect(
            differ(
                rules,
                rules.map {
                    var rule = $0; rule.verdict = .drop; return rule
                }))
    }

    @Test func aLogIsNotMerged() {
        var rules = [from(1, "10.0.0.1", .drop), from(2, "10.0.0.2", .drop)]
        rules[1].effects = [.log(prefix: "x", level: .warning)]
        #expect(MergeRuns(FreshNames(scope(rules))).run(chain(rules)) == chain(rules))
    }

    @Test func aMergedRuleKeepsItsNameWhenItGrows() {
        let rules = (1...4).map { from($0, "10.0.0.\($0)", .drop) }
        let more = rules + [from(5, "10.0.0.5", .drop)]
        let names = [rules, more].map { MergeRuns(FreshNames(scope($0))).run(chain($0)).rules[0].id }
        #expect(names[0] == names[1])
    }

    // MARK: - Maps

    @Test func disjointKeysComeSideBySide() {
        let rules = [port(1, 80, .drop), from(2, "10.0.0.1", .drop), port(3, 81, .leave)]
        #expect(ids(ArrangeVerdictMaps.run(chain(rules))) == ["1", "2", "3"])
        let apart = [port(1, 80, .drop), port(2, 82, .drop), port(3, 81, .leave)]
        #expect(ids(ArrangeVerdictMaps.run(chain(apart))) == ["1", "2", "3"])
        let behind = [port(1, 80, .drop), from(2, "10.0.0.1", .drop, port: 90), port(3, 81, .leave)]
        #expect(ids(ArrangeVerdictMaps.run(chain(behind))) == ["1", "3", "2"])
    }

    @Test func overlappingKeysKeepTheirOrder() {
        let rules = [port(1, 80, .drop), from(2, "10.0.0.1", .drop, port: 81), port(3, 81, .leave)]
        #expect(ids(ArrangeVerdictMaps.run(chain(rules))) == ["1", "2", "3"])
        #expect(differ(rules, [rules[0], rules[2], rules[1]]))
    }

    // MARK: - Hoisting

    private func at(_ interface: InterfacePattern, _ rule: FirewallRule) -> FirewallRule {
        var rule = rule
        rule.condition[0].inInterface = InterfaceSet([interface])
        return rule
    }

    @Test func anInterfaceIsAskedForOnce() {
        let rules = (1...6).map { at(.exact("eth0"), from($0, "10.0.0.\($0)", $0 % 2 == 0 ? .drop : .leave)) }
        let chains = HoistConditions(FreshNames(scope(rules))).run(chain(rules))
        #expect(chains.map(\.name) == ["entry", "entry-in-eth0"])
        #expect(chains[0].rules.map(\.verdict) == [.goto("entry-in-eth0")])
        #expect(chains[1].rules.allSatisfy { $0.condition[0].inInterface == nil })
    }

    @Test func twoInterfacesHaveTheirOwnChainsWhereRulesDiffer() {
        let rules = (1...6).map { number in
            at(number % 2 == 0 ? .exact("eth0") : .prefix("wg"), from(number, "10.0.0.\(number)", .drop))
        }
        let chains = HoistConditions(FreshNames(scope(rules))).run(chain(rules))
        #expect(chains.map(\.name) == ["entry", "entry-in-eth0", "entry-in-wg"])
        #expect(chains[1].rules.count == 3 && chains[2].rules.count == 3)
    }

    @Test func aNarrowerInterfaceIsStillAskedFor() {
        let wide = (1...5).map { at(.prefix("eth"), from($0, "10.0.0.\($0)", .drop)) }
        let rules = wide + [at(.exact("eth1"), from(6, "10.0.1.0/24", .drop))]
        let chains = HoistConditions(FreshNames(scope(rules))).run(chain(rules))
        #expect(chains[1].rules.last?.condition[0].inInterface == InterfaceSet([.exact("eth1")]))
    }

    @Test func aRunThatReturnsIsNotJumpedTo() {
        let rules = (1...6).map { at(.exact("eth0"), from($0, "10.0.0.\($0)", .return)) }
        let behind = [from(7, "10.0.0.0/8", .drop)]
        #expect(HoistConditions(FreshNames(scope(rules + behind))).run(chain(rules + behind)).count == 1)
        // At the end nothing comes behind it, so it is gone to.
        #expect(HoistConditions(FreshNames(scope(rules))).run(chain(rules)).count == 2)
    }

    @Test func aLimitForTwoInterfacesIsNotDoubled() {
        var rules = (1...5).map { number in
            at(number % 2 == 0 ? .exact("eth0") : .prefix("wg"), from(number, "10.0.0.\(number)", .drop))
        }
        var limit = limited(from(6, "10.0.1.0/24", .drop))
        limit.condition[0].inInterface = InterfaceSet([.exact("eth0"), .prefix("wg")])
        rules.append(limit)
        let chains = HoistConditions(FreshNames(scope(rules))).run(chain(rules))
        #expect(chains.flatMap(\.rules).count { !$0.guards.isEmpty } == 1)
    }

    // MARK: - Splitting

    private var protocols: [FirewallRule] {
        (1...12).map { number in
            rule(number, number % 2 == 0 ? .drop : .leave) { box in
                box.protocols = IntervalSet(number % 3 == 0 ? 17 : 6)
                box.originalDestinationPort = Presence(IntervalSet(UInt16(number)))
            }
        }
    }

    @Test func eachProtocolHasItsOwnRules() {
        let chains = SplitByProtocol(FreshNames(scope(protocols))).run(chain(protocols))
        #expect(chains.map(\.name) == ["entry", "entry-tcp", "entry-udp"])
        #expect(chains[1].rules.count == 8 && chains[2].rules.count == 4)
    }

    @Test func aLimitStaysInOnePlace() {
        var rules = protocols
        rules.append(limited(from(13, "10.0.0.0/8", .drop)))
        let chains = SplitByProtocol(FreshNames(scope(rules))).run(chain(rules))
        #expect(chains.flatMap(\.rules).count { !$0.guards.isEmpty } == 1)
        #expect(chains[0].rules.last?.guards.isEmpty == false)
    }

    @Test func oneFamilyAloneIsNotSplit() {
        var one = scope(protocols)
        one.families = .ip
        one.chains[0].rules = one.chains[0].rules.map { rule in
            var rule = rule
            rule.condition[0].families = .ip
            return rule
        }
        let chains = SplitByProtocol(FreshNames(one)).run(one.chains[0])
        #expect(!chains.contains { $0.name.contains("v4") || $0.name.contains("v6") })
    }

    // MARK: - Sharing

    @Test func equalChainsAreShared() {
        let chains = ["a", "b"].map { Chain(name: $0, rules: [from($0 == "a" ? 3 : 4, "10.0.0.1", .leave)]) }
        let shared = ShareChains.run(scope([port(1, 80, .goto("a")), port(2, 81, .goto("b"))], chains))
        #expect(shared.chains.map(\.name) == ["entry", "a"])
        #expect(shared.chains[0].rules.map(\.verdict) == [.goto("a"), .goto("a")])
        #expect(shared.chains[1].rules[0].sources.count == 2)
    }

    @Test func chainsWithLimitsAreNotShared() {
        let chains = ["a", "b"].map { Chain(name: $0, rules: [limited(from($0 == "a" ? 3 : 4, "10.0.0.1", .leave))]) }
        let both = scope([port(1, 80, .goto("a")), port(2, 81, .goto("b"))], chains)
        #expect(ShareChains.run(both) == both)
    }

    // MARK: - Counting

    @Test func whereRulesCountTheyAreNotMerged() {
        let rules = (1...4).map { from($0, "10.0.0.\($0)", .drop) }
        let ruleset = Ruleset(name: "Counted", scopes: [scope(rules)])
        let counted = OptimizeRuleset.run(ruleset, OptimizeRuleset.Options(countsRules: true))
        #expect(counted.scopes[0].chains[0].rules.map(\.id) == rules.map(\.id))
        #expect(counted.scopes[0].chains[0].rules.allSatisfy { $0.effects == [.count] })
    }
}

extension String {
    /// The addresses of a network or of a host.
    fileprivate var addresses: IPAddressSet {
        let parts = split(separator: "/")
        guard let address = IPAddress(String(parts[0])) else { return .none }
        let length = parts.count == 2 ? Int(parts[1]) ?? 32 : address.family.addressBits
        return IPPrefix(address, length: length).map { IPAddressSet([IPAddressRange($0)]) } ?? .none
    }
}
