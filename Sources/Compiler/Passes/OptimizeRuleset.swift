package import FirewallIR

/// The passes, one after the other: `Ruleset -> Ruleset`, with the same verdict for every packet.
///
/// `ResolveReturns -> DropDeadRules -> GatherRuns -> MergeRuns -> ArrangeVerdictMaps -> HoistConditions -> SplitByProtocol -> ShareChains`,
/// each on every chain. What comes out is compared with the policy itself by the proof behind each compilation, together
/// with what a backend made of it, so a mistake in a pass ends the compilation and reaches no host.
package enum OptimizeRuleset {
    /// What passes have to keep.
    package struct Options: Hashable, Sendable {
        /// Whether each rule of the policy counts its packets by itself: then none are merged.
        package var countsRules: Bool

        /// Options.
        package init(countsRules: Bool = false) { self.countsRules = countsRules }
    }

    /// The rule set as a backend with sets and maps is given it.
    package static func run(_ ruleset: Ruleset, _ options: Options = Options()) -> Ruleset {
        var result = ruleset
        result.scopes = ruleset.scopes.map { run($0, options) }
        return result
    }

    /// The rule set as a backend is given it that asks line by line: in chains by the port that was dialled, and where there
    /// are sets of addresses, with rules of one verdict merged.
    package static func runForLines(_ ruleset: Ruleset, hasSets: Bool) -> Ruleset {
        var result = ruleset
        result.scopes = ruleset.scopes.map { scope in
            let resolved = ResolveReturns.run(scope)
            let sorted = DispatchByPort.run(resolved, .iptables)
            guard hasSets || sorted.chains.count > scope.chains.count else { return scope }
            var scope = sorted
            guard hasSets else { return scope }
            let merge = MergeRuns(FreshNames(scope))
            let (first, others) = scope.dividedAtSockets
            scope.chains = first + others.map(GatherRuns.run).map(merge.run)
            return scope
        }
        return result
    }

    /// The rule set with a counter in each rule, and nothing else changed.
    package static func counting(_ ruleset: Ruleset) -> Ruleset {
        Ruleset(name: ruleset.name, scopes: ruleset.scopes.map(counting))
    }

    private static func counting(_ scope: Scope) -> Scope {
        var scope = scope
        scope.chains = scope.chains.map(\.counting)
        return scope
    }

    private static func run(_ scope: Scope, _ options: Options) -> Scope {
        var scope = ResolveReturns.run(scope)
        if options.countsRules { scope = counting(scope) }
        let names = FreshNames(scope)
        let merge = MergeRuns(names)
        let split = SplitByProtocol(names)
        let hoist = HoistConditions(names)
        let (first, others) = scope.dividedAtSockets
        scope.chains =
            first
            + others.map(DropDeadRules.run).map(GatherRuns.run).map(merge.run)
            .map(ArrangeVerdictMaps.run).flatMap(hoist.run).flatMap(split.run)
        return ShareChains.run(scope)
    }
}

extension Scope {
    /// The first chain of what docker-proxy accepts, which both backends know how to write, and all others.
    fileprivate var dividedAtSockets: (first: [Chain], others: [Chain]) {
        guard hook == .proxied else { return ([], chains) }
        return (chains.filter { $0.name == entry }, chains.filter { $0.name != entry })
    }
}

extension Chain {
    /// The chain with a counter in each rule.
    fileprivate var counting: Chain {
        Chain(
            name: name,
            rules: rules.map { rule in
                var rule = rule
                if !rule.effects.contains(.count) { rule.effects.append(.count) }
                return rule
            })
    }
}
