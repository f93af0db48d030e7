import Compiler
import Diagnostics
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@testable import Seawall

/// What the tools list of rules that the kernel holds is read with the meaning that the rules had, and goes from one engine to
/// the other and back.
///
/// `SEAWALL_LONG_TESTS` tries twenty times as many.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct KernelRoundTripTests {
    private let seed = TestEnvironment.seed
    private let scale = TestEnvironment.rounds * (TestEnvironment.isLong ? 20 : 1)

    // MARK: - From the intermediate representation

    @Test func randomPoliciesComeBack() async throws {
        var rulesets: [Named] = []
        for round in 0..<100 * scale {
            var policy = RandomPolicy(random: SeededGenerator(seed: seed &+ UInt64(round)))
            guard let ruleset = try? CompilePolicy.run(policy.document()).ruleset else { continue }
            rulesets.append(Named("policy \(seed &+ UInt64(round))", ruleset))
        }
        let tally = try await comeBack(rulesets)
        #expect(tally.proved > 100 * scale && tally.assumed + tally.undecided == 0, "\(tally)")
    }

    @Test func randomRulesetsComeBack() async throws {
        let rulesets = (0..<150 * scale).map { round in
            var generator = RandomRulesets(seed: seed &+ UInt64(round))
            return Named("rule set \(seed &+ UInt64(round))", generator.ruleset(atMost: 8).withLoadableRules)
        }
        // Assumptions are needed by a few rules that no packet can meet, and by whole tables.
        let tally = try await comeBack(rulesets, assuming: Set(Assumption.allCases))
        #expect(tally.proved > 100 * scale && tally.proved > 4 * (tally.assumed + tally.undecided), "\(tally)")
    }

    @Test(arguments: TemplateRulesets.names) func templatesComeBack(_ name: String) async throws {
        let tally = try await comeBack([Named(name, try await TemplateRulesets.shared.ruleset(name))])
        #expect(tally.proved == 6 && tally.assumed + tally.undecided == 0, "\(tally)")
    }

    private struct Named {
        let name: String
        let ruleset: Ruleset

        init(_ name: String, _ ruleset: Ruleset) {
            self.name = name
            self.ruleset = ruleset
        }
    }

    /// Sends what each rule set is lowered to through the kernel, and proves what comes back equal.
    private func comeBack(_ rulesets: [Named], assuming allowed: Set<Assumption> = []) async throws -> EqualityTally {
        var trips: [(trip: KernelTrip, meant: Ruleset, families: FamilySet)] = []
        for one in rulesets {
            for family in AddressFamily.allCases {
                guard let program = try? LowerToIPTables.lower(one.ruleset, family: family) else { continue }
                trips.append((KernelTrip(one.name, program), one.ruleset, FamilySet(family)))
            }
            let timeless = one.ruleset.withoutMoments
            if let document = try? LowerToNFTables.lower(timeless, acceptMark: BackendComparison.acceptMark) {
                trips.append((KernelTrip(one.name, document), timeless, .both))
                let sets = try LowerToNFTables.lower(
                    OptimizeRuleset.run(timeless), acceptMark: BackendComparison.acceptMark, optimized: true)
                trips.append((KernelTrip(one.name + ", as sets", sets), timeless, .both))
            }
        }
        var tally = EqualityTally()
        for (sent, listed) in zip(trips, try await KernelTrip.read(trips.map(\.trip))) {
            tally.expectEqual(sent.meant, listed, families: sent.families, assuming: allowed, sent.trip.name)
        }
        return tally
    }

    /// nft lists a moment in the zone of whoever lists it, and does not say which that is.
    @Test func aMomentThatNFTListsIsRefused() async throws {
        var rule = FirewallRule(
            id: "moment", origin: SourceLocation(file: "Policy.swift"), condition: [Box()], verdict: .drop)
        rule.opaque = [.before(instant: 1_800_000_000)]
        let scope = Scope(
            hook: .containers, families: .both, entry: "entry", chains: [Chain(name: "entry", rules: [rule])])
        let document = try LowerToNFTables.lower(Ruleset(name: "Moment", scopes: [scope]))
        let error = await #expect(throws: DiagnosticError.self) {
            try await KernelTrip.read([KernelTrip("moment", document)])
        }
        #expect(
            error?.diagnostics.map(\.message) == [
                "the meaning of a rule of nft is not known: '2027-01-15 08:00:00' is a moment in the zone of whoever listed it, which the listing does not say: write seconds since 1970"
            ])
    }

    // MARK: - From one engine to the other

    @Test func tablesOfIPTablesGoToNFTAndBack() async throws {
        var sent: [Sent] = []
        for round in 0..<40 * scale {
            let own = seed &+ UInt64(round)
            var generator = RandomTable(own.isMultiple(of: 2) ? .ip : .ip6, random: SeededGenerator(seed: own))
            let table = generator.table().withLoadableRules
            for selection in [IPTablesSelection.whole, .dockerUser] {
                sent.append(Sent(name: "table \(own), \(selection)", table: table, selection: selection))
            }
        }
        let tally = try await goAround(sent)
        #expect(tally.proved > 400 * scale && tally.proved > 4 * (tally.assumed + tally.undecided), "\(tally)")
    }

    /// A table, and the chains that are wanted of it.
    private struct Sent {
        let name: String
        let table: FilterTable
        let selection: IPTablesSelection

        var trip: KernelTrip { KernelTrip("\(name), iptables", table.text, table.family, selection) }
    }

    /// Through iptables, what that lists through nft, and what that lists through iptables again.
    private func goAround(_ sent: [Sent]) async throws -> EqualityTally {
        var tally = EqualityTally()
        let first = try await KernelTrip.read(sent.map(\.trip))
        var documents: [(sent: Sent, listed: Ruleset, trip: KernelTrip)] = []
        for (one, listed) in zip(sent, first) {
            tally.expectEqual(try one.trip.meant, listed, families: FamilySet(one.table.family), one.trip.name)
            let possible = listed.withoutMoments.expressibleInNFT
            let document = try LowerToNFTables.lower(possible, acceptMark: BackendComparison.acceptMark)
            documents.append((one, possible, KernelTrip(one.name, document)))
        }
        let second = try await KernelTrip.read(documents.map(\.trip))
        var programs: [(before: Ruleset, listed: Ruleset, families: FamilySet, trip: KernelTrip)] = []
        for (one, listed) in zip(documents, second) {
            let families = FamilySet(one.sent.table.family)
            let name = one.sent.name + ", nft"
            tally.expectEqual(one.listed, listed, families: families, assuming: Set(Assumption.allCases), name)
            guard let program = try? LowerToIPTables.lower(listed, family: one.sent.table.family) else { continue }
            programs.append((one.listed, listed, families, KernelTrip(name + ", iptables", program)))
        }
        #expect(programs.count * 10 > sent.count * 9, "\(programs.count) of \(sent.count)")
        for (one, listed) in zip(programs, try await KernelTrip.read(programs.map(\.trip))) {
            tally.expectEqual(
                one.listed, listed, families: one.families, assuming: Set(Assumption.allCases), one.trip.name)
            tally.expectEqual(
                one.before, listed, families: one.families, assuming: Set(Assumption.allCases), one.trip.name)
        }
        return tally
    }
}

extension Ruleset {
    /// The same without rules that hold words of no meaning, and at a hook at which every rule can stand.
    var withLoadableRules: Ruleset {
        var ruleset = self
        for scope in ruleset.scopes.indices {
            if ruleset.scopes[scope].hook != .containers { ruleset.scopes[scope].hook = .forward }
            for chain in ruleset.scopes[scope].chains.indices {
                ruleset.scopes[scope].chains[chain].rules.removeAll { !$0.isLoadable }
            }
        }
        return ruleset
    }

    /// The same without rules that ask for the time, which nft lists so that nobody can read it.
    var withoutMoments: Ruleset {
        var ruleset = self
        for scope in ruleset.scopes.indices {
            for chain in ruleset.scopes[scope].chains.indices {
                ruleset.scopes[scope].chains[chain].rules.removeAll { $0.allStages.contains { !$0.opaque.isEmpty } }
            }
        }
        return ruleset
    }

    /// The same without the rules for which nft has no exact form.
    fileprivate var expressibleInNFT: Ruleset {
        var ruleset = self
        do throws(DiagnosticError) {
            _ = try LowerToNFTables.lower(ruleset, acceptMark: BackendComparison.acceptMark)
        } catch {
            let refused = Set(error.diagnostics.map(\.location))
            for scope in ruleset.scopes.indices {
                for chain in ruleset.scopes[scope].chains.indices {
                    ruleset.scopes[scope].chains[chain].rules.removeAll { refused.contains($0.origin) }
                }
            }
        }
        return ruleset
    }
}

extension FirewallRule {
    /// Whether the kernel takes it: the modules of random rules have options that do not exist.
    fileprivate var isLoadable: Bool {
        allStages.flatMap(\.opaque).allSatisfy { if case .before = $0 { true } else { false } }
            && allGuards.allSatisfy { if case .module = $0 { false } else { true } }
            && effects.allSatisfy { if case .module = $0 { false } else { true } }
    }
}

extension FilterTable {
    /// The text for `iptables-restore`.
    fileprivate var text: String {
        let declarations = chains.map { ":\($0.name) \($0.policy?.rawValue ?? "-") [0:0]" }
        let rules = chains.flatMap { chain in
            chain.rules.map { "-A \(chain.name)\($0.text.isEmpty ? "" : " ")\($0.text)" }
        }
        return (["*filter"] + declarations + rules + ["COMMIT", ""]).joined(separator: "\n")
    }

    /// The same without rules that the kernel does not take everywhere, or that `iptables-save` prints as others.
    var withLoadableRules: FilterTable {
        var table = self
        for chain in table.chains.indices { table.chains[chain].rules.removeAll { !$0.isLoadable } }
        return table
    }
}

extension FilterRule {
    fileprivate var isLoadable: Bool {
        guard case .rule(let rule) = content else { return false }
        return rule.matches.allSatisfy(\.isLoadable)
    }
}

extension IPTablesMatch {
    fileprivate var isLoadable: Bool {
        switch self {
        // There is no such set.
        case .module("set", _): false
        // The printer has words for it, and iptables takes none of them.
        case .conntrack(let match): match != ConntrackMatch() && match.addresses.allSatisfy { $0.value.prefix != nil }
        // What the kernel makes of higher rates, iptables-save prints as others.
        case .limit(let count, _, _): count <= 100
        case .tcp(let match): [match.source, match.destination].allSatisfy { $0.isLoadable(.tcp) }
        case .ports(let proto, let source, let destination):
            [source, destination].allSatisfy { $0.isLoadable(proto) }
        // Not at every hook.
        case .addressType(let match): match.limitedTo == nil
        // `! -i +` holds for no packet, and iptables-save 1.8.9 prints a rule without it.
        case .inInterface(let test), .outInterface(let test): !(test.isNegated && test.value == .prefix(""))
        default: true
        }
    }
}

extension Negatable<PortRange>? {
    /// Whether iptables takes it, and iptables-save prints it: a range that ends before it begins is taken of UDP alone, and all
    /// ports behind `!`, which no packet has, are printed as if nothing was asked.
    fileprivate func isLoadable(_ proto: IPProtocol) -> Bool {
        guard let test = self else { return true }
        if test.value.range == nil { return proto == .udp }
        return !(test.isNegated && test.value == PortRange(0, .max))
    }
}

extension ConntrackMatch {
    fileprivate var addresses: [Negatable<IPMaskedAddress>] {
        [originalSource, originalDestination, replySource, replyDestination].compactMap { $0 }
    }
}
