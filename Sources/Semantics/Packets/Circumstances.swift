package import FirewallIR

/// What decides besides the packet: the answers of opaque matches and of stateful guards.
package struct Circumstances: Hashable, Sendable {
    /// One guard of one rule: `0` is the rule's first, and those of later stages are counted on.
    package struct GuardPlace: Hashable, Sendable {
        package var rule: String
        package var index: Int

        /// The guard of a rule, by the rule's identifier.
        package init(rule: String, index: Int) {
            self.rule = rule
            self.index = index
        }
    }

    /// Whether an opaque match holds; those that are not named do not.
    package var opaque: [OpaqueMatch: Bool]
    /// Whether a guard lets the packet on; for those that are not named, `otherGuards` says.
    package var guards: [GuardPlace: Bool]
    /// Whether guards that are not named let the packet on.
    package var otherGuards: Bool

    /// Answers.
    package init(
        opaque: [OpaqueMatch: Bool] = [:], guards: [GuardPlace: Bool] = [:], otherGuards: Bool = true
    ) {
        self.opaque = opaque
        self.guards = guards
        self.otherGuards = otherGuards
    }

    /// Nothing limits, and no opaque match holds.
    package static let usual = Circumstances()

    /// Whether a guard lets the packet on.
    package func lets(_ place: GuardPlace) -> Bool { guards[place] ?? otherGuards }
}
