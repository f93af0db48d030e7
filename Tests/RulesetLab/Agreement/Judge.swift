package import FirewallIR
package import Semantics

/// A rule set that is asked about packets by the interpreter, one hook at a time.
package struct Judge {
    private let interpreter: Interpreter
    private let guards: [Circumstances.GuardPlace: Guard]

    /// The scope of a hook; `nil` if the rule set has none.
    package init?(_ ruleset: Ruleset, _ hook: Scope.Hook) {
        guard let scope = ruleset.scopes.first(where: { $0.hook == hook }) else { return nil }
        interpreter = Interpreter(scope)
        var guards: [Circumstances.GuardPlace: Guard] = [:]
        for rule in scope.chains.flatMap(\.rules) where rule.doesSomething {
            for (index, one) in rule.guards.enumerated() {
                guards[Circumstances.GuardPlace(rule: rule.id, index: index)] = one
            }
        }
        self.guards = guards
    }

    /// What becomes of a packet, if guards and opaque matches answer so.
    package func evaluation(of packet: PacketState, _ answers: GuardAnswers) -> Evaluation {
        interpreter.evaluate(packet, circumstances(answers))
    }

    /// What becomes of a packet under circumstances that name this rule set's rules.
    package func evaluation(of packet: PacketState, _ circumstances: Circumstances) -> Evaluation {
        interpreter.evaluate(packet, circumstances)
    }

    /// The answers under the names of the rule set's rules.
    package func circumstances(_ answers: GuardAnswers) -> Circumstances {
        Circumstances(opaque: answers.opaque, guards: guards.compactMapValues { answers.guards[$0] })
    }

    /// As much of an evaluation as a strictness looks at.
    package func treatment(_ evaluation: Evaluation, _ strictness: Strictness) -> Treatment {
        switch strictness {
        case .verdict: Treatment(verdict: evaluation.verdict.withoutKind, events: [])
        case .reject: Treatment(verdict: evaluation.verdict, events: [])
        case .effects: Treatment(verdict: evaluation.verdict, events: evaluation.events.compactMap(event))
        }
    }

    private func event(_ event: Evaluation.Event) -> Treatment.Event? {
        switch event {
        case .asked(let place): guards[place].map { .asked($0) }
        case .effect(.count): nil
        case .effect(let effect): .effect(effect)
        }
    }

    /// Whether the same guards answer the same in another rule set; not asked where it has other guards.
    package func areAsked(_ own: Circumstances, as other: Judge, _ others: Circumstances) -> Bool {
        let mine = counts(own)
        let theirs = other.counts(others)
        let haveSameGuards =
            Dictionary(grouping: guards.values) { $0 }.mapValues(\.count)
            == Dictionary(grouping: other.guards.values) { $0 }.mapValues(\.count)
        return !haveSameGuards || mine == theirs
    }

    /// How often a guard lets packets on.
    private func counts(_ circumstances: Circumstances) -> [Guard: Int] {
        guards.reduce(into: [:]) { counts, entry in
            counts[entry.value, default: 0] += circumstances.guards[entry.key] == false ? 0 : 1
        }
    }
}

extension FirewallRule {
    /// Whether it matters that the rule matches: the state of a guard before nothing is nobody's business.
    fileprivate var doesSomething: Bool { verdict != .next || effects.contains { $0 != .count } }
}
