package import FirewallIR
internal import PacketModel
package import Semantics

/// A rule set that is asked about packets by the interpreter, one hook at a time.
package struct Judge {
    private let scopes: [Scope]
    private let guards: [Circumstances.GuardPlace: Guard]

    /// The scopes of a hook; `nil` if the rule set has none.
    package init?(_ ruleset: Ruleset, _ hook: Scope.Hook) {
        scopes = ruleset.scopes.filter { $0.hook == hook }
        if scopes.isEmpty { return nil }
        var guards: [Circumstances.GuardPlace: Guard] = [:]
        for rule in scopes.flatMap(\.chains).flatMap(\.rules) where rule.doesSomething {
            for (index, one) in rule.allGuards.enumerated() {
                guards[Circumstances.GuardPlace(rule: rule.id, index: index)] = one
            }
        }
        self.guards = guards
    }

    /// What becomes of a packet, if guards and opaque matches answer so.
    package func evaluation(of packet: PacketState, _ answers: GuardAnswers) -> Evaluation {
        evaluation(of: packet, circumstances(answers))
    }

    /// What becomes of a packet under circumstances that name this rule set's rules.
    package func evaluation(of packet: PacketState, _ circumstances: Circumstances) -> Evaluation {
        let own = scopes.first { $0.families.contains(FamilySet(packet.family)) } ?? scopes[0]
        return Interpreter(own).evaluate(packet.at(own.hook), circumstances)
    }

    /// The answers under the names of the rule set's rules.
    package func circumstances(_ answers: GuardAnswers) -> Circumstances {
        Circumstances(opaque: answers.opaque, guards: guards.compactMapValues { answers.guards[$0] })
    }

    /// As much of an evaluation as a strictness looks at; without other tables, what leaves a base chain is accepted.
    package func treatment(
        _ evaluation: Evaluation, _ strictness: Strictness, assuming assumptions: [Assumption] = []
    ) -> Treatment {
        var verdict = evaluation.verdict
        if assumptions.contains(.noOtherTable), evaluation.hook != .containers, verdict == .leave { verdict = .accept }
        return switch strictness {
        case .verdict: Treatment(verdict: verdict.withoutKind, events: [])
        case .reject: Treatment(verdict: verdict, events: [])
        case .effects: Treatment(verdict: verdict, events: evaluation.events.compactMap(event))
        }
    }

    /// What a diagram says, in the same terms; it was asked for effects.
    func treatment(_ evaluation: DiagramEvaluation) -> Treatment {
        Treatment(verdict: evaluation.verdict, events: evaluation.events.compactMap(event))
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
    fileprivate var doesSomething: Bool {
        verdict != .next || effects.contains { $0 != .count } || allGuards.contains(where: \.isShared)
    }
}

extension Guard {
    /// Whether other rules may ask the same state, by its name.
    fileprivate var isShared: Bool {
        if case .module(let name, _) = self { name == "recent" || name == "hashlimit" } else { false }
    }
}
