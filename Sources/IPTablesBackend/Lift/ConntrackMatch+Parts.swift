internal import FirewallIR
internal import PacketModel

extension ConntrackMatch {
    /// The packets of a box that the instance matches: those in any of the parts (`conntrack_mt`).
    ///
    /// The state is asked first, and for a packet without an entry it is all that is asked. So an instance with a state
    /// lets some packets without an entry through, whatever its other options say of a connection; one without a state
    /// lets none through. As the state of a packet tells whether it has an entry, one box says both. The virtual states
    /// SNAT and DNAT are alternatives to the real ones, and so need a second box.
    func parts(of box: Box, _ family: AddressFamily) throws(LiftRefusal) -> [Box] {
        guard let state else { return [try withEntry(box, .tracked, family)] }
        let translated = state.value.translated
        guard ConntrackMatch.translations.isSuperset(of: translated) else {
            throw LiftRefusal("a status other than SNAT and DNAT stands among the states")
        }
        let states = state.isNegated ? ConntrackStateSet.all.subtracting(state.value.states) : state.value.states
        if translated.isEmpty { return [try restrict(box, states, family)] }
        if state.isNegated {
            var box = box
            box.status.narrow(to: translated.noneOf, allowsAbsent: !states.isDisjoint(with: .withoutEntry))
            return [try restrict(box, states, family)]
        }
        var inTranslation = try withEntry(box, .tracked, family)
        inTranslation.status.narrow(to: translated.anyOf)
        if states.isEmpty { return [inTranslation] }
        let inState = try restrict(box, states, family)
        return states.isSuperset(of: .tracked) ? [inState] : [inState, inTranslation]
    }

    /// The states in which a packet passes; the other options are asked where there is an entry.
    private func restrict(_ box: Box, _ states: ConntrackStateSet, _ family: AddressFamily) throws(LiftRefusal) -> Box {
        let absent = states.intersection(.withoutEntry)
        if absent.isEmpty { return try withEntry(box, states, family) }
        var box = box
        if states != .all { box.state.narrow(to: states) }
        // Nobody has an entry: nothing else is asked.
        if absent != states { try narrow(&box, allowsAbsent: true, family) }
        return box
    }

    /// Packets with an entry, in some of their states.
    private func withEntry(_ box: Box, _ states: ConntrackStateSet, _ family: AddressFamily) throws(LiftRefusal) -> Box
    {
        var box = box
        try narrow(&box, allowsAbsent: false, family)
        if states != .tracked || !box.demandsConntrackEntry { box.state.narrow(to: states) }
        return box
    }

    /// Restricts a box by all options but the state.
    ///
    /// Options that the model does not hold have been taken out.
    private func narrow(_ box: inout Box, allowsAbsent: Bool, _ family: AddressFamily) throws(LiftRefusal) {
        if let direction {
            guard direction == .original || direction == .reply else {
                throw LiftRefusal("'--ctdir' without a direction")
            }
            box.direction.narrow(to: Presence(direction, allowsAbsent: allowsAbsent))
        }
        if let status {
            box.status.narrow(
                to: status.isNegated ? status.value.noneOf : status.value.anyOf, allowsAbsent: allowsAbsent)
        }
        if let set = try originalSource?.addresses(in: family) {
            box.originalSource.narrow(to: Presence(set, allowsAbsent: allowsAbsent))
        }
        if let set = try originalDestination?.addresses(in: family) {
            box.originalDestination.narrow(to: Presence(set, allowsAbsent: allowsAbsent))
        }
        if let originalProtocol {
            let set: IntervalSet<UInt8> = originalProtocol.map { $0.rawValue...$0.rawValue }.numbers()
            box.originalProtocol.narrow(to: Presence(set, allowsAbsent: allowsAbsent))
        }
        if let originalSourcePort {
            box.originalSourcePort.narrow(to: Presence(originalSourcePort.ports, allowsAbsent: allowsAbsent))
        }
        if let originalDestinationPort {
            box.originalDestinationPort.narrow(
                to: Presence(originalDestinationPort.ports, allowsAbsent: allowsAbsent))
        }
    }

    private static let translations: ConntrackStatus = [.snat, .dnat]
}

extension ConntrackStatus {
    /// At least one of the bits is set.
    fileprivate var anyOf: MaskedTest<UInt32> { MaskedTest(mask: rawValue, value: 0, isNegated: true) }
    /// None of the bits is set.
    fileprivate var noneOf: MaskedTest<UInt32> { MaskedTest(mask: rawValue, value: 0) }
}
