package import FirewallIR
package import Semantics

/// Two rule sets that are given the same packets, judged by the interpreter alone.
package struct PacketComparison {
    /// A packet that they treat differently.
    package struct Difference: CustomStringConvertible {
        /// The packet.
        package var packet: PacketState
        /// What guards and opaque matches answered.
        package var answers: GuardAnswers
        /// What becomes of it.
        package var a: Treatment
        /// What becomes of it on the other side.
        package var b: Treatment

        /// All of it, for the message of a test.
        package var description: String { "\(packet)\n\(answers)\n\(a)\n\(b)" }
    }

    private let a: Judge
    private let b: Judge
    private let packets: RandomPackets
    private let hook: Scope.Hook

    /// Rule sets that both speak of a hook; `nil` if not.
    package init?(_ a: Ruleset, _ b: Ruleset, _ hook: Scope.Hook) {
        guard let first = Judge(a, hook), let second = Judge(b, hook) else { return nil }
        self.a = first
        self.b = second
        packets = RandomPackets(near: [a, b])
        self.hook = hook
    }

    /// The first of many random packets that is treated differently; packets that are not wanted are left out.
    package func difference(
        _ strictness: Strictness, assuming assumptions: [Assumption] = [], packets count: Int,
        random: inout SeededGenerator,
        where isWanted: (PacketState) -> Bool = { _ in true }
    ) -> Difference? {
        for _ in 0..<count {
            let packet = packets.packet(&random).at(hook)
            let answers = packets.answers(&random)
            guard isWanted(packet) else { continue }
            let first = a.treatment(a.evaluation(of: packet, answers), strictness, assuming: assumptions)
            let second = b.treatment(b.evaluation(of: packet, answers), strictness, assuming: assumptions)
            if first != second { return Difference(packet: packet, answers: answers, a: first, b: second) }
        }
        return nil
    }
}
