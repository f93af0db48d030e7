internal import FirewallIR
internal import PacketModel

extension Box {
    /// The smallest box that holds both, field by field: more than both hold, as a wrong merge makes it.
    func hull(with other: Box) -> Box {
        var box = Box()
        box.families = families.union(other.families)
        box.inInterface = both(inInterface, other.inInterface) { $0.isNegated || $1.isNegated ? nil : $0.joined($1) }
        box.outInterface = both(outInterface, other.outInterface) { $0.isNegated || $1.isNegated ? nil : $0.joined($1) }
        box.source = both(source, other.source) { $0.union($1) }
        box.destination = both(destination, other.destination) { $0.union($1) }
        box.protocols = both(protocols, other.protocols) { $0.union($1) }
        box.sourcePort = both(sourcePort, other.sourcePort) { $0.joined($1) { $0.union($1) } }
        box.destinationPort = both(destinationPort, other.destinationPort) { $0.joined($1) { $0.union($1) } }
        box.icmp = both(icmp, other.icmp) { $0.joined($1) { $0.union($1) } }
        box.tcpFlags = both(tcpFlags, other.tcpFlags) { $0 == $1 ? $0 : nil }
        box.isLaterFragment = both(isLaterFragment, other.isLaterFragment) { $0 == $1 ? $0 : nil }
        box.state = both(state, other.state) { $0.union($1) }
        box.direction = both(direction, other.direction) { $0.joined($1) { $0.union($1) } }
        box.status = both(status, other.status) { $0 == $1 ? $0 : nil }
        box.originalSource = both(originalSource, other.originalSource) { $0.joined($1) { $0.union($1) } }
        box.originalDestination = both(originalDestination, other.originalDestination) {
            $0.joined($1) { $0.union($1) }
        }
        box.originalProtocol = both(originalProtocol, other.originalProtocol) { $0.joined($1) { $0.union($1) } }
        box.originalSourcePort = both(originalSourcePort, other.originalSourcePort) { $0.joined($1) { $0.union($1) } }
        box.originalDestinationPort = both(originalDestinationPort, other.originalDestinationPort) {
            $0.joined($1) { $0.union($1) }
        }
        box.connectionMark = both(connectionMark, other.connectionMark) { $0 == $1 ? $0 : nil }
        for field in NumericField.allCases {
            box.numbers[field] = both(numbers[field], other.numbers[field]) { $0.joined($1) { $0.union($1) } }
        }
        box.mark = mark == other.mark ? mark : []
        box.packetType = both(packetType, other.packetType) { $0.union($1) }
        box.addressTypes = addressTypes == other.addressTypes ? addressTypes : []
        return box
    }
}

/// The union of two restrictions; none where one side has none.
private func both<Values>(_ a: Values?, _ b: Values?, _ union: (Values, Values) -> Values?) -> Values? {
    guard let a, let b else { return nil }
    return union(a, b)
}

extension Presence {
    fileprivate func joined(_ other: Presence, _ union: (Values, Values) -> Values) -> Presence {
        Presence(union(values, other.values), allowsAbsent: allowsAbsent || other.allowsAbsent)
    }
}

extension InterfaceSet {
    fileprivate func joined(_ other: InterfaceSet) -> InterfaceSet { InterfaceSet(patterns + other.patterns) }
}
