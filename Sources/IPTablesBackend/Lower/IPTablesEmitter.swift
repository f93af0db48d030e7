internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Writes rules into chains, and makes further chains where one rule of the IR needs more than one step.
struct IPTablesEmitter {
    let family: AddressFamily
    private(set) var refusals: [Diagnostic] = []
    private var entry: [IPTablesRule] = []
    private var chains: [IPTablesChain] = []
    /// The chain that rules are being added to; `nil` is the first one.
    ///
    /// Its place in `chains` otherwise.
    private var current: Int?
    /// The rule that is being emitted, and the one that each further chain was made for.
    private var rule: FirewallRule?
    private var makers: [String: FirewallRule] = [:]

    init(family: AddressFamily) { self.family = family }

    var program: IPTablesProgram { IPTablesProgram(family: family, entry: entry, chains: chains) }

    mutating func refuse(_ rule: FirewallRule?, _ reason: String) {
        refusals.append(
            Diagnostic(
                "not-in-iptables", at: rule?.origin,
                "cannot be expressed in \(family == .ip ? "iptables" : "ip6tables"): \(reason)"))
    }

    /// Emits the chains of a scope; the entry chain's rules come first in the program.
    mutating func emit(_ scope: Scope) {
        for chain in scope.chains where chain.name == scope.entry {
            emit(chain.rules)
        }
        current = nil
        let returning = scope.chainsThatReturn
        for chain in scope.chains where chain.name != scope.entry {
            if returning.contains(chain.name), let leaving = chain.rules.first(where: { $0.verdict == .leave }) {
                refuse(leaving, "a rule that hands packets on stands in a chain that is jumped to")
            }
            rule = chain.rules.first
            begin(Self.name(of: chain.name))
            emit(chain.rules)
        }
        current = nil
        checkDepth()
    }

    /// Refuses what iptables-nft could not load: its kernel follows 16 chains, FORWARD, DOCKER-USER and SEAWALL among
    /// them (`NFT_JUMP_STACK_SIZE`).
    ///
    /// iptables-legacy has no such limit, but the document serves both.
    private mutating func checkDepth() {
        let limit = 13
        let depths = IPTablesChainDepth.depths(entry: entry, chains: chains)
        guard let first = chains.first(where: { (depths[$0.name] ?? 0) > limit }) else { return }
        refuse(
            makers[first.name],
            "from here on packets would have to go through more than \(limit) chains, which iptables-nft cannot load: the policy has too many rules that hand packets on under a rate, or except several interfaces; join them, or use nft"
        )
    }

    private static func name(of chain: String) -> String { IPTablesNames.chainPrefix + chain }

    private mutating func begin(_ name: String) {
        chains.append(IPTablesChain(name: name, rules: []))
        makers[name] = rule
        current = chains.count - 1
    }

    private mutating func append(_ rule: IPTablesRule) {
        if let current { chains[current].rules.append(rule) } else { entry.append(rule) }
    }

    // MARK: - One rule

    /// Rules in order.
    ///
    /// Those that stand together and except the same interfaces share the way around them.
    private mutating func emit(_ rules: [FirewallRule]) {
        var run: [Planned] = []
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
            return try IPTablesRulePlan(rule, family: family).map { Planned(rule: rule, plan: $0) }
        } catch {
            refuse(rule, error.reason)
            return nil
        }
    }

    /// Rules with the same exceptions.
    ///
    /// If one of them hands packets on, the exceptions go around all of them, once.
    private mutating func emit(run: [Planned]) {
        guard let first = run.first, !first.plan.exclusions.isEmpty, run.contains(where: \.plan.mustNotReturn) else {
            for planned in run { emit(planned) }
            return
        }
        rule = first.rule
        let rest = IPTablesNames.chainPrefix + first.plan.id + "-n"
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
            if planned.plan.isDirect { emitDirectly(planned.plan) } else { try emitWithChains(planned.plan) }
        } catch {
            refuse(planned.rule, error.reason)
        }
    }

    /// Each line with each target: nothing is asked or done twice.
    private mutating func emitDirectly(_ plan: IPTablesRulePlan) {
        for box in plan.boxes {
            for line in box.lines {
                for target in plan.targets { append(plan.rule(line, guards: plan.guards, target)) }
            }
        }
    }

    /// A chain for what is done, entered by each line.
    private mutating func emitWithChains(_ plan: IPTablesRulePlan) throws(IPTablesRefusal) {
        let needsWayBack = !plan.exclusions.isEmpty || !plan.guards.isEmpty
        let action = IPTablesNames.chainPrefix + plan.id
        if !plan.mustNotReturn {
            try enter(plan, action, .jump(action))
            addAction(plan, action, excluded: .return, otherwise: nil)
        } else if !needsWayBack && !plan.isLarge {
            try enter(plan, action, .goto(action))
            addAction(plan, action, excluded: .return, otherwise: nil)
        } else {
            let rest = action + "-c"
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
            append(plan.step(.jump(action + "-d")))
            begin(action + "-d")
        }
        for (index, box) in plan.boxes.enumerated() {
            let inner: IPTablesTarget = needsDispatch ? .goto(action) : target
            guard box.lineCount > IPTablesRulePlan.largeProduct, let largest = box.largestDimension else {
                for line in box.lines { append(plan.rule(line, guards: [], inner)) }
                continue
            }
            let factor = "\(action)-f\(index)"
            var others = box.dimensions
            others.remove(at: largest)
            guard IPTablesBox(dimensions: others).lineCount <= 65536 else {
                throw IPTablesRefusal(
                    reason: "the rule would need \(box.lineCount) lines; split its sets over several rules, or use nft")
            }
            // A packet that the factor leads on must not come back to a line that it meets as well: where it does not lead
            // on, it goes to what follows.
            let next = needsDispatch ? "\(action)-d\(index)" : rest
            let step: IPTablesTarget = next == nil ? .jump(factor) : .goto(factor)
            for line in IPTablesBox.product(others) { append(plan.rule(line, guards: [], step)) }
            if needsDispatch, let next { append(plan.step(.goto(next))) }
            let place = current
            begin(factor)
            for line in box.dimensions[largest] { append(plan.rule(line, guards: [], .goto(action))) }
            if let next { append(plan.step(.goto(next))) }
            current = place
            if needsDispatch, let next { begin(next) }
        }
        current = before
    }

    /// The chain in which exceptions are let go, guards are asked, and the targets are done.
    private mutating func addAction(
        _ plan: IPTablesRulePlan, _ name: String, excluded: IPTablesTarget, otherwise: IPTablesTarget?
    ) {
        let before = current
        begin(name)
        for exclusion in plan.exclusions { append(plan.exception(exclusion, excluded)) }
        if plan.targets.count == 1 || plan.guards.isEmpty {
            for target in plan.targets { append(plan.step(guards: plan.guards, target)) }
        } else {
            append(plan.step(guards: plan.guards, .goto(name + "-a")))
        }
        if let otherwise, !(plan.guards.isEmpty) { append(plan.step(otherwise)) }
        if plan.targets.count > 1 && !plan.guards.isEmpty {
            begin(name + "-a")
            for target in plan.targets { append(plan.step(target)) }
        }
        current = before
    }
}

extension IPTablesBox {
    /// The place of the dimension with the most alternatives, if another has more than one, too.
    fileprivate var largestDimension: Int? {
        guard dimensions.filter({ $0.count > 1 }).count > 1 else { return nil }
        return dimensions.indices.max { dimensions[$0].count < dimensions[$1].count }
    }
}
