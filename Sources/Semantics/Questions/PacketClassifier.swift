package import FirewallIR
package import PacketModel

/// What a diagram says of a packet: what it compares of an evaluation.
package struct DiagramEvaluation: Hashable, Sendable {
    /// Where the packet goes.
    package var verdict: PacketVerdict
    /// What is done on the way; nothing of counters, nor of guards of rules that do nothing else.
    package var events: [Evaluation.Event]
}

/// The diagrams of some scopes, asked about one packet after the other, as the interpreter is.
///
/// No proof needs this: it is how proofs, interpreter and kernel are held together.
package final class PacketClassifier {
    /// A class of packets that the diagrams do not tell apart: the way through each of them.
    package struct PacketClass: Hashable, Sendable {
        /// Each node on the way, and the edge by which it was left.
        fileprivate var ways: [[UInt64]]
    }

    private let query: Query
    private let functions: [Diagram]

    /// The diagrams of some scopes; `nil` if they outgrow the budget.
    package init?(
        _ scopes: [Scope], family: AddressFamily, representation: ProofOptions.Representation,
        budget: Int = ProofOptions.usualBudget
    ) {
        let query = Query(
            scopes, family: family, strictness: .effects, budget: budget, layout: Space.Layout(representation))
        self.query = query
        functions = scopes.indices.map { query.function(side: $0) }
        if query.isExhausted { return nil }
    }

    /// What each scope does with a packet of the family, and its class.
    package func classify(
        _ packet: PacketState, _ circumstances: [Circumstances]
    ) -> (class: PacketClass, evaluations: [DiagramEvaluation]) {
        let point = query.point(of: packet, circumstances)
        var ways = functions.map { _ in [UInt64]() }
        let evaluations = functions.indices.map { side in
            let end = query.terminal(of: functions[side], at: point) { node, child in
                ways[side].append(UInt64(node.raw) << 32 | UInt64(child.raw))
            }
            return query.evaluation(at: end, side: side)
        }
        return (PacketClass(ways: ways), evaluations)
    }
}

extension Query {
    /// What a function says with a terminal.
    func evaluation(at end: Diagram, side: Int) -> DiagramEvaluation {
        let terminal = terminals[end]
        let events = terminal.word.compactMap { letter -> Evaluation.Event? in
            guard let number = letters.guardNumber(letter) else {
                return .effect(letters.effects[Int(letter) - letters.guardCount])
            }
            return guards.members[number].first { $0.side == side }.map { .asked($0.place) }
        }
        guard case .decided(let verdict) = terminal.outcome else {
            return DiagramEvaluation(verdict: .leave, events: events)
        }
        return DiagramEvaluation(verdict: verdict, events: events)
    }
}
