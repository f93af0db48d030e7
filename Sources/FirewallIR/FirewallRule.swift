package import Diagnostics

/// A rule: *condition (a union of boxes) · opaque matches · stateful guards (in order) · further stages of the same three ·
/// effects (in order) · verdict*.
package struct FirewallRule: Hashable, Sendable {
    /// The name by which counters and logs lead back to the source: eight characters, or with a suffix for a part of a rule.
    package var id: String
    /// Where it was written.
    package var origin: SourceLocation
    /// Which packets: those in any of the boxes; none at all if there is no box.
    package var condition: [Box]
    /// What else has to hold.
    package var opaque: [OpaqueMatch]
    /// What may refuse, in order; asked only when all of the above holds.
    package var guards: [Guard]
    /// What is asked behind the guards, stage by stage: the packet was counted by then, whatever the answer.
    package var stages: [RuleStage]
    /// What is done, in order; only if no guard refused.
    package var effects: [Effect]
    /// Where the packet goes then.
    package var verdict: Verdict
    /// What the author says about it.
    package var comment: String?
    /// The rules of the policy whose boxes make up the condition, in their order; empty if it is one rule of the policy.
    package var merged: [MergedSource] = []

    /// A rule.
    package init(
        id: String, origin: SourceLocation, condition: [Box], opaque: [OpaqueMatch] = [], guards: [Guard] = [],
        stages: [RuleStage] = [], effects: [Effect] = [], verdict: Verdict, comment: String? = nil
    ) {
        self.id = id
        self.origin = origin
        self.condition = condition
        self.opaque = opaque
        self.guards = guards
        self.stages = stages
        self.effects = effects
        self.verdict = verdict
        self.comment = comment
    }
}

/// A part of a rule behind a guard: a condition, opaque matches, and further guards, asked in this order.
package struct RuleStage: Hashable, Sendable {
    /// Which packets: those in any of the boxes.
    package var condition: [Box]
    /// What else has to hold.
    package var opaque: [OpaqueMatch]
    /// What may refuse, in order; asked only when all of the above holds.
    package var guards: [Guard]

    /// A stage.
    package init(condition: [Box], opaque: [OpaqueMatch] = [], guards: [Guard] = []) {
        self.condition = condition
        self.opaque = opaque
        self.guards = guards
    }
}

extension FirewallRule {
    /// All stages, from the rule's own on.
    package var allStages: [RuleStage] {
        [RuleStage(condition: condition, opaque: opaque, guards: guards)] + stages
    }

    /// All guards, in the order in which they are asked.
    package var allGuards: [Guard] { stages.isEmpty ? guards : guards + stages.flatMap(\.guards) }
}
