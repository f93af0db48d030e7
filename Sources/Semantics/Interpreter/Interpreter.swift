package import FirewallIR
internal import PacketModel

/// The reference meaning of the intermediate representation: what one scope does with one packet.
///
/// Everything else in this target is held to it by tests, and it is held to both engines of the kernel. It is meant to be
/// checked by reading: chains are walked as the kernel walks them (a jump pushes, a goto does not).
package struct Interpreter {
    private let scope: Scope
    private let chains: [String: [FirewallRule]]

    /// Rules to be walked through.
    package init(_ scope: Scope) {
        self.scope = scope
        chains = Dictionary(scope.chains.map { ($0.name, $0.rules) }) { first, _ in first }
    }

    /// What the scope does with a packet; the verdict is `leave` where the scope does not speak of the packet's family.
    ///
    /// - Parameters:
    ///   - packet: the packet.
    ///   - circumstances: what opaque matches and guards answer.
    ///   - keepsSteps: whether rules whose condition does not hold the packet are kept as steps, too.
    /// - Returns: the verdict, the rule that decided, and what happened on the way.
    package func evaluate(
        _ packet: PacketState, _ circumstances: Circumstances = .usual, keepsSteps: Bool = true
    ) -> Evaluation {
        var walk = Walk(packet: packet, circumstances: circumstances)
        walk.evaluation.mark = packet.mark
        guard scope.families.contains(FamilySet(packet.family)) else { return walk.evaluation }
        walk.push(scope.entry, chains)
        while let (chain, rule) = walk.next() {
            if !keepsSteps && !rule.condition.contains(where: { $0.contains(walk.packet) }) { continue }
            let mark = walk.packet.mark
            let meeting = walk.meet(rule)
            walk.evaluation.steps.append(
                Evaluation.Step(chain: chain, rule: rule, meeting: meeting, mark: mark))
            guard case .matched = meeting else { continue }
            for effect in rule.effects { walk.perform(effect) }
            switch rule.verdict {
            case .next: break
            case .jump(let name): walk.push(name, chains)
            case .goto(let name):
                walk.pop()
                walk.push(name, chains)
            case .return:
                walk.pop()
                if walk.isDone { walk.decide(.leave, rule) }
            case .leave: walk.decide(.leave, rule)
            case .accept: walk.decide(.accept, rule)
            case .drop: walk.decide(.drop, rule)
            case .reject(let kind): walk.decide(.reject(kind), rule)
            case .queue(let target): walk.decide(.queue(target), rule)
            }
        }
        walk.evaluation.mark = walk.packet.mark
        return walk.evaluation
    }
}

/// A packet on its way through chains.
private struct Walk {
    var packet: PacketState
    let circumstances: Circumstances
    var evaluation = Evaluation()
    private var frames: [(chain: String, rules: [FirewallRule], next: Int)] = []

    init(packet: PacketState, circumstances: Circumstances) {
        self.packet = packet
        self.circumstances = circumstances
    }

    var isDone: Bool { frames.isEmpty }

    mutating func push(_ name: String, _ chains: [String: [FirewallRule]]) {
        frames.append((name, chains[name] ?? [], 0))
    }

    mutating func pop() { frames.removeLast() }

    /// The next rule; `nil` at the end of the entry chain.
    mutating func next() -> (String, FirewallRule)? {
        while let frame = frames.last {
            if frame.next < frame.rules.count {
                frames[frames.count - 1].next += 1
                return (frame.chain, frame.rules[frame.next])
            }
            frames.removeLast()
        }
        return nil
    }

    mutating func decide(_ verdict: PacketVerdict, _ rule: FirewallRule) {
        evaluation.verdict = verdict
        evaluation.decidedBy = rule
        frames = []
    }

    /// Asks the condition, then the opaque matches, then the guards in order; a guard that is asked is used up.
    mutating func meet(_ rule: FirewallRule) -> Evaluation.Meeting {
        let mismatches = rule.condition.map { $0.mismatch(with: packet) }
        guard mismatches.contains(nil) else { return .outside(mismatches.compactMap { $0 }) }
        if let failed = rule.opaque.first(where: { !holds($0) }) { return .failed(failed) }
        for (index, one) in rule.guards.enumerated() {
            let place = Circumstances.GuardPlace(rule: rule.id, index: index)
            evaluation.events.append(.asked(place))
            guard circumstances.lets(place) else { return .refused(one) }
        }
        return .matched
    }

    private func holds(_ match: OpaqueMatch) -> Bool {
        switch match {
        case .before(let instant): packet.time < instant
        case .module: circumstances.opaque[match] ?? false
        case .not(let match): !holds(match)
        }
    }

    mutating func perform(_ effect: Effect) {
        evaluation.events.append(.effect(effect))
        if case .setMark(let value, let mask) = effect { packet.mark = packet.mark & ~mask ^ value }
    }
}
