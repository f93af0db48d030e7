internal import FirewallIR
internal import PacketModel

/// The same change for any of several fields.
enum FieldChange {
    typealias Change = (inout Box) -> Bool

    /// A field becomes all that it was not.
    static var complements: [Change] {
        interfaces { $0.complement } + addresses { $0.complement } + ports { $0.complement }
            + NumericField.allCases.map { field in
                { box in
                    box.numbers[field].update {
                        $0.with(\.values, $0.values.complement.intersection(field.all))
                    }
                }
            }
            + [
                { $0.connectionMark.update { $0.with(\.values, $0.values.negatingLast) } },
                { $0.protocols.update { $0.complement } },
                { $0.originalProtocol.update { $0.with(\.values, $0.values.complement) } },
                { $0.icmp.update { $0.with(\.values, $0.values.complement) } },
                { $0.state.update { ConntrackStateSet.all.subtracting($0) } },
                { $0.direction.update { $0.with(\.values, ConntrackDirectionSet.both.subtracting($0.values)) } },
                { $0.packetType.update { PacketTypeSet.all.subtracting($0) } },
                { $0.status.update { $0.with(\.values, $0.values.negatingLast) } },
                { $0.tcpFlags.update { $0.with(\.values, $0.values.negatingLast) } },
                { box in
                    box.mark = box.mark.negatingLast
                    return !box.mark.isEmpty
                },
                { box in
                    guard !box.addressTypes.isEmpty else { return false }
                    box.addressTypes[0].isNegated.toggle()
                    return true
                },
            ]
    }

    static func interfaces(_ change: @escaping (InterfaceSet) -> InterfaceSet) -> [Change] {
        [{ $0.inInterface.update(change) }, { $0.outInterface.update(change) }]
    }

    static func addresses(_ change: @escaping (IPAddressSet) -> IPAddressSet) -> [Change] {
        [
            { $0.source.update(change) }, { $0.destination.update(change) },
            { $0.originalSource.update { $0.with(\.values, change($0.values)) } },
            { $0.originalDestination.update { $0.with(\.values, change($0.values)) } },
        ]
    }

    static func ports(_ change: @escaping (IntervalSet<UInt16>) -> IntervalSet<UInt16>) -> [Change] {
        let fields: [WritableKeyPath<Box, Presence<IntervalSet<UInt16>>?>] = [
            \.sourcePort, \.destinationPort, \.originalSourcePort, \.originalDestinationPort,
        ]
        return fields.map { field in
            { $0[keyPath: field].update { $0.with(\.values, change($0.values)) } }
        }
    }

    /// A packet without the field matches where it did not, or the other way about.
    static var absences: [Change] {
        [
            { $0.sourcePort.flip() }, { $0.destinationPort.flip() }, { $0.icmp.flip() }, { $0.tcpFlags.flip() },
            { $0.direction.flip() }, { $0.status.flip() }, { $0.originalSource.flip() },
            { $0.originalDestination.flip() }, { $0.originalProtocol.flip() }, { $0.originalSourcePort.flip() },
            { $0.originalDestinationPort.flip() }, { $0.connectionMark.flip() }, { $0.numbers[.sourceMAC].flip() },
        ]
    }
}

extension SeededGenerator {
    /// Makes the first change, in random order, that is possible.
    mutating func change(_ box: inout Box, _ changes: [FieldChange.Change]) -> Bool {
        for change in changes.shuffled(using: &self) {
            var changed = box
            guard change(&changed), changed != box else { continue }
            box = changed
            return true
        }
        return false
    }
}

extension Presence {
    /// A copy in which one part is another.
    fileprivate func with<Part>(_ part: WritableKeyPath<Presence, Part>, _ value: Part) -> Presence {
        var copy = self
        copy[keyPath: part] = value
        return copy
    }
}

extension [MaskedTest<UInt8>] {
    fileprivate var negatingLast: Self { dropLast() + suffix(1).map(\.negated) }
}

extension [MaskedTest<UInt32>] {
    fileprivate var negatingLast: Self { dropLast() + suffix(1).map(\.negated) }
}

extension MaskedTest {
    fileprivate var negated: MaskedTest { MaskedTest(mask: mask, value: value, isNegated: !isNegated) }
}

extension Optional {
    /// Changes a restriction; `false` where there is none.
    mutating func update(_ change: (Wrapped) -> Wrapped) -> Bool {
        self = map(change)
        return self != nil
    }

    fileprivate mutating func flip<Values>() -> Bool where Wrapped == Presence<Values> {
        update { $0.with(\.allowsAbsent, !$0.allowsAbsent) }
    }
}
