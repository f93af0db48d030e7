internal import FirewallIR
internal import PacketModel

/// Turns the atoms of a box into values.
struct BoxValues {
    let query: Query
    private var domains: Domains { query.space.domains }

    /// The fields that a box restricts.
    func fields(of box: AtomBox) -> [TrafficField: TrafficValues] {
        let isOfClient = box.kinds.isSubset(of: .connections)
        var fields: [TrafficField: TrafficValues] = [:]
        for (axis, set) in zip(query.space.axes, box.sets) {
            guard let set, let (field, values) = field(axis.dimension, set) else { continue }
            fields[field] = values
        }
        if isOfClient {
            // What the client sends has the ends of the connection (see `KindBoxes`).
            if fields[.source] == nil { fields[.source] = fields.removeValue(forKey: .client) }
            if fields[.proto] == nil { fields[.proto] = fields.removeValue(forKey: .dialledProtocol) }
            if fields[.sourcePort] == nil, hasPorts(fields[.proto]) {
                fields[.sourcePort] = fields.removeValue(forKey: .clientPort)
            }
        }
        if box.kinds.isSubset(of: [.errors, .errorsInReply]) {
            fields[.proto] = .protocols(IntervalSet(query.family.icmp.rawValue))
        }
        return fields
    }

    /// Whether all packets have ports; the connections of other protocols have other numbers in their place.
    private func hasPorts(_ protocols: TrafficValues?) -> Bool {
        guard case .protocols(let set)? = protocols else { return false }
        return set.intersection(IntervalSet(IPProtocol.withPorts.map { $0.rawValue...$0.rawValue })) == set
    }

    private func field(_ dimension: Dimension, _ set: AtomIntervals) -> (TrafficField, TrafficValues)? {
        switch dimension {
        case .inInterface: (.inInterface, .interfaces(domains.interfaces.names(of: set)))
        case .outInterface: (.outInterface, .interfaces(domains.interfaces.names(of: set)))
        case .source: (.source, addresses(set, domains.source4, domains.source6))
        case .originalSource: (.client, addresses(set, domains.source4, domains.source6))
        case .destination: (.container, addresses(set, domains.destination4, domains.destination6))
        case .originalDestination: (.dialled, addresses(set, domains.destination4, domains.destination6))
        case .proto: (.proto, .protocols(values(set, domains.proto)))
        case .originalProtocol: (.dialledProtocol, .protocols(values(set, domains.proto)))
        case .sourcePort: (.sourcePort, .numbers(values(set, domains.sourcePort)))
        case .originalSourcePort: (.clientPort, .numbers(values(set, domains.sourcePort)))
        case .destinationPort: (.containerPort, .numbers(values(set, domains.destinationPort)))
        case .originalDestinationPort: (.dialledPort, .numbers(values(set, domains.destinationPort)))
        case .icmp: (.icmp, .numbers(values(set, domains.icmp)))
        case .tcpFlags: (.tcpFlags, .bits(domains.tcpFlags.alternatives(set)))
        case .status: (.status, .bits(domains.status.alternatives(set)))
        case .connectionMark: (.connectionMark, .bits(domains.connectionMark.alternatives(set)))
        case .number(let field): (.number(field), .numbersOf(field, numbers(set, field)))
        case .mark: (.mark, .bits(domains.mark.alternatives(set)))
        case .packetType:
            (.packetType, .packetTypes(set.atoms.reduce([]) { $0.union(Domains.packetTypes[Int($1)]) }))
        case .addressType(let question):
            (
                .addressType(question),
                .addressTypes(set.atoms.reduce([]) { $0.union(domains.addressTypes[Int($1)]) })
            )
        case .time: (.time, .instants(values(set, domains.time)))
        case .opaque(let match): (.opaque(match), .answer(set.has(1)))
        case .guarded(let number): guarded(number).map { ($0, .answer(set.has(1))) }
        case .state, .direction, .fragment: nil
        }
    }

    private func guarded(_ number: Int) -> TrafficField? {
        guard let place = query.guards.members[number].last,
            let rule = query.rules[place.side].first(where: { $0.id == place.place.rule })
        else { return nil }
        return .guarded(rule.allGuards[place.place.index], rule: rule.id)
    }

    private func numbers(_ set: AtomIntervals, _ field: NumericField) -> Presence<IntervalSet<UInt64>> {
        let absent = domains.absent(.number(field))
        let present = absent.map { set.without($0) } ?? set
        return Presence(
            IntervalSet(present.map { domains.values(field, $0) }), allowsAbsent: absent.map(set.has) ?? false)
    }

    private func values<Value>(_ set: AtomIntervals, _ ranks: Ranks<Value>) -> IntervalSet<Value> {
        IntervalSet(set.filter { $0.lowerBound < ranks.count }.map { ranks.values(of: $0) })
    }

    private func addresses(_ set: AtomIntervals, _ v4: Ranks<UInt32>, _ v6: Ranks<UInt128>) -> TrafficValues {
        query.family == .ip
            ? .addresses(IPAddressSet(v4: values(set, v4))) : .addresses(IPAddressSet(v6: values(set, v6)))
    }
}

extension MaskClasses {
    /// Some classes by their tests: all tests of one of the lists hold.
    ///
    /// No test of a list can be left out.
    func alternatives(_ atoms: AtomIntervals) -> [[MaskedTest<UInt32>]] {
        let wanted = Set(atoms.atoms.map { Int($0) })
        var open = wanted.sorted()
        var found: [[MaskedTest<Value>]] = []
        while let next = open.first {
            var list = tests.map { test in
                MaskedTest(mask: test.mask, value: test.value, isNegated: !test.matches(representatives[next]))
            }
            for test in list {
                let fewer = list.filter { $0 != test }
                if members(fewer).allSatisfy(wanted.contains) { list = fewer }
            }
            let covered = Set(members(list)).union([next])
            open.removeAll { covered.contains($0) }
            found.append(list)
        }
        return found.map { list in
            list.map {
                MaskedTest(
                    mask: UInt32(truncatingIfNeeded: $0.mask), value: UInt32(truncatingIfNeeded: $0.value),
                    isNegated: $0.isNegated)
            }
        }
    }

    /// The classes that pass all tests of a list.
    private func members(_ list: [MaskedTest<Value>]) -> [Int] {
        representatives.indices.filter { index in list.allSatisfy { $0.matches(representatives[index]) } }
    }
}
