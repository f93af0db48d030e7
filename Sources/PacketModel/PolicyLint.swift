/// What `seawall check` finds in a policy that compiles: rules that do not do what their author most likely meant.
///
/// Each is proved, not guessed, and each can be accepted: for a rule with `.lint(allow:)`, for a run with `--allow`.
public enum PolicyLint: String, CaseIterable, Hashable, Sendable {
    /// The rules before it decide every packet that the rule matches.
    case shadowed
    /// Without the rule the same would become of every packet.
    case redundant
    /// The rule and an earlier one of the opposite verdict overlap, and neither is the exception of the other.
    case contradictingOverlap = "contradicting-overlap"
    /// No packet can match the rule.
    case matchesNothing = "matches-nothing"
    /// The rules before a `Default` decide everything that the scope judges.
    case unreachedDefault = "unreached-default"
    /// An `Accept` for packets that Docker lets pass by itself: `Allow` does the same.
    case needlessAccept = "needless-accept"
    /// A drop also stops replies of connections that are allowed.
    case cutsReplies = "cuts-replies"
    /// The day until which the rule holds is over.
    case expired
}
