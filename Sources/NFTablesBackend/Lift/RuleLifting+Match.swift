internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match: restricts the boxes to packets that have the field, with a value that passes.
    mutating func match(
        _ left: NFTExpression, _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        switch left {
        case .meta(let key): try matchMeta(key, comparison)
        case .payload(let proto, let field): try matchPayload(proto, field, comparison, &sets)
        case .ct(let key, let isOriginal): try matchConntrack(key, isOriginal, comparison, &sets)
        case .addressType(let side, let interface): try matchAddressType(side, interface, comparison)
        case .and(let inner, let mask): try matchMasked(inner, mask, comparison)
        }
    }

    private mutating func matchMeta(_ key: NFTExpression.Meta, _ comparison: NFTComparison) throws(LiftRefusal) {
        switch key {
        case .nfproto:
            let numbers: IntervalSet<UInt8> = try comparison.numbers { Self.families[$0]?.number }
            let families = Self.families.values.filter { numbers.contains($0.number) }.map(\.family)
            narrow { $0.families.formIntersection(FamilySet(families)) }
        case .l4proto:
            let numbers = try comparison.numbers { IPProtocol(name: $0)?.rawValue }
            // All of them restrict nothing: what `ct original proto-dst` is told where no protocol is meant.
            if !numbers.isAll { narrow { $0.protocols.narrow(to: numbers) } }
        case .iifname:
            let set = try comparison.interfaces
            try narrow { box throws(LiftRefusal) in try box.inInterface.narrow(to: set) }
        case .oifname:
            let set = try comparison.interfaces
            try narrow { box throws(LiftRefusal) in try box.outInterface.narrow(to: set) }
        case .mark: try matchMark(mask: nil, comparison)
        case .pkttype:
            let numbers: IntervalSet<UInt8> = try comparison.numbers { Self.packetTypes[$0]?.number }
            let types = Self.packetTypes.values.filter { numbers.contains($0.number) }.map(\.type)
            narrow { $0.packetType.narrow(to: PacketTypeSet(types)) }
        case .time:
            guard comparison.op == .less, case .number(let instant) = comparison.right else {
                throw LiftRefusal("of the clock only '<' with seconds is known")
            }
            demand(.before(instant: instant))
        }
    }

    private mutating func matchMasked(
        _ inner: NFTExpression, _ mask: UInt32, _ comparison: NFTComparison
    ) throws(LiftRefusal) {
        switch inner {
        case .meta(.mark): try matchMark(mask: mask, comparison)
        case .ct(let key, false) where key == .state: try matchState(mask: mask, comparison)
        case .ct(let key, false) where key == .status: try matchStatus(mask: mask, comparison)
        case .payload("tcp", "flags"): try matchFlags(mask: mask, comparison)
        case .payload("ip", "frag-off"): try matchFragment(mask: mask, comparison)
        default: throw LiftRefusal("'\(NFTExpression.and(inner, mask).text)' is not known")
        }
    }

    private mutating func matchMark(mask: UInt32?, _ comparison: NFTComparison) throws(LiftRefusal) {
        let alternatives = try comparison.tests(mask: mask) { _ in nil }
        narrow(toAnyOf: alternatives) { $0.mark += $1 }
    }

    private mutating func matchAddressType(
        _ side: String, _ interface: String?, _ comparison: NFTComparison
    ) throws(LiftRefusal) {
        var types: AddressTypeSet = []
        for element in comparison.right.elements {
            guard case .keyword(let word) = element, let type = AddressTypeSet(name: word) else {
                throw LiftRefusal("'\(element.text)' is no address type")
            }
            types.formUnion(type)
        }
        guard let side = Self.sides[side], let limit = interface.map({ Self.limits[$0] }) ?? .some(nil) else {
            throw LiftRefusal("this look-up of the routing table is not known")
        }
        let test = AddressTypeTest(side, types, isNegated: try comparison.isNegated, interface: limit)
        narrow { $0.addressTypes.append(test) }
    }

    private static let families: [String: (number: UInt8, family: FamilySet)] = ["ipv4": (2, .ip), "ipv6": (10, .ip6)]

    /// The kernel's numbers (`PACKET_HOST` and those that follow).
    private static let packetTypes: [String: (number: UInt8, type: PacketTypeSet)] = [
        "host": (0, .host), "unicast": (0, .host), "broadcast": (1, .broadcast), "multicast": (2, .multicast),
        "other": (3, .other),
    ]

    private static let sides: [String: AddressTypeTest.Side] = ["saddr": .source, "daddr": .destination]
    private static let limits: [String: AddressTypeTest.Interface] = ["iif": .in, "oif": .out]
}
