package import FirewallIR
internal import PacketModel

/// Moves long runs of rules that name the port that was dialled into chains for these ports: a packet is asked about its own
/// port's rules, and not about all others.
///
/// A run becomes `protocol, dialled port -> goto chain` for each chain, in the place of its first rule; where chains are
/// looked for line by line, a tree of ranges. What the moved rules let go goes on behind the run: at once where the chain was
/// jumped to, through a goto at the end of each chain where `leave` would not work behind a jump.
///
/// Sound, since
/// - a rule is moved only past rules from which it is disjoint, and rules that name one port in common stay in one chain, in
///   their order: each packet meets the rules that it can match in the order in which they were written;
/// - the ports of two chains have nothing in common, so that a packet in the wrong chain cannot be one that a moved rule
///   elsewhere matches;
/// - no rule is there twice, and rules with guards, with further stages, with effects other than counting, and those that
///   jump, go or return are neither moved nor passed: whatever is counted or done is counted and done for the same packets
///   in the same order.
///
/// The result is not as deep as `maximumDepth` counts where a backend needs more chains for a rule; then it refuses, and the
/// scope as it was is to be lowered.
package struct DispatchByPort {
    private let options: PortDispatchOptions
    private let hook: Scope.Hook
    private let families: FamilySet
    private var names: Set<String>
    private var identifiers: StableNames
    /// The chains of the result.
    private var made: [Chain] = []
    private var depthLeft: Int

    /// The scope with its rules in chains by port; the same where nothing is gained.
    package static func run(_ scope: Scope, _ options: PortDispatchOptions) -> Scope {
        var pass = DispatchByPort(scope, options)
        return pass.dispatch(scope)
    }

    private init(_ scope: Scope, _ options: PortDispatchOptions) {
        self.options = options
        hook = scope.hook
        families = scope.families
        names = Set(scope.chains.map(\.name))
        identifiers = StableNames(taken: Set(scope.chains.flatMap(\.rules).map(\.id)))
        let targets = Dictionary(
            scope.chains.map { ($0.name, Array(Set($0.rules.compactMap(\.verdict.target)))) }
        ) { first, _ in first }
        depthLeft = options.maximumDepth - (ChainDepths.depths(from: [scope.entry], targets).values.max() ?? 1)
    }

    private mutating func dispatch(_ scope: Scope) -> Scope {
        let returning = !hook.isWholeTable && !options.leavesFromJumps ? scope.chainsThatReturn : []
        for chain in scope.chains {
            let runs = returning.contains(chain.name) ? [] : PortRun.runs(of: chain.rules, options.minimumRules)
            split(chain, chosen(runs, chain.rules))
        }
        var result = scope
        result.chains = made
        return result
    }

    // MARK: - Runs

    /// The runs that there is depth for, the longest first, in their order.
    private mutating func chosen(_ runs: [PortRun], _ rules: [FirewallRule]) -> [PortRun] {
        let sorted = runs.indices.sorted { (runs[$1].moved.count, $0) < (runs[$0].moved.count, $1) }
        var kept: Set<Int> = []
        for index in sorted {
            let needed = levels(runs[index]) + (mayJump(runs[index], rules) ? 0 : 1)
            guard needed <= depthLeft else { continue }
            // What follows a chain that was jumped to is no deeper than what stood before it.
            if !mayJump(runs[index], rules) { depthLeft -= needed }
            kept.insert(index)
        }
        return runs.indices.filter(kept.contains).map { runs[$0] }
    }

    /// How many chains stand behind one another.
    private func levels(_ run: PortRun) -> Int {
        guard let fanout = options.fanout, fanout > 1 else { return 1 }
        var levels = 1
        var reached = fanout
        while reached < run.groups.count {
            levels += 1
            reached *= fanout
        }
        return levels
    }

    /// Whether the end of a chain may lead back behind a jump.
    private func mayJump(_ run: PortRun, _ rules: [FirewallRule]) -> Bool {
        hook.isWholeTable || options.leavesFromJumps || !run.moved.contains { rules[$0].verdict == .leave }
    }

    /// A chain with runs in chains of their own, in the place of which a goto may lead to a further chain.
    private mutating func split(_ chain: Chain, _ runs: [PortRun]) {
        var place = made.count
        made.append(Chain(name: chain.name, rules: []))
        var position = 0
        for run in runs {
            made[place].rules += chain.rules[position..<run.first]
            position = run.end
            let isLast = run.stayed.isEmpty && position == chain.rules.count
            let jumps = !isLast && mayJump(run, chain.rules)
            let tail = isLast || jumps ? nil : unusedName("\(chain.name)-rest")
            let tree = PortTree(rules: chain.rules, families: run.families(chain.rules), tail: tail)
            let leads = grow(tree, run.groups[...], jumps: jumps)
            made[place].rules += leads
            if let tail {
                made[place].rules.append(toTail(tree, run.groups[...], tail))
                place = made.count
                made.append(Chain(name: tail, rules: []))
            }
            made[place].rules += run.stayed.map { chain.rules[$0] }
        }
        made[place].rules += chain.rules[position...]
    }

    // MARK: - The tree

    /// What the chains of one run have in common.
    private struct PortTree {
        /// All rules of the chain that they are moved out of.
        var rules: [FirewallRule]
        /// The families of which the moved rules speak.
        var families: FamilySet
        /// Where their ends lead to, if they do not lead back.
        var tail: String?
    }

    /// The rules that lead to the chains of groups; makes those chains.
    private mutating func grow(_ tree: PortTree, _ groups: ArraySlice<PortGroup>, jumps: Bool) -> [FirewallRule] {
        let parts = parts(groups)
        let keys = PortKeys.keys(parts.map { $0.flatMap(\.ports) })
        return zip(parts, keys).map { part, key in
            let name = unusedName(key.name)
            let place = made.count
            made.append(Chain(name: name, rules: []))
            var inner: [FirewallRule]
            if part.count == 1 || part.reduce(0, { $0 + $1.rules.count }) <= options.rulesInOneChain {
                inner = part.flatMap(\.rules).sorted().map { tree.rules[$0] }
            } else {
                inner = grow(tree, part, jumps: false)
            }
            if let tail = tree.tail { inner.append(toTail(tree, part, tail)) }
            made[place].rules = inner
            return lead(tree, part, jumps ? .jump(name) : .goto(name), key.boxes(of: tree.families))
        }
    }

    private mutating func toTail(_ tree: PortTree, _ groups: ArraySlice<PortGroup>, _ tail: String) -> FirewallRule {
        lead(tree, groups, .goto(tail), [Box.all(of: families)])
    }

    /// Groups beside each other, as even as possible.
    private func parts(_ groups: ArraySlice<PortGroup>) -> [ArraySlice<PortGroup>] {
        guard let fanout = options.fanout, groups.count > fanout else { return groups.indices.map { groups[$0...$0] } }
        return (0..<fanout).map { index in
            let low = groups.startIndex + groups.count * index / fanout
            let high = groups.startIndex + groups.count * (index + 1) / fanout
            return groups[low..<high]
        }
    }

    // MARK: - Names

    private mutating func unusedName(_ wanted: String) -> String {
        var name = wanted
        var count = 1
        while !names.insert(name).inserted {
            count += 1
            name = "\(wanted)-\(count)"
        }
        return name
    }

    /// A rule that leads to a chain, in the name of the first rule of those that it leads to.
    private mutating func lead(
        _ tree: PortTree, _ groups: ArraySlice<PortGroup>, _ verdict: Verdict, _ boxes: [Box]
    ) -> FirewallRule {
        let first = tree.rules[groups.lazy.compactMap(\.rules.first).min() ?? 0]
        let id = identifiers.unused("dispatch \(first.id) \(verdict.target ?? "")")
        return FirewallRule(id: id, origin: first.origin, condition: boxes, verdict: verdict)
    }
}

extension Box {
    /// All packets of some families.
    fileprivate static func all(of families: FamilySet) -> Box {
        var box = Box()
        box.families = families
        return box
    }
}
