package import FirewallIR
package import PacketModel

/// What is done with packets: where they go, and for a strict comparison what happens on the way.
package struct TrafficTreatment: Hashable, Sendable {
    package var verdict: PacketVerdict
    /// Log lines and marks, in order; none unless effects are compared.
    package var effects: [Effect] = []
}

/// Packets that are treated otherwise than before.
package struct TrafficChange: Hashable, Sendable {
    /// The rules that decide about a packet on both sides; `nil` where none does.
    package struct Cause: Hashable, Sendable {
        package var was: FirewallRule?
        package var now: FirewallRule?
    }

    package var hook: Scope.Hook
    /// Which packets.
    package var box: TrafficBox
    package var was: TrafficTreatment
    package var now: TrafficTreatment
    /// One of the packets, replayed through the interpreter on both sides.
    package var example: PacketState
    /// The rules that decide about some packets of the box, the example first; at most three pairs.
    package var causes: [Cause]
}

/// What could not be found out about one hook and family.
package struct UndecidedScope: Hashable, Sendable {
    package var hook: Scope.Hook
    package var family: AddressFamily
    package var reason: Undecided
}

/// The traffic that two rule sets treat differently, as disjoint boxes.
package struct DifferenceReport: Hashable, Sendable {
    /// The changes, in the order of their services.
    package var changes: [TrafficChange] = []
    /// How many changes there are that are not listed.
    package var unlisted = 0
    /// Whether there may be even more.
    package var isCut = false
    /// What is not known.
    package var undecided: [UndecidedScope] = []
    /// What was taken to be true of all packets, where it had a bearing.
    package var assumed: [Assumption] = []
    /// The hooks and families that were compared.
    package var compared: [Scope.Hook: FamilySet] = [:]
    /// Hooks of which one side alone speaks, so that nothing was compared.
    package var unmatched: [Scope.Hook] = []
}
