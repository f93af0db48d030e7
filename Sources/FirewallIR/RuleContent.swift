package import Diagnostics

/// The parts of a rule by themselves; `FirewallRule` says what each of them is.
struct RuleContent: Hashable, Sendable {
    var id: String
    var origin: SourceLocation
    var condition: [Box]
    var opaque: [OpaqueMatch]
    var guards: [Guard]
    var stages: [RuleStage]
    var effects: [Effect]
    var verdict: Verdict
    var comment: String?
    var merged: [MergedSource] = []
}

extension FirewallRule {
    /// The name by which counters and logs lead back to the source: eight characters, or with a suffix for a part of a rule.
    package var id: String {
        get { storage.content.id }
        _modify { yield &content.id }
    }
    /// Where it was written.
    package var origin: SourceLocation {
        get { storage.content.origin }
        _modify { yield &content.origin }
    }
    /// Which packets: those in any of the boxes; none at all if there is no box.
    package var condition: [Box] {
        get { storage.content.condition }
        _modify { yield &content.condition }
    }
    /// What else has to hold.
    package var opaque: [OpaqueMatch] {
        get { storage.content.opaque }
        _modify { yield &content.opaque }
    }
    /// What may refuse, in order; asked only when all of the above holds.
    package var guards: [Guard] {
        get { storage.content.guards }
        _modify { yield &content.guards }
    }
    /// What is asked behind the guards, stage by stage: the packet was counted by then, whatever the answer.
    package var stages: [RuleStage] {
        get { storage.content.stages }
        _modify { yield &content.stages }
    }
    /// What is done, in order; only if no guard refused.
    package var effects: [Effect] {
        get { storage.content.effects }
        _modify { yield &content.effects }
    }
    /// Where the packet goes then.
    package var verdict: Verdict {
        get { storage.content.verdict }
        _modify { yield &content.verdict }
    }
    /// What the author says about it.
    package var comment: String? {
        get { storage.content.comment }
        _modify { yield &content.comment }
    }
    /// The rules of the policy whose boxes make up the condition, in their order; empty if it is one rule of the policy.
    package var merged: [MergedSource] {
        get { storage.content.merged }
        _modify { yield &content.merged }
    }
}
