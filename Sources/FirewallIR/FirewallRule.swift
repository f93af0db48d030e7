package import Diagnostics

/// A rule: *condition (a union of boxes) · opaque matches · stateful guards (in order) · further stages of the same three ·
/// effects (in order) · verdict*.
///
/// As of a box, the parts are shared by all copies of a rule until one of these is changed.
package struct FirewallRule: Hashable, Sendable {
    var storage: Storage

    /// A rule.
    package init(
        id: String, origin: SourceLocation, condition: [Box], opaque: [OpaqueMatch] = [], guards: [Guard] = [],
        stages: [RuleStage] = [], effects: [Effect] = [], verdict: Verdict, comment: String? = nil
    ) {
        storage = Storage(
            RuleContent(
                id: id, origin: origin, condition: condition, opaque: opaque, guards: guards, stages: stages,
                effects: effects, verdict: verdict, comment: comment))
    }

    /// What copies share; it is changed only where there is no second one.
    final class Storage: @unchecked Sendable {
        @exclusivity(unchecked) var content: RuleContent

        init(_ content: RuleContent) { self.content = content }
    }

    /// The parts.
    var content: RuleContent {
        get { storage.content }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.content) }
            yield &storage.content
        }
    }

    package static func == (a: FirewallRule, b: FirewallRule) -> Bool {
        a.storage === b.storage || a.storage.content == b.storage.content
    }

    package func hash(into hasher: inout Hasher) { storage.content.hash(into: &hasher) }
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
