package import FirewallIR
package import PacketModel

/// How a question is to be answered.
package struct ProofOptions: Hashable, Sendable {
    /// What counts as equal.
    package var strictness: Strictness
    /// How many edges the decision diagrams may have before the engine gives up.
    package var budget: Int
    /// The families to look at.
    package var families: FamilySet
    /// The only representation to use; `nil` stands for all, one after the other.
    package var representation: Representation?

    /// How decision diagrams hold large fields; each is an engine of its own, and tests hold them together.
    package enum Representation: String, CaseIterable, Hashable, Sendable {
        /// Addresses and ports in digits of eight bits, which share what they have in common; ports before addresses.
        case digits
        /// Each field in one level of intervals; addresses before ports.
        case intervals
    }

    /// The usual budget: some 2 GB at most.
    package static let usualBudget = 60_000_000

    /// Options.
    package init(
        strictness: Strictness = .reject, budget: Int = ProofOptions.usualBudget, families: FamilySet = .both,
        representation: Representation? = nil
    ) {
        self.strictness = strictness
        self.budget = budget
        self.families = families
        self.representation = representation
    }
}

/// A packet that two rule sets treat differently; replayed through the interpreter.
package struct Counterexample: Hashable, Sendable {
    /// The packet.
    package var packet: PacketState
    /// What opaque matches and guards answer on the first side.
    package var circumstancesA: Circumstances
    /// What they answer on the second: the same answers, under its own rules' names.
    package var circumstancesB: Circumstances
    /// What the first rule set does with it.
    package var a: Evaluation
    /// What the second rule set does with it.
    package var b: Evaluation
}

/// Why there is no answer.
package enum Undecided: Hashable, Sendable {
    /// The diagrams outgrew the budget, in edges.
    case budget(Int)
    /// The rules tell apart more combinations of bits of the mark, the status or the TCP flags than the engine can hold.
    case tooManyMarks
    /// A side, 0 or 1, has several lists of rules for the hook and family: which of them counts is not known.
    case severalScopes(side: Int)
    /// Rules ask for something that others change on the packet's way, and the change is not followed.
    case changedOnTheWay(WayChange)
    /// One packet asks a guard twice, since it passes its chain twice: its two answers cannot be told apart.
    case askedTwice(UnrelatedGuard)
    /// Stateful guards cannot be related to those of the other side.
    case unrelated([UnrelatedGuard])
    /// A packet was found that the interpreter does not confirm: a mistake of the engine, to be reported.
    case unconfirmed(PacketState)
}

/// What rules ask for and others change on a packet's way.
package enum WayChange: String, Hashable, Sendable {
    /// The packet's mark, taken over from its connection.
    case mark
    /// The connection's mark, taken over from the packet.
    case connectionMark = "connection-mark"
    /// A list of recent addresses.
    case recentList = "recent"
    /// A set of the kernel (ipset).
    case set

    /// What it is, in words.
    package var words: String {
        switch self {
        case .mark: "the mark of packets, which other rules restore from their connections"
        case .connectionMark: "the mark of connections, which other rules save from their packets"
        case .recentList: "a list of recent addresses, to which other rules add"
        case .set: "a set of addresses, to which other rules add"
        }
    }
}

extension Undecided {
    /// Why there is no answer if a side has several lists of rules, by the name of the side.
    package static func textOfSeveralScopes(_ side: String) -> String {
        "\(side) has several lists of rules for this hook and family"
    }

    /// Why there is no answer if a change is not followed.
    package static func text(of change: WayChange) -> String {
        "the rules ask for \(change.words): that is not followed"
    }
}

/// A guard for which the other rule set has none that the same packets reach.
package struct UnrelatedGuard: Hashable, Sendable {
    /// Which side it is on: 0 or 1.
    package var side: Int
    /// The rule with the guard.
    package var rule: FirewallRule
    /// The guard.
    package var guarded: Guard
    /// The rule of the other side that has the guard with which it was compared.
    package var compared: FirewallRule?
    /// A packet that reaches the one, and not the other in the same way.
    package var packet: PacketState
}

/// The answer for one hook and family.
package enum ProofAnswer: Hashable, Sendable {
    /// Every packet is treated alike, if the assumptions hold.
    case equal(assuming: [Assumption])
    case different(Counterexample)
    case undecided(Undecided)
}

/// What was found out about one hook and family.
package struct ScopeProof: Hashable, Sendable {
    package var hook: Scope.Hook
    package var family: AddressFamily
    package var answer: ProofAnswer

    package init(hook: Scope.Hook, family: AddressFamily, answer: ProofAnswer) {
        self.hook = hook
        self.family = family
        self.answer = answer
    }
}

/// What was found out about two rule sets: one answer for each hook and family of which both speak.
package struct ProofReport: Hashable, Sendable {
    package var scopes: [ScopeProof]

    package init(scopes: [ScopeProof]) { self.scopes = scopes }
}
