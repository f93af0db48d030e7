internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match: restricts the boxes to packets that have the field, with a value that passes.
    mutating func match(
        _ left: NFTExpression, _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        switch left {
        case .meta(let key): try matchMeta(key, try comparison.resolved(sets))
        case .payload(let proto, let field): try matchPayload(proto, field, comparison, &sets)
        case .ct(let key, let isOriginal): try matchConntrack(key, isOriginal, comparison, &sets)
        case .addressType(let side, let interface): try matchAddressType(side, interface, try comparison.resolved(sets))
        case .and(let inner, let mask): try matchMasked(inner, mask, try comparison.resolved(sets))
        case .network(let inner, let length):
            try match(inner, try comparison.resolved(sets).ofNetworks(length), &sets)
        case .concat(let parts): try matchConcatenation(parts, try comparison.resolved(sets), &sets)
        }
    }

    private mutating func matchMeta(_ key: NFTExpression.Meta, _ comparison: NFTComparison) throws(LiftRefusal) {
        switch key {
        case .nfproto:
            let numbers: IntervalSet<UInt8> = try comparison.numbers { Self.families[$0]?.number }
            let families = Self.families.values.filter { numbers.contains($0.number) }.map(\.family)
            narrow { $0.families.formIntersection(FamilySet(families)) }
        case .l4proto:
            let numbers = try comparison.numbers { IPProtocol(nft: $0)?.rawValue }
            // All of them restrict nothing: what `ct original proto-dst` is told where no protocol is meant.
            if !numbers.isAll { narrow { $0.protocols.narrow(to: numbers) } }
        case .iifname:
            let set = try comparison.interfaces
            try narrow { box throws(LiftRefusal) in try box.inInterface.narrow(to: set) }
        case .oifname:
            let set = try comparison.interfaces
            try narrow { box throws(LiftRefusal) in try box.outInterface.narrow(to: set) }
        case .proto:
            let numbers: IntervalSet<UInt16> = try comparison.numbers { Self.etherTypes[$0]?.number }
            let families = Self.etherTypes.values.filter { numbers.contains($0.number) }.map(\.family)
            narrow { $0.families.formIntersection(FamilySet(families)) }
        case .iif, .oif: try matchLoopback(isIn: key == .iif, comparison)
        case .length: try matchNumber(.length, try comparison.numbers())
        case .mark: try matchMark(mask: nil, comparison)
        case .pkttype:
            let numbers: IntervalSet<UInt8> = try comparison.numbers { Self.packetTypes[$0]?.number }
            let types = Self.packetTypes.values.filter { numbers.contains($0.number) }.map(\.type)
            narrow { $0.packetType.narrow(to: PacketTypeSet(types)) }
        case .time:
            if case .keyword(let date) = comparison.right {
                throw LiftRefusal(
                    "'\(date)' is a moment in the zone of whoever listed it, which the listing does not say: write seconds since 1970"
                )
            }
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
        case .ct(let key, false) where key == .mark: try matchConnectionMark(mask: mask, comparison)
        case .payload("tcp", "flags"): try matchFlags(mask: mask, comparison)
        case .payload("ip", "frag-off"): try matchFragment(mask: mask, comparison)
        default: throw LiftRefusal("'\(NFTExpression.and(inner, mask).text)' is not known")
        }
    }

    /// Reads a match on several fields: any element holds the packet of which each part holds its field.
    private mutating func matchConcatenation(
        _ parts: [NFTExpression], _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        guard comparison.op == .equal else {
            throw LiftRefusal("'\(comparison.op.rawValue)' with several fields at once is not known")
        }
        var elements: [[NFTValue]] = []
        for element in comparison.right.elements {
            guard case .concat(let values) = element, values.count == parts.count else {
                throw LiftRefusal("'\(element.text)' has not the parts of its key")
            }
            elements.append(values)
        }
        try narrow(toAnyOf: elements) { (lifting: inout RuleLifting, values) throws(LiftRefusal) in
            for (part, value) in zip(parts, values) {
                try lifting.match(part, NFTComparison(.equal, value), &sets)
            }
        }
    }

    /// Reads a match on the index of an interface.
    ///
    /// Indices are given anew with each device; only that of the loopback is always 1.
    private mutating func matchLoopback(isIn: Bool, _ comparison: NFTComparison) throws(LiftRefusal) {
        guard comparison.right == .interface(.exact("lo")) || comparison.right == .number(1) else {
            let word = isIn ? "iif" : "oif"
            throw LiftRefusal(
                "'\(word) \(comparison.right.text)' stands for the device that has the name when the rule is loaded: write '\(word)name'"
            )
        }
        let set = InterfaceSet([.exact("lo")], isNegated: try comparison.isNegated)
        try narrow { box throws(LiftRefusal) in
            if isIn { try box.inInterface.narrow(to: set) } else { try box.outInterface.narrow(to: set) }
        }
    }

    /// Restricts a field that is a number, to the values that it can have.
    mutating func matchNumber(_ field: NumericField, _ values: IntervalSet<UInt64>) throws(LiftRefusal) {
        let own = values.intersection(field.all)
        narrow { box in
            var presence = box.numbers[field]
            presence.narrow(to: Presence(own))
            box.numbers[field] = presence
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

    private static let etherTypes: [String: (number: UInt16, family: FamilySet)] = [
        "ip": (0x0800, .ip), "ip6": (0x86dd, .ip6),
    ]

    private static let families: [String: (number: UInt8, family: FamilySet)] = ["ipv4": (2, .ip), "ipv6": (10, .ip6)]

    /// The kernel's numbers (`PACKET_HOST` and those that follow).
    private static let packetTypes: [String: (number: UInt8, type: PacketTypeSet)] = [
        "host": (0, .host), "unicast": (0, .host), "broadcast": (1, .broadcast), "multicast": (2, .multicast),
        "other": (3, .other),
    ]

    private static let sides: [String: AddressTypeTest.Side] = ["saddr": .source, "daddr": .destination]
    private static let limits: [String: AddressTypeTest.Interface] = ["iif": .in, "oif": .out]
}
