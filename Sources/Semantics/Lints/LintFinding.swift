package import Diagnostics
package import FirewallIR
package import PacketModel

/// Something in a policy that is most likely not what was meant, with the proof.
package struct LintFinding: Hashable, Sendable {
    /// What.
    package var lint: PolicyLint
    /// Which rule.
    package var source: RuleSource
    /// The rules that make it so, in the order of the policy; not all, if there are very many.
    package var because: [RuleSource]
    /// How many such rules there are.
    package var becauseCount: Int
    /// A packet that shows it.
    package var packet: PacketState?

    package init(
        _ lint: PolicyLint, _ source: RuleSource, because: [RuleSource] = [], count: Int? = nil,
        packet: PacketState? = nil
    ) {
        self.lint = lint
        self.source = source
        self.because = because
        becauseCount = count ?? because.count
        self.packet = packet
    }
}

extension LintFinding {
    /// The finding as a warning, with the proof as notes.
    package var diagnostic: Diagnostic {
        Diagnostic(lint.rawValue, .warning, at: source.origin, message, notes: proof + [acceptance])
    }

    private var message: String {
        switch lint {
        case .shadowed: "the rule decides nothing: rules before it decide every packet that it matches"
        case .redundant: "the rule changes nothing: without it the same would become of every packet"
        case .contradictingOverlap:
            "the rule overlaps with an earlier one that says the opposite, and neither is an exception of the other: for what they share, the order decides"
        case .matchesNothing: "the rule matches no packet: its conditions exclude each other"
        case .unreachedDefault:
            "the 'Default' is never reached: rules before it decide everything that the scope judges"
        case .needlessAccept:
            "the 'Accept' overrides nothing: Docker lets packets to published ports pass by itself, so 'Allow' does the same"
        case .cutsReplies: "the rule drops replies of connections that are allowed"
        case .expired: "the rule is past its 'until:', and matches no packet any more: take it out"
        }
    }

    private var proof: [Diagnostic.Note] {
        var notes = because.map { Diagnostic.Note(role, at: $0.origin) }
        if becauseCount > because.count {
            notes.append(Diagnostic.Note("and \(becauseCount - because.count) more"))
        }
        if because.isEmpty && lint == .redundant {
            notes.append(Diagnostic.Note("behind it, the end of the rules says the same"))
        }
        if let packet { notes.append(Diagnostic.Note("for example \(packet.text)")) }
        return notes
    }

    private var role: String {
        switch lint {
        case .shadowed, .unreachedDefault: "this one decides packets of it"
        case .redundant: "this one would decide packets of it alike"
        case .contradictingOverlap: "the earlier one"
        case .cutsReplies: "this one allows the connection"
        case .matchesNothing, .needlessAccept, .expired: "see here"
        }
    }

    private var acceptance: Diagnostic.Note {
        let name = lint.rawValue.split(separator: "-").enumerated().map { index, word in
            index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
        }.joined()
        return Diagnostic.Note(
            "if it is meant so: '.lint(allow: .\(name))' behind the rule, or --allow \(lint.rawValue)")
    }
}
