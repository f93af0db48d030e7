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
        walk.evaluation.hook = scope.hook
        guard scope.families.contains(FamilySet(packet.family)) else { return walk.evaluation }
        walk.evaluation.verdict = scope.end
        walk.push(scope.entry, chains)
        while let (chain, rule) = walk.next() {
            if !keepsSteps && !rule.condition.contains(where: { $0.contains(walk.packet) }) { continue }
            var step = Evaluation.Step(chain: chain, rule: rule, meeting: .matched, mark: walk.packet.mark)
            step.connectionMark = walk.packet.entry?.mark
            walk.meet(&step)
            walk.evaluation.steps.append(step)
            guard case .matched = step.meeting else { continue }
            let rule = rule.source(matching: walk.packet)
            walk.evaluation.steps[walk.evaluation.steps.count - 1].rule = rule
            for effect in rule.effects { walk.perform(effect) }
            switch rule.verdict {
            case .next: break
            case .jump(let name): walk.push(name, chains)
            case .goto(let name):
                walk.pop()
                walk.push(name, chains)
            case .return:
                walk.pop()
                if walk.isDone { walk.decide(scope.end, rule) }
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

    /// The next rule; `nil` at the end of the entry chain, or of one that was gone to from it.
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

    /// Asks one stage of a rule after the other, until one does not hold.
    mutating func meet(_ step: inout Evaluation.Step) {
        for (index, stage) in step.rule.allStages.enumerated() {
            step.stage = index
            step.meeting = meet(stage, &step)
            guard case .matched = step.meeting else { return }
        }
    }

    /// Asks the condition, then the opaque matches, then the guards in order; a guard that is asked is used up.
    private mutating func meet(_ stage: RuleStage, _ step: inout Evaluation.Step) -> Evaluation.Meeting {
        let mismatches = stage.condition.map { $0.mismatch(with: packet) }
        guard mismatches.contains(nil) else { return .outside(mismatches.compactMap { $0 }) }
        if let failed = stage.opaque.first(where: { !holds($0) }) { return .failed(failed) }
        for one in stage.guards {
            let place = Circumstances.GuardPlace(rule: step.rule.id, index: step.guardsAsked)
            step.guardsAsked += 1
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
        switch effect {
        case .setMark(let value, let mask): packet.mark = packet.mark & ~mask ^ value
        case .connectionMark(let change): perform(change)
        case .log, .netlinkLog, .module, .count: break
        }
    }

    private mutating func perform(_ change: ConnectionMarkChange) {
        guard let mark = packet.entry?.mark else { return }
        switch change {
        case .set(let value, let mask): packet.entry?.mark = mark & ~mask ^ value
        case .save(let connectionMask, let packetMask):
            packet.entry?.mark = mark & ~connectionMask ^ (packet.mark & packetMask)
        case .restore(let connectionMask, let packetMask):
            packet.mark = packet.mark & ~packetMask ^ (mark & connectionMask)
        }
    }
}

extension FirewallRule {
    /// The rule under the name and at the place of the one that it was merged from, as far as a packet is concerned.
    fileprivate func source(matching packet: PacketState) -> FirewallRule {
        guard !merged.isEmpty, let box = condition.firstIndex(where: { $0.contains(packet) }) else { return self }
        let source = source(ofBox: box)
        var rule = self
        (rule.id, rule.origin, rule.comment) = (source.id, source.origin, source.comment)
        return rule
    }
}
