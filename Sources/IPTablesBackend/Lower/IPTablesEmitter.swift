internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Writes rules into chains, and makes further chains where one rule of the IR needs more than one step.
struct IPTablesEmitter {
    let family: AddressFamily
    private(set) var refusals: [Diagnostic] = []
    private var program: IPTablesProgram
    /// The chain that rules are being added to.
    private var current = Place.entry
    private var names = IPTablesChainNames()
    private var surroundings: IPTablesSurroundings
    /// The rule that is being emitted, and the one that each further chain was made for.
    private var rule: FirewallRule?
    private var makers: [String: FirewallRule] = [:]
    /// The user chains of whole tables, by what they were in their scopes.
    private var shared = SharedChains()
    private var sets: IPTablesSets
    /// Whether long lists of addresses may be trees, which make the ways of packets longer by some chains.
    private let growsTrees: Bool
    /// How many chains of trees there are.
    private(set) var trees = 0

    /// A chain of the program.
    private enum Place: Hashable {
        case entry
        case input
        case builtIn(Int)
        case chain(Int)
    }

    init(family: AddressFamily, sets: IPSetOptions?, growsTrees: Bool) {
        self.growsTrees = growsTrees
        self.family = family
        self.sets = IPTablesSets(family: family, options: sets)
        program = IPTablesProgram(family: family, entry: [], chains: [])
        surroundings = IPTablesSurroundings(family: family, hook: .containers, isBuiltIn: false, chainNames: [:])
    }

    /// What was made.
    var result: IPTablesProgram {
        var result = program
        result.sets = sets.sets
        return result.withoutUnusedSets
    }

    mutating func refuse(_ rule: FirewallRule?, _ reason: String) {
        refusals.append(
            Diagnostic(
                "not-in-iptables", at: rule?.origin,
                "cannot be expressed in \(family == .ip ? "iptables" : "ip6tables"): \(reason)"))
    }

    // MARK: - Scopes

    /// Emits a scope of what Docker forwards, or of what docker-proxy accepts; the entry chain's rules are not among the
    /// further chains.
    mutating func emitContainers(_ scope: Scope) {
        let unfolded: Scope
        do {
            unfolded = try ChainContinuations.unfold(scope)
        } catch {
            return refuse(scope.chains.lazy.flatMap(\.rules).first, error.reason)
        }
        surroundings.hook = scope.hook
        surroundings.chainNames = [:]
        let prefix = IPTablesNames.chainPrefix
        for chain in unfolded.chains where chain.name != unfolded.entry {
            let name = chain.name.hasPrefix(prefix) ? chain.name : prefix + chain.name
            surroundings.chainNames[chain.name] = names.unused(name)
        }
        for chain in unfolded.chains where chain.name == unfolded.entry {
            current = scope.hook == .proxied ? .input : .entry
            emit(scope.hook == .proxied ? chain.rules.flatMap(\.boxByBox) : chain.rules)
        }
        for chain in unfolded.chains where chain.name != unfolded.entry { emit(chain) }
        checkDepth(scope.hook)
    }

    /// Emits the scopes of a whole table: a built-in chain for each, and the user chains behind them.
    ///
    /// A user chain that is the same in several scopes is one chain.
    mutating func emitTable(_ scopes: [Scope]) {
        let order: [Scope.Hook] = [.input, .forward, .output]
        for scope in scopes.sorted(by: { (order.firstIndex(of: $0.hook) ?? 0) < (order.firstIndex(of: $1.hook) ?? 0) })
        {
            let chains = shared.add(scope, &names)
            surroundings = IPTablesSurroundings(
                family: family, hook: scope.hook, isBuiltIn: true, chainNames: chains.names)
            let policy: IPTablesPolicy = scope.policy == .drop ? .drop : .accept
            program.builtIn.append(IPTablesBuiltInChain(name: scope.hook.builtInChain, policy: policy, rules: []))
            current = .builtIn(program.builtIn.count - 1)
            for chain in scope.chains where chain.name == scope.entry { emit(chain.rules) }
            surroundings.isBuiltIn = false
            for chain in scope.chains where chain.name != scope.entry && chains.new.contains(chain.name) { emit(chain) }
        }
    }

    private mutating func emit(_ chain: Chain) {
        rule = chain.rules.first
        begin(surroundings.chainNames[chain.name] ?? chain.name)
        emit(chain.rules)
    }

    /// Refuses what iptables-nft could not load: its kernel follows 16 chains, FORWARD, DOCKER-USER and SEAWALL among
    /// them, or INPUT and SEAWALL-INPUT (`NFT_JUMP_STACK_SIZE`).
    ///
    /// iptables-legacy has no such limit, but the document serves both.
    private mutating func checkDepth(_ hook: Scope.Hook) {
        let limit = hook == .proxied ? 14 : 13
        let entry = hook == .proxied ? program.input : program.entry
        let depths = IPTablesChainDepth.depths(entry: entry, chains: program.chains)
        guard let first = program.chains.first(where: { (depths[$0.name] ?? 0) > limit }) else { return }
        refuse(
            makers[first.name],
            "from here on packets would have to go through more than \(limit) chains, which iptables-nft cannot load: the policy has too many rules that hand packets on under a rate, or except several interfaces; join them, or use nft"
        )
    }

    // MARK: - Chains

    /// The name of a further chain for a rule.
    private mutating func further(_ plan: IPTablesRulePlan, _ suffix: String = "") -> String {
        names.unused(IPTablesNames.chainPrefix + plan.id + suffix)
    }

    private mutating func begin(_ name: String) {
        program.chains.append(IPTablesChain(name: name, rules: []))
        makers[name] = rule
        current = .chain(program.chains.count - 1)
    }

    private mutating func append(_ rule: IPTablesRule) {
        switch current {
        case .entry: program.entry.append(rule)
        case .input: program.input.append(rule)
        case .builtIn(let index): program.builtIn[index].rules.append(rule)
        case .chain(let index): program.chains[index].rules.append(rule)
        }
    }

    // MARK: - One rule

    /// Rules in order.
    ///
    /// Those that stand together and except the same interfaces share the way around them.
    private mutating func emit(_ rules: [FirewallRule]) {
        var run: [Planned] = []
        run.reserveCapacity(rules.count)
        for rule in rules {
            guard let planned = plan(rule) else { continue }
            if let last = run.last, last.plan.exclusions != planned.plan.exclusions {
                emit(run: run)
                run = []
            }
            run.append(planned)
        }
        emit(run: run)
    }

    private struct Planned {
        var rule: FirewallRule
        var plan: IPTablesRulePlan
    }

    private mutating func plan(_ rule: FirewallRule) -> Planned? {
        do {
            let planned = try IPTablesRulePlan(rule, surroundings, &sets).map { Planned(rule: rule, plan: $0) }
            if planned != nil, let note = rule.shortenedComment?.note { program.notes.append(note) }
            return planned
        } catch {
            refuse(rule, error.reason)
            return nil
        }
    }

    /// Rules with the same exceptions.
    ///
    /// If one of them hands packets on, the exceptions go around all of them, once.
    private mutating func emit(run: [Planned]) {
        let isShared = run.contains(where: \.plan.mustNotReturn) && !run.contains(where: \.plan.needsSteps)
        guard let first = run.first, !first.plan.exclusions.isEmpty, isShared else {
            for planned in run { emit(planned) }
            return
        }
        rule = first.rule
        let rest = further(first.plan, "-n")
        for exclusion in first.plan.exclusions { append(first.plan.exception(exclusion, .goto(rest))) }
        for var planned in run {
            planned.plan.exclusions = []
            emit(planned)
        }
        append(first.plan.step(.goto(rest)))
        begin(rest)
    }

    private mutating func emit(_ planned: Planned) {
        rule = planned.rule
        do {
            if planned.plan.needsSteps {
                try emitInSteps(planned.plan)
            } else if planned.plan.isDirect {
                emitDirectly(planned.plan)
            } else {
                try emitWithChains(planned.plan)
            }
        } catch {
            refuse(planned.rule, error.reason)
        }
    }

    /// Each line with each target: nothing is asked or done twice.
    private mutating func emitDirectly(_ plan: IPTablesRulePlan) {
        for box in plan.boxes {
            if plan.mayComeBack, plan.targets.count == 1, let target = plan.targets[0], let place = tree(in: box) {
                var others = box.dimensions
                let lines = others.remove(at: place)
                let heads = IPTablesBox.product(others)
                grow(plan, lines[...], target, heads) { plan, line, target in
                    plan.rule(line, of: plan.stage, guards: [], target)
                }
                continue
            }
            for line in box.lines {
                for target in plan.targets { append(plan.rule(line, of: plan.stage, guards: plan.guards, target)) }
            }
        }
    }

    /// A chain for what is done, entered by each line.
    private mutating func emitWithChains(_ plan: IPTablesRulePlan) throws(IPTablesRefusal) {
        let needsWayBack = !plan.exclusions.isEmpty || !plan.guards.isEmpty
        let action = further(plan)
        if !plan.mustNotReturn {
            try enter(plan, action, .jump(action))
            addAction(plan, action, excluded: .return, otherwise: nil)
        } else if !needsWayBack && !plan.isLarge {
            try enter(plan, action, .goto(action))
            addAction(plan, action, excluded: .return, otherwise: nil)
        } else {
            let rest = further(plan, "-c")
            try enter(plan, action, .goto(action), rest: rest)
            append(plan.step(.goto(rest)))
            let before = current
            addAction(plan, action, excluded: .goto(rest), otherwise: .goto(rest))
            current = before
            begin(rest)
        }
    }

    /// Leads the packets of all boxes to a target, through a chain of its own where a packet may be in two of them, and
    /// through a further one where two large sets would have to be multiplied.
    private mutating func enter(
        _ plan: IPTablesRulePlan, _ action: String, _ target: IPTablesTarget, rest: String? = nil
    ) throws(IPTablesRefusal) {
        let before = current
        let needsDispatch = plan.mayOverlap && target == .jump(action)
        if needsDispatch {
            let dispatch = further(plan, "-d")
            append(plan.step(.jump(dispatch)))
            begin(dispatch)
        }
        for (index, box) in plan.boxes.enumerated() {
            let inner: IPTablesTarget = needsDispatch ? .goto(action) : target
            guard box.lineCount > IPTablesBox.largeProduct, let largest = box.largestDimension else {
                for line in box.lines { append(plan.rule(line, of: plan.stage, guards: [], inner)) }
                continue
            }
            let factor = further(plan, "-f\(index)")
            let others = try product(box, without: largest)
            // A packet that the factor leads on must not come back to a line that it meets as well: where it does not lead
            // on, it goes to what follows.
            let next = needsDispatch ? further(plan, "-d\(index)") : rest
            let step: IPTablesTarget = next == nil ? .jump(factor) : .goto(factor)
            for line in others { append(plan.rule(line, of: plan.stage, guards: [], step)) }
            if needsDispatch, let next { append(plan.step(.goto(next))) }
            let place = current
            begin(factor)
            if plan.mayComeBack, next == nil, growsTrees, AddressTree.isWorthwhile(box.dimensions[largest]) {
                grow(plan, box.dimensions[largest][...], .goto(action), [.none]) { plan, line, target in
                    plan.step(line, target)
                }
            } else {
                for line in box.dimensions[largest] { append(plan.step(line, .goto(action))) }
            }
            if let next { append(plan.step(.goto(next))) }
            current = place
            if needsDispatch, let next { begin(next) }
        }
        current = before
    }

    /// The place of a long list of addresses in a box whose other dimensions are few lines.
    private func tree(in box: IPTablesBox) -> Int? {
        guard growsTrees, let place = box.dimensions.firstIndex(where: AddressTree.isWorthwhile) else { return nil }
        return box.lineCount / box.dimensions[place].count <= 4 ? place : nil
    }

    /// Leads the packets of a list to a target through a tree of chains; the lines of the current chain are made by `head`,
    /// each together with one of `others`.
    private mutating func grow(
        _ plan: IPTablesRulePlan, _ lines: ArraySlice<IPTablesAlternative>, _ target: IPTablesTarget,
        _ others: [IPTablesAlternative],
        head: (IPTablesRulePlan, IPTablesAlternative, IPTablesTarget) -> IPTablesRule
    ) {
        guard let parts = AddressTree.parts(lines) else {
            for line in lines { for other in others { append(head(plan, other.joined(line), target)) } }
            return
        }
        for part in parts {
            trees += 1
            let name = further(plan, "-t\(trees)")
            let hull = AddressTree.hull(part)
            for other in others { append(head(plan, other.joined(hull), .jump(name))) }
            let place = current
            begin(name)
            grow(plan, part, target, [.none]) { plan, line, target in plan.step(line, target) }
            current = place
        }
    }

    /// The lines of a box without one of its dimensions.
    private func product(_ box: IPTablesBox, without dimension: Int) throws(IPTablesRefusal) -> [IPTablesAlternative] {
        var others = box.dimensions
        others.remove(at: dimension)
        guard IPTablesBox(dimensions: others).lineCount <= 65536 else {
            throw IPTablesRefusal(
                reason: "the rule would need \(box.lineCount) lines; split its sets over several rules, or use nft")
        }
        return IPTablesBox.product(others)
    }

    /// The chain in which exceptions are let go, guards are asked, and the targets are done.
    private mutating func addAction(
        _ plan: IPTablesRulePlan, _ name: String, excluded: IPTablesTarget, otherwise: IPTablesTarget?
    ) {
        let before = current
        begin(name)
        for exclusion in plan.exclusions { append(plan.exception(exclusion, excluded)) }
        act(plan, plan.guards, otherwise)
        current = before
    }

    /// Asks guards and does the targets, at the end of a chain.
    private mutating func act(_ plan: IPTablesRulePlan, _ guards: [IPTablesMatch], _ otherwise: IPTablesTarget?) {
        let needsChain = plan.targets.count > 1 && !guards.isEmpty
        let action = needsChain ? further(plan, "-a") : ""
        if needsChain {
            append(plan.step(guards: guards, .goto(action)))
        } else {
            for target in plan.targets { append(plan.step(guards: guards, target)) }
        }
        if let otherwise, !guards.isEmpty { append(plan.step(otherwise)) }
        if needsChain {
            begin(action)
            for target in plan.targets { append(plan.step(target)) }
        }
    }

    // MARK: - A rule in steps

    /// A chain for each box of each stage, which goes to the next box where the packet is not in this one, and to what
    /// follows the rule from the last; and a chain for the guards of each stage.
    private mutating func emitInSteps(_ plan: IPTablesRulePlan) throws(IPTablesRefusal) {
        if let joined = plan.joined { return append(joined) }
        let before = current
        let rest = plan.mustNotReturn ? further(plan, "-c") : nil
        let otherwise = rest.map { IPTablesTarget.goto($0) }
        var stage = further(plan, "-s")
        append(plan.step(rest == nil ? .jump(stage) : .goto(stage)))
        for (index, asked) in plan.stages.enumerated() {
            let action = further(plan, "-g")
            try enter(asked, plan, from: stage, action, otherwise)
            begin(action)
            guard index + 1 < plan.stages.count else {
                act(plan, asked.guards, otherwise)
                break
            }
            stage = further(plan, "-s")
            append(plan.step(guards: asked.guards, .goto(stage)))
            if let otherwise, !asked.guards.isEmpty { append(plan.step(otherwise)) }
        }
        if let rest { begin(rest) } else { current = before }
    }

    /// Leads the packets of a stage to a target, box by box.
    private mutating func enter(
        _ stage: IPTablesStagePlan, _ plan: IPTablesRulePlan, from first: String, _ action: String,
        _ otherwise: IPTablesTarget?
    ) throws(IPTablesRefusal) {
        var name = first
        for (index, box) in stage.boxes.enumerated() {
            begin(name)
            let isLast = index + 1 == stage.boxes.count
            if !isLast { name = further(plan, "-s") }
            let next = isLast ? otherwise : .goto(name)
            for exclusion in box.exclusions { append(plan.exception(exclusion, next ?? .return)) }
            guard box.lineCount > IPTablesBox.largeProduct, let largest = box.largestDimension else {
                for line in box.lines { append(plan.rule(line, of: stage, guards: [], .goto(action))) }
                if let next { append(plan.step(next)) }
                continue
            }
            let factor = further(plan, "-f")
            for line in try product(box, without: largest) {
                append(plan.rule(line, of: stage, guards: [], .goto(factor)))
            }
            if let next { append(plan.step(next)) }
            begin(factor)
            for line in box.dimensions[largest] { append(plan.step(line, .goto(action))) }
            if let next { append(plan.step(next)) }
        }
    }
}

extension Scope.Hook {
    /// The built-in chain at the hook.
    fileprivate var builtInChain: String {
        switch self {
        case .input: "INPUT"
        case .forward: "FORWARD"
        case .output: "OUTPUT"
        case .containers: IPTablesNames.dockerUser
        case .proxied: IPTablesNames.inputChain
        }
    }
}

extension FirewallRule {
    /// A plain rule as one for each of its boxes: then each is a line, or a few, and no chain is needed that all of them enter.
    fileprivate var boxByBox: [FirewallRule] {
        guard isPlain else { return [self] }
        return condition.map { box in
            var rule = self
            rule.condition = [box]
            rule.merged = []
            return rule
        }
    }
}

extension IPTablesBox {
    /// The place of the dimension with the most alternatives, if another has more than one, too.
    fileprivate var largestDimension: Int? {
        guard dimensions.filter({ $0.count > 1 }).count > 1 else { return nil }
        return dimensions.indices.max { dimensions[$0].count < dimensions[$1].count }
    }
}
