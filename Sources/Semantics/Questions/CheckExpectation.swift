package import FirewallIR
internal import PacketModel

/// Whether rules do what somebody expects of them: for every packet that is meant, not for examples.
package enum CheckExpectation {
    /// The answer.
    package enum Answer: Hashable, Sendable {
        /// They do, if the assumptions hold.
        case holds(assuming: [Assumption])
        /// They do not.
        case broken(Counterproof)
        /// No packet is meant: the descriptions of its parts exclude each other.
        case empty
        /// The question is too large for the budget.
        case undecided(Undecided)
    }

    /// A packet that is treated otherwise; replayed through the rules as they are.
    package struct Counterproof: Hashable, Sendable {
        package var packet: PacketState
        package var evaluation: Evaluation
        /// Whether there is no such packet among those to published ports, and nobody said that these alone are meant.
        package var holdsIfPublished: Bool
    }

    /// Checks an expectation.
    ///
    /// - Parameters:
    ///   - expectation: what is expected.
    ///   - ruleset: the rules.
    ///   - now: the clock, in seconds since 1970 (UTC), for what is expected now.
    ///   - budget: how many edges the diagrams may have.
    /// - Returns: that it holds, or a packet for which it does not, in IPv4 if there is one.
    package static func run(
        _ expectation: Expectation, in ruleset: Ruleset, now: Int64, budget: Int = ProofOptions.usualBudget
    ) -> Answer {
        let check = Check(expectation: expectation, ruleset: ruleset, now: now, budget: budget)
        let answer = check.answer(about: expectation.packets)
        guard case .broken(var counterproof) = answer else { return answer }
        counterproof.holdsIfPublished = check.holds(about: expectation.packets.compactMap(\.ofPublishedPorts))
        return .broken(counterproof)
    }
}

/// An expectation beside the rules of which it is.
private struct Check {
    let expectation: Expectation
    let ruleset: Ruleset
    let now: Int64
    let budget: Int

    /// The rules for what Docker forwards in a family; none if there is no such scope, `nil` if there are several.
    private func scope(_ family: AddressFamily) -> Scope? {
        let scopes = ruleset.scopes(at: .containers, family)
        return scopes.count > 1 ? nil : scopes.first ?? Self.nothing
    }

    private static let nothing = Scope(
        hook: .containers, families: .both, entry: "", chains: [Chain(name: "", rules: [])])

    func answer(about packets: [Box]) -> CheckExpectation.Answer {
        var assumptions: Set<Assumption> = []
        var isEmpty = !packets.isEmpty
        for family in AddressFamily.allCases {
            let region = packets.compactMap { $0.restricted(to: family) }
            if region.isEmpty { continue }
            guard let scope = scope(family) else { return .undecided(.severalScopes(side: 0)) }
            switch search(region, family, scope) {
            case .found(let example): return confirmed(example, region, scope)
            case .undecided(let reason): return .undecided(reason)
            case .none(let assumed):
                assumptions.formUnion(assumed)
                isEmpty = isEmpty && !hasPackets(region, family)
            }
        }
        return isEmpty ? .empty : .holds(assuming: Assumption.allCases.filter(assumptions.contains))
    }

    /// Whether there are such packets, and the expectation holds for them.
    func holds(about packets: [Box]) -> Bool {
        if packets.isEmpty { return false }
        if case .holds = answer(about: packets) { return true }
        return false
    }

    private func search(_ region: [Box], _ family: AddressFamily, _ scope: Scope) -> FindPacket.Answer {
        let rules = expectation.form == .now ? scope.settled(at: now) : scope
        return FindPacket.run(
            in: rules.narrowed(to: region), family: family, region: region, budget: budget,
            where: expectation.isBroken)
    }

    private func hasPackets(_ region: [Box], _ family: AddressFamily) -> Bool {
        let answer = FindPacket.run(in: Self.nothing, family: family, region: region, budget: budget) { _ in true }
        if case .none = answer { return false }
        return true
    }

    /// What the rules as they are do with a packet that was found for rules that were made simpler.
    private func confirmed(_ example: FindPacket.Example, _ region: [Box], _ scope: Scope) -> CheckExpectation.Answer {
        var packet = example.packet
        if expectation.form == .now { packet.time = now }
        // Rules that were settled have no guards to be named.
        let circumstances = example.circumstances
        let evaluation = Interpreter(scope).evaluate(packet, circumstances)
        guard expectation.isBroken(by: evaluation.verdict), region.contains(where: { $0.contains(packet) }) else {
            return .undecided(.unconfirmed(packet))
        }
        if !Explanation(packet, evaluation).asksClock { packet.time = 0 }
        return .broken(
            CheckExpectation.Counterproof(packet: packet, evaluation: evaluation, holdsIfPublished: false))
    }
}

extension Expectation {
    /// Whether a packet with this verdict is not as expected.
    fileprivate func isBroken(by verdict: PacketVerdict) -> Bool { outcome.includes(verdict) == (form == .never) }
}

extension Expectation.Outcome {
    /// Whether a verdict is this outcome.
    fileprivate func includes(_ verdict: PacketVerdict) -> Bool {
        switch (self, verdict) {
        case (.allowed, .leave), (.allowed, .accept), (.dropped, .drop): true
        case (.rejected(let wanted), .reject(let kind)): wanted == nil || wanted == kind
        default: false
        }
    }
}

extension Box {
    /// The packets to published ports; `nil` if it is said already whether these are meant.
    fileprivate var ofPublishedPorts: Box? {
        guard status == nil else { return nil }
        var box = self
        let dnat = ConntrackStatus.dnat.rawValue
        box.status = Presence([MaskedTest(mask: dnat, value: dnat)])
        return box
    }
}
