/// What two rule sets have to agree on to count as equal.
package enum Strictness: String, CaseIterable, Hashable, Sendable {
    /// Whether a packet is handed on, accepted or not; a reject counts as a drop.
    case verdict
    /// The verdict, and how a rejected packet is answered.
    case reject
    /// All of it, and the effects in order: log lines, marks, guards that are used up.
    case effects
}
