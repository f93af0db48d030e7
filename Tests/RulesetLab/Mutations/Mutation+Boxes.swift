internal import FirewallIR
internal import PacketModel

extension Mutation {
    /// What the mutation does to a box, if it is one of boxes.
    var boxChange: BoxChange? {
        switch self {
        case .negationLost: { $1.change(&$0, FieldChange.complements) }
        case .portUp: { $1.change(&$0, FieldChange.ports { IntervalSet($0.intervals.map { $0.moved(by: 1) }) }) }
        case .portDown: { $1.change(&$0, FieldChange.ports { IntervalSet($0.intervals.map { $0.moved(by: -1) }) }) }
        case .prefixLonger: { $1.change(&$0, FieldChange.addresses { $0.longer }) }
        case .prefixShorter: { $1.change(&$0, FieldChange.addresses { $0.shorter }) }
        case .directionLost: { box, _ in box.direction.lose() }
        case .protocolLost: { box, _ in box.protocols.lose() }
        case .interfaceLost: { box, random in random.oneIn(2) && box.outInterface.lose() || box.inInterface.lose() }
        case .interfaceNegated: { $1.change(&$0, FieldChange.interfaces { $0.complement }) }
        case .addressesSwapped:
            { box, random in
                if random.oneIn(2) || box.originalSource == box.originalDestination {
                    (box.source, box.destination) = (box.destination, box.source)
                } else {
                    (box.originalSource, box.originalDestination) = (
                        box.originalDestination, box.originalSource
                    )
                }
                return true
            }
        case .absenceFlipped: { $1.change(&$0, FieldChange.absences) }
        case .icmpCodeLost:
            { box, _ in
                guard let codes = box.icmp?.values.intervals else { return false }
                box.icmp?.values = IntervalSet(codes.map { ($0.lowerBound & 0xff00)...($0.upperBound | 0xff) })
                return true
            }
        case .fragmentFlipped: { box, _ in box.isLaterFragment.update { !$0 } }
        default: maskedChange ?? connectionChange
        }
    }

    private var maskedChange: BoxChange? {
        switch self {
        case .tcpFlagsChanged:
            { box, random in
                guard let count = box.tcpFlags?.values.count, count > 0 else { return false }
                box.tcpFlags?.values[random.number(0...count - 1)].mask ^= 1 << UInt8(random.number(0...5))
                return true
            }
        case .markValueChanged:
            { box, random in
                guard !box.mark.isEmpty else { return false }
                box.mark[random.number(0...box.mark.count - 1)].value ^= 1
                return true
            }
        case .markMaskChanged:
            { box, random in
                guard !box.mark.isEmpty else { return false }
                box.mark[random.number(0...box.mark.count - 1)].mask ^= 1 << UInt32(random.number(0...8))
                return true
            }
        case .familyRestricted:
            { box, random in
                guard box.families == .both else { return false }
                box.families = random.pick([.ip, .ip6])
                return true
            }
        default: nil
        }
    }

    private var connectionChange: BoxChange? {
        switch self {
        case .originalPortReplaced:
            { box, _ in
                guard let ports = box.originalDestinationPort, box.destinationPort == nil else { return false }
                box.destinationPort = ports
                return box.originalDestinationPort.lose()
            }
        case .statusBitsChanged:
            { box, random in
                guard var tests = box.status?.values, !tests.isEmpty else { return false }
                let index = random.number(0...tests.count - 1)
                tests[index].mask ^= 1 << UInt32(random.number(0...5))
                tests[index].value &= tests[index].mask
                box.status?.values = tests
                return true
            }
        default: nil
        }
    }
}

extension ClosedRange where Bound == UInt16 {
    /// The range one further up or down, but not over the end.
    fileprivate func moved(by step: Int) -> ClosedRange<UInt16> {
        let low = Int(lowerBound) + step
        let high = Int(upperBound) + step
        return UInt16(Swift.min(Swift.max(low, 0), 65535))...UInt16(Swift.min(Swift.max(high, 0), 65535))
    }
}

extension IPAddressSet {
    /// The first network, in either family, cut to its first half.
    fileprivate var longer: IPAddressSet {
        IPAddressSet(v4: v4.changingFirst(\.firstHalf), v6: v6.changingFirst(\.firstHalf))
    }

    /// The first network, in either family, with one bit less to its length.
    fileprivate var shorter: IPAddressSet {
        IPAddressSet(v4: v4.changingFirst(\.doubled), v6: v6.changingFirst(\.doubled))
    }
}

extension IntervalSet {
    fileprivate func changingFirst(_ change: (ClosedRange<Value>) -> ClosedRange<Value>) -> IntervalSet {
        guard let first = intervals.first else { return self }
        return IntervalSet([change(first)] + intervals.dropFirst())
    }
}

extension ClosedRange where Bound: FixedWidthInteger & UnsignedInteger {
    fileprivate var firstHalf: ClosedRange<Bound> { lowerBound...lowerBound + (upperBound - lowerBound) / 2 }

    fileprivate var doubled: ClosedRange<Bound> {
        let differing = Bound.bitWidth - (lowerBound ^ upperBound).leadingZeroBitCount
        guard differing < Bound.bitWidth else { return self }
        let hosts = Bound.max >> Bound(Bound.bitWidth - differing - 1)
        return lowerBound & ~hosts...upperBound | hosts
    }
}

extension Optional {
    /// Takes a restriction away; `false` where there was none.
    fileprivate mutating func lose() -> Bool {
        defer { self = nil }
        return self != nil
    }
}
