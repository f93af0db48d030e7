package import FirewallIR
package import PacketModel

/// Asks whether there is a packet in a region that a scope treats in a certain way: what "never" and "always" come down to.
package enum FindPacket {
    /// The answer.
    package enum Answer: Hashable, Sendable {
        /// No packet is treated so, if the assumptions hold.
        case none(assuming: [Assumption])
        /// One that is, with what the interpreter says of it.
        case found(Example)
        /// The diagrams outgrew the budget.
        case undecided(Undecided)
    }

    /// A packet that was found; replayed through the interpreter.
    package struct Example: Hashable, Sendable {
        package var packet: PacketState
        package var circumstances: Circumstances
        package var evaluation: Evaluation
    }

    /// Looks for a packet of one family.
    ///
    /// - Parameters:
    ///   - scope: the rules.
    ///   - family: the family of the packet.
    ///   - region: the packet is in one of these boxes.
    ///   - budget: how many edges the diagrams may have.
    ///   - isWanted: whether a verdict is what is looked for; guards may answer either way.
    /// - Returns: a packet, that there is none, or that the budget was used up.
    package static func run(
        in scope: Scope, family: AddressFamily, region: [Box], budget: Int = ProofOptions.usualBudget,
        where isWanted: (PacketVerdict) -> Bool
    ) -> Answer {
        for layout in ProveEquality.layouts {
            let query = Query(
                [scope], family: family, strictness: .reject, budget: budget, layout: layout, regions: [region])
            if let reason = query.refusal { return .undecided(reason) }
            if let answer = answer(query, isWanted) { return answer }
        }
        return .undecided(.budget(budget))
    }

    private static func answer(_ query: Query, _ isWanted: (PacketVerdict) -> Bool) -> Answer? {
        let function = query.function(side: 0)
        let wanted = query.store.mapTerminals(function) { diagram in
            guard case .decided(let verdict) = query.terminals[diagram].outcome else { return TerminalTable.fall }
            return isWanted(verdict) ? TerminalTable.inside : TerminalTable.fall
        }
        let set = query.store.replace(TerminalTable.inside, in: query.region(0), by: wanted)
        let impossible = query.impossible()
        let assumed = query.assumedSets()
        if query.isExhausted { return nil }
        let search = { (excluded: [Diagram]) in
            query.find(set, TerminalTable.fall, outside: [impossible] + excluded)
        }
        guard let realistic = search(assumed.map(\.set)) else { return nil }
        guard let point = realistic.point else {
            return .none(assuming: query.needed(assumed) { search($0)?.isNowhere ?? false })
        }
        let decoder = PointDecoder(query: query, point: point)
        let packet = decoder.packet()
        let circumstances = decoder.circumstances(side: 0)
        let evaluation = Interpreter(query.sides[0]).evaluate(packet, circumstances)
        guard packet.isValid, isWanted(evaluation.verdict) else { return .undecided(.unconfirmed(packet)) }
        return .found(Example(packet: packet, circumstances: circumstances, evaluation: evaluation))
    }
}
