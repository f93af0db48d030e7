internal import FirewallIR
internal import PacketModel

/// Sets of points that are no packet, or none under an assumption: what a search leaves out.
extension Query {
    /// The points whose fields do not agree (`PacketState.isValid`).
    func impossible() -> Diagram {
        var rows: [[UInt32]] = []
        for axis in space.axes {
            guard let absent = axis.absent, absent > 0, !axis.dimension.isOptional else { continue }
            let present = 0...(absent - 1)
            if axis.dimension.isOfEntry {
                rows += row([(.state, [0...2]), (axis.dimension, [absent...absent])])
                rows += row([(.state, [3...4]), (axis.dimension, [present])])
            } else {
                let protocols = AtomSets.merged(
                    AgreeingFields.protocols(axis.dimension, space.domains).map {
                        let atom = space.domains.proto.atom(of: $0.rawValue)
                        return atom...atom
                    })
                rows += row([(.proto, complement(protocols, .proto)), (axis.dimension, [present])])
                rows += row([(.proto, protocols), (.fragment, [0...0]), (axis.dimension, [absent...absent])])
                // IPv6 may have no such axis; the row would say that no packet has the field.
                if space.places[.fragment] != nil { rows += row([(.fragment, [1...1]), (axis.dimension, [present])]) }
            }
        }
        if family == .ip6 && space.places[.fragment] != nil { rows += row([(.fragment, [1...1])]) }
        if let missing = missingInterface, space.places[missing] != nil {
            let none = space.domains.interfaces.atom(of: "")
            rows += row([(missing, complement([none...none], missing))])
        }
        return union(rows)
    }

    /// The packets that an assumption excludes; `fall` everywhere if the rules do not ask what it speaks of.
    func excluded(by assumption: Assumption) -> Diagram {
        switch assumption {
        case .defragmented: return union(space.places[.fragment] == nil ? [] : row([(.fragment, [1...1])]))
        case .newIsOriginal:
            guard space.places[.state] != nil else { return TerminalTable.fall }
            let replied = space.domains.status.representatives.indices.filter {
                space.domains.status.representatives[$0] & ConntrackStatus.seenReply.rawValue != 0
            }.map { UInt32($0)...UInt32($0) }
            return union(
                (space.places[.direction] == nil ? [] : row([(.state, [0...0]), (.direction, [1...1])]))
                    + (space.places[.status] == nil
                        ? [] : row([(.state, [0...0]), (.status, AtomSets.merged(replied))])))
        case .protocolOfConnection:
            return union(noErrors.flatMap { unequal(.proto, .originalProtocol, where: [$0]) })
        case .sourceOfConnection:
            return union(
                noErrors.flatMap { noError in
                    unequal(.source, .originalSource, where: [noError, (.direction, [0...0])])
                        + unequal(.sourcePort, .originalSourcePort, where: [noError, (.direction, [0...0])])
                })
        case .destinationOfConnection:
            let untranslated = space.domains.status.representatives.indices.filter {
                space.domains.status.representatives[$0] & ConntrackStatus.dnat.rawValue == 0
            }.map { UInt32($0)...UInt32($0) }
            let original: [Restriction] = [(.direction, [0...0]), (.status, AtomSets.merged(untranslated))]
            return union(
                noErrors.flatMap { noError in
                    unequal(.destination, .originalDestination, where: [noError] + original)
                        + unequal(.destinationPort, .originalDestinationPort, where: [noError] + original)
                })
        case .openedByRequest: return union(openedOtherwise())
        // That is no matter of packets: see `Query.acceptingWhatLeaves`.
        case .noOtherTable: return TerminalTable.fall
        case .destinationNotLocal:
            // What comes in at the input hook is for this host.
            guard hook == .containers || hook == .forward else { return TerminalTable.fall }
            let local = space.domains.addressTypes.firstIndex(of: .local).map { UInt32($0)...UInt32($0) }
            return union(
                space.axes.flatMap { axis -> [[UInt32]] in
                    guard case .addressType(let question) = axis.dimension, question.side == .destination, let local
                    else { return [] }
                    return row([(axis.dimension, [local])])
                })
        }
    }

    /// New ICMP messages that are no requests, and tuples that no connection without ports has.
    private func openedOtherwise() -> [[UInt32]] {
        let domains = space.domains
        let requests = ICMPRequests.messages(family)
        var rows: [[UInt32]] = []
        if space.places[.icmp] != nil, space.places[.state] != nil {
            rows += row([
                (.state, [0...0]), (.icmp, complement(domains.icmp.atoms(of: requests), .icmp, present: true)),
            ])
        }
        let hasOwn = space.places[.originalProtocol] != nil
        let proto: Dimension = hasOwn ? .originalProtocol : .proto
        guard space.places[proto] != nil else { return rows }
        // The protocol of the packet is that of its connection unless it is an ICMP error.
        let states: [Restriction] = hasOwn ? [] : [(.state, [0...1])]
        let tracked: [Restriction] = hasOwn ? [] : [(.state, [0...2])]
        let others = domains.proto.atoms(of: ICMPRequests.protocolsWithoutPorts(family))
        let icmp = domains.proto.atoms(of: IntervalSet(family.icmp.rawValue))
        let zero = IntervalSet<UInt16>(0)
        if space.places[.originalDestinationPort] != nil {
            let port = Dimension.originalDestinationPort
            rows += row(
                states + [
                    (proto, icmp), (port, complement(domains.destinationPort.atoms(of: requests), port, present: true)),
                ])
            rows += row(
                tracked + [
                    (proto, others), (port, complement(domains.destinationPort.atoms(of: zero), port, present: true)),
                ])
        }
        if space.places[.originalSourcePort] != nil {
            let port = Dimension.originalSourcePort
            rows += row(
                tracked + [
                    (proto, others), (port, complement(domains.sourcePort.atoms(of: zero), port, present: true)),
                ])
        }
        return rows
    }

    /// The atoms of a dimension that are not in a set, without that for absence.
    private func complement(_ atoms: AtomIntervals, _ dimension: Dimension, present: Bool) -> AtomIntervals {
        let others = complement(atoms, dimension)
        guard present, let absent = space.domains.absent(dimension) else { return others }
        return others.compactMap { $0.without(absent) }
    }

    private typealias Restriction = (dimension: Dimension, atoms: AtomIntervals)

    /// Packets that are no ICMP errors about their connection, in two ways: not related, or not ICMP.
    ///
    /// A related packet of another protocol is the first of a connection that a helper announced, and that is its own.
    private var noErrors: [Restriction] {
        let icmp = space.domains.proto.atom(of: family.icmp.rawValue)
        return [(.state, [0...1]), (.proto, complement([icmp...icmp], .proto))]
    }

    /// One row of restrictions; none if one of them cannot be met.
    private func row(_ restrictions: [Restriction]) -> [[UInt32]] {
        var row = [UInt32](repeating: AtomSets.all, count: space.axes.count)
        for (dimension, atoms) in restrictions {
            guard let narrowed = space.restricted(row, dimension, to: atoms) else { return [] }
            row = narrowed
        }
        return [row]
    }

    /// The points at which two fields that are both there have different values.
    private func unequal(_ a: Dimension, _ b: Dimension, where restrictions: [Restriction]) -> [[UInt32]] {
        guard space.places[a] != nil, space.places[b] != nil,
            restrictions.allSatisfy({ space.places[$0.dimension] != nil })
        else { return [] }
        return (0..<space.domains.size(a)).flatMap { atom in
            var others = complement([atom...atom], b)
            if let absent = space.domains.absent(b) { others = others.compactMap { $0.without(absent) } }
            return row(restrictions + [(a, [atom...atom]), (b, others)])
        }
    }

    private func complement(_ atoms: AtomIntervals, _ dimension: Dimension) -> AtomIntervals {
        guard let place = space.places[dimension] else { return [] }
        var gaps: AtomIntervals = []
        var next: UInt32 = 0
        for interval in atoms {
            if interval.lowerBound > next { gaps.append(next...(interval.lowerBound - 1)) }
            next = interval.upperBound + 1
        }
        if next < space.axes[place].size { gaps.append(next...(space.axes[place].size - 1)) }
        return gaps
    }
}

extension Assumption {
    /// What the assumptions ask besides, given what the rules do: without it, a packet could not be told from an impossible
    /// one, such as a new one whose port is not its connection's.
    static func dimensions(askedBy table: BoxTable) -> [Dimension] {
        let asked = table.askedDimensions
        // Only new messages have to be requests.
        let state: [Dimension] = asked.contains(.icmp) ? [.state] : []
        func both(_ a: Dimension, _ b: Dimension) -> Bool { asked.contains(a) && asked.contains(b) }
        if both(.destination, .originalDestination) || both(.destinationPort, .originalDestinationPort) {
            return state + [.proto, .direction, .status]
        }
        let isOfSource = both(.source, .originalSource) || both(.sourcePort, .originalSourcePort)
        return state + (isOfSource ? [.proto, .direction] : [])
    }
}

extension ClosedRange<UInt32> {
    /// The interval without its last atom, if that is the one; `nil` if nothing is left.
    fileprivate func without(_ atom: UInt32) -> ClosedRange<UInt32>? {
        guard upperBound == atom else { return self }
        return lowerBound == atom ? nil : lowerBound...(atom - 1)
    }
}
