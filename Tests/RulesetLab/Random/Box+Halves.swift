internal import FirewallIR
internal import PacketModel

extension Box {
    /// Two boxes without a packet in common that together are this one: cut at a field that no rule changes.
    var halves: (Box, Box)? {
        if let (low, high) = source?.halves { return (with { $0.source = low }, with { $0.source = high }) }
        if let (low, high) = destination?.halves {
            return (with { $0.destination = low }, with { $0.destination = high })
        }
        if let (low, high) = protocols?.halves {
            return (with { $0.protocols = low }, with { $0.protocols = high })
        }
        if let ports = originalDestinationPort, let (low, high) = ports.values.halves {
            // Absence goes with one half, lest it be in both.
            return (
                with { $0.originalDestinationPort?.values = low },
                with { $0.originalDestinationPort = Presence(high) }
            )
        }
        if let macs = numbers[.sourceMAC], let (low, high) = macs.values.halves {
            return (with { $0.numbers[.sourceMAC]?.values = low }, with { $0.numbers[.sourceMAC] = Presence(high) })
        }
        let states = state ?? .all
        let tracked = states.intersection(.tracked)
        guard !tracked.isEmpty, tracked != states else { return nil }
        return (with { $0.state = tracked }, with { $0.state = states.subtracting(.tracked) })
    }
}

extension IntervalSet {
    /// The set in two parts, if it has two members.
    fileprivate var halves: (IntervalSet, IntervalSet)? {
        guard let first = intervals.first else { return nil }
        if intervals.count > 1 { return (IntervalSet([first]), IntervalSet(intervals.dropFirst())) }
        guard first.lowerBound < first.upperBound else { return nil }
        let middle = first.lowerBound + (first.upperBound - first.lowerBound) / 2
        return (IntervalSet([first.lowerBound...middle]), IntervalSet([middle + 1...first.upperBound]))
    }
}

extension IPAddressSet {
    fileprivate var halves: (IPAddressSet, IPAddressSet)? {
        if let (low, high) = v4.halves { return (IPAddressSet(v4: low), IPAddressSet(v4: high, v6: v6)) }
        if let (low, high) = v6.halves { return (IPAddressSet(v4: v4, v6: low), IPAddressSet(v6: high)) }
        return nil
    }
}
