package import FirewallIR

/// Why a packet is treated as it is: what each rule that was asked said to it, in words.
///
/// Nothing is put into words before it is asked for: most of ten thousand rules may not be shown.
package struct Explanation: Sendable {
    /// The packet.
    package let packet: PacketState
    /// What happened to it.
    package let evaluation: Evaluation

    /// An explanation of what was evaluated.
    package init(_ packet: PacketState, _ evaluation: Evaluation) {
        self.packet = packet
        self.evaluation = evaluation
    }

    /// Why a rule did not match.
    package enum Reason: Hashable, Sendable {
        /// It is not made for any packet.
        case neverMatches
        case mismatch(Mismatch)
        /// An opaque match is taken not to hold, or the clock is past an instant.
        case opaque(OpaqueMatch)
        /// A guard is taken to let nothing on.
        case refused(Guard)

        /// Whether it is that the packet is of another family.
        fileprivate var isOfFamily: Bool {
            if case .mismatch(let mismatch) = self { mismatch.field == .family } else { false }
        }

        /// The reason in words.
        package var text: String {
            switch self {
            case .neverMatches: "the rule matches no packet"
            case .mismatch(let mismatch): mismatch.text
            case .opaque(.before(let instant)): "it ended at \(PacketDescription.clock(instant))"
            case .opaque(.not(let match)): "the match '\(match.text)' is taken to hold"
            case .opaque(let match): "the match '\(match.text)' is taken not to hold"
            case .refused(let refusal): "\(refusal.text) is used up"
            }
        }
    }

    /// Why a rule did not match: one reason for each of its alternatives, each reason once; none if it did.
    ///
    /// Alternatives for the other family are passed over where there are some for the packet's own.
    package func reasons(_ step: Evaluation.Step) -> [Reason] {
        switch step.meeting {
        case .matched: return []
        case .failed(let match): return [.opaque(match)]
        case .refused(let refusal): return [.refused(refusal)]
        case .outside(let fields):
            var met = packet
            met.mark = step.mark
            if let mark = step.connectionMark { met.entry?.mark = mark }
            var seen: Set<Reason> = []
            let reasons = zip(step.rule.allStages[step.stage].condition, fields).map { box, field in
                Reason.mismatch(box.mismatch(in: field, with: met))
            }
            let own = fields.contains { $0 != .family }
            return reasons.isEmpty
                ? [.neverMatches] : reasons.filter { !(own && $0.isOfFamily) && seen.insert($0).inserted }
        }
    }

    /// Whether a rule was met that ends at an instant.
    package var asksClock: Bool {
        evaluation.steps.contains { step in
            step.opaqueAsked.contains(where: \.isOfClock)
        }
    }

    /// The guards and opaque matches on whose answers the explanation rests, each once, in the order in which they were met.
    package var takenForGranted: [String] {
        var seen: Set<String> = []
        return evaluation.steps.flatMap(\.takenForGranted).filter { seen.insert($0).inserted }
    }
}

extension Evaluation.Step {
    /// The answers that were taken for granted in this rule.
    fileprivate var takenForGranted: [String] {
        switch meeting {
        case .outside: passed
        case .failed(let match): passed + (match.isOfClock ? [] : [match.words(holds: false)])
        case .refused(let refusal): passed.dropLast() + ["\(refusal.text) is used up"]
        case .matched: passed
        }
    }

    /// What the opaque matches and guards that were asked are taken to have answered if they let the packet on.
    private var passed: [String] {
        var guards = guardsAsked
        return stagesMet.flatMap { stage -> [String] in
            let asked = stage.guards.prefix(guards)
            guards -= asked.count
            return stage.opaque.filter { !$0.isOfClock }.map { $0.words(holds: true) }
                + asked.map { "\($0.text) is not used up" }
        }
    }

    /// The stages whose condition held the packet, and whose opaque matches held.
    private var stagesMet: ArraySlice<RuleStage> {
        switch meeting {
        case .outside, .failed: rule.allStages.prefix(stage)
        case .refused, .matched: rule.allStages.prefix(stage + 1)
        }
    }

    /// The opaque matches that were asked, perhaps in vain.
    fileprivate var opaqueAsked: [OpaqueMatch] {
        if case .outside = meeting { return rule.allStages.prefix(stage).flatMap(\.opaque) }
        return rule.allStages.prefix(stage + 1).flatMap(\.opaque)
    }
}

extension OpaqueMatch {
    /// Whether the packet's clock decides.
    fileprivate var isOfClock: Bool { if case .before = self { true } else { false } }

    /// The answer in words, of the match that is negated where it is.
    fileprivate func words(holds: Bool) -> String {
        if case .not(let match) = self { return match.words(holds: !holds) }
        return "'\(text)' \(holds ? "holds" : "does not hold")"
    }
}
