package import FirewallIR

/// What decides besides the packet: the answers of opaque matches and of stateful guards.
package struct Circumstances: Hashable, Sendable {
    /// One guard of one rule: `0` is the rule's first.
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
    /// Whether a guard lets the packet on; those that are not named do.
    package var guards: [GuardPlace: Bool]

    /// Answers.
    package init(opaque: [OpaqueMatch: Bool] = [:], guards: [GuardPlace: Bool] = [:]) {
        self.opaque = opaque
        self.guards = guards
    }

    /// Nothing limits, and no opaque match holds.
    package static let usual = Circumstances()
}
