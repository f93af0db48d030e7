internal import PacketModel

extension Box {
    /// Whether no packet is in both boxes, as far as single fields tell; `false` is no promise that there is one.
    package func isApart(from other: Box) -> Bool {
        if families.isDisjoint(with: other.families) { return true }
        let dialled = (originalDestinationPort, other.originalDestinationPort)
        if apart(dialled.0, dialled.1, { $0.intersection($1).isEmpty }) { return true }
        if apart(protocols, other.protocols, { $0.intersection($1).isEmpty }) { return true }
        if apart(source, other.source, { $0.intersection($1).isEmpty }) { return true }
        if apart(state, other.state, { $0.isDisjoint(with: $1) }) { return true }
        if apart(direction, other.direction, { $0.isDisjoint(with: $1) }) { return true }
        if apart(inInterface, other.inInterface, { $0.intersection($1)?.isEmpty ?? false }) { return true }
        if apart(outInterface, other.outInterface, { $0.intersection($1)?.isEmpty ?? false }) { return true }
        if apart(destination, other.destination, { $0.intersection($1).isEmpty }) { return true }
        if apart(destinationPort, other.destinationPort, { $0.intersection($1).isEmpty }) { return true }
        if apart(sourcePort, other.sourcePort, { $0.intersection($1).isEmpty }) { return true }
        if apart(icmp, other.icmp, { $0.intersection($1).isEmpty }) { return true }
        if apart(originalSource, other.originalSource, { $0.intersection($1).isEmpty }) { return true }
        if !numbers.isEmpty, !other.numbers.isEmpty {
            let isApart = NumericField.allCases.contains {
                apart(numbers[$0], other.numbers[$0]) { $0.intersection($1).isEmpty }
            }
            if isApart { return true }
        }
        return apart(originalDestination, other.originalDestination) { $0.intersection($1).isEmpty }
    }

    private func apart<Values>(_ a: Values?, _ b: Values?, _ areDisjoint: (Values, Values) -> Bool) -> Bool {
        guard let a, let b else { return false }
        return areDisjoint(a, b)
    }

    private func apart<Values>(_ a: Presence<Values>?, _ b: Presence<Values>?, _ areDisjoint: (Values, Values) -> Bool)
        -> Bool
    {
        guard let a, let b, !(a.allowsAbsent && b.allowsAbsent) else { return false }
        return areDisjoint(a.values, b.values)
    }
}
