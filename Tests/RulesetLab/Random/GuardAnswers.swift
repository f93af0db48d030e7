package import FirewallIR

/// What opaque matches and guards answer, whatever the names of the rules in which they stand.
///
/// So two rule sets can be asked alike: a guard of one answers as its like in the other, however they are paired.
package struct GuardAnswers: Hashable, Sendable {
    /// Whether an opaque match holds.
    package var opaque: [OpaqueMatch: Bool]
    /// Whether a guard lets packets on.
    package var guards: [Guard: Bool]

    /// Answers.
    package init(opaque: [OpaqueMatch: Bool] = [:], guards: [Guard: Bool] = [:]) {
        self.opaque = opaque
        self.guards = guards
    }
}
