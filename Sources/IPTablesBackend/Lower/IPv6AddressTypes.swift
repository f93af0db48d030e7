internal import FirewallIR
internal import PacketModel

/// Address types for `ip6tables`, whose `-m addrtype` is another match than that of IPv4 (`xt_addrtype.c`, match_type6).
///
/// There the types of one option have to hold *together*; UNICAST and MULTICAST are classes of addresses, whatever their
/// route; and a route that rejects is UNREACHABLE, whatever its kind. So each type is asked for by an instance of its own,
/// and a unicast route is a unicast address that is neither local nor anycast nor unreachable.
enum IPv6AddressTypes {
    /// The alternatives of a test, and whether an address may meet two of them.
    static func lower(_ test: AddressTypeTest) throws(IPTablesRefusal) -> (
        dimensions: [[IPTablesAlternative]], overlaps: Bool
    ) {
        let known: AddressTypeSet = [.local, .anycast, .multicast, .unicast]
        // The routing table calls no IPv6 address broadcast.
        let types = test.types.subtracting(.broadcast)
        guard types.subtracting(known).isEmpty else {
            let names = types.subtracting(known).names.joined(separator: ", ").uppercased()
            throw IPTablesRefusal(reason: "ip6tables cannot tell the address type \(names) from others; nft can")
        }
        let single: [AddressTypeSet] = [.local, .anycast, .multicast].filter { types.contains($0) }
        guard test.isNegated else {
            var alternatives = single.map { one($0, test) }
            if types.contains(.unicast) { alternatives.append(unicast(test)) }
            return ([alternatives], false)
        }
        var dimensions = single.map { [one($0, test, isNegated: true)] }
        if types.contains(.unicast) {
            dimensions.append(
                [one(.unicast, test, isNegated: true)] + [.local, .anycast, .unreachable].map { one($0, test) })
        }
        return (dimensions, types.contains(.unicast))
    }

    private static func unicast(_ test: AddressTypeTest) -> IPTablesAlternative {
        [AddressTypeSet.local, .anycast, .unreachable].reduce(one(.unicast, test)) {
            $0.joined(one($1, test, isNegated: true))
        }
    }

    private static func one(_ type: AddressTypeSet, _ test: AddressTypeTest, isNegated: Bool = false)
        -> IPTablesAlternative
    {
        var part = test
        part.types = type
        part.isNegated = isNegated
        return IPTablesAlternative(.kind, .addressType(AddressTypeMatch(part)))
    }
}

extension AddressTypeMatch {
    /// One instance for a test.
    init(_ test: AddressTypeTest) {
        self.init()
        let types = Negatable(test.types, isNegated: test.isNegated)
        if test.side == .source { source = types } else { destination = types }
        limitedTo = test.interface.map { $0 == .in ? .in : .out }
    }
}
