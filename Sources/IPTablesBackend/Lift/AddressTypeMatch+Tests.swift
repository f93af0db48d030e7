internal import FirewallIR
internal import PacketModel

extension AddressTypeMatch {
    /// What the instance asks of the routing table.
    func tests(in family: AddressFamily) throws(LiftRefusal) -> [AddressTypeTest] {
        var tests: [AddressTypeTest] = []
        if let source { tests.append(try test(.source, source, family)) }
        if let destination { tests.append(try test(.destination, destination, family)) }
        return tests
    }

    private func test(
        _ side: AddressTypeTest.Side, _ types: Negatable<AddressTypeSet>, _ family: AddressFamily
    ) throws(LiftRefusal) -> AddressTypeTest {
        guard !types.value.isEmpty else { throw LiftRefusal("'-m addrtype' without a type") }
        let met = family == .ip ? types.value : try Self.metInIPv6(types.value)
        return AddressTypeTest(
            side, met, isNegated: types.isNegated, interface: limitedTo.map { $0 == .in ? .in : .out })
    }

    /// The types that `ip6tables` takes for all of these (`xt_addrtype.c`, match_type6).
    ///
    /// UNICAST and MULTICAST are classes of addresses and have to hold together with the rest; of those that the routing
    /// table gives, one is enough; and each route that rejects is UNREACHABLE.
    private static func metInIPv6(_ types: AddressTypeSet) throws(LiftRefusal) -> AddressTypeSet {
        guard knownInIPv6.isSuperset(of: types) else {
            let names = types.subtracting(knownInIPv6).names.joined(separator: ", ").uppercased()
            throw LiftRefusal("what ip6tables takes for the address type \(names) is not known")
        }
        var met = types.intersection([.local, .anycast])
        if types.contains(.unreachable) { met.formUnion(rejected) }
        if met.isEmpty { met = routed.union([.unspecified, .broadcast, .multicast]) }
        if types.contains(.unicast) { met.formIntersection(routed) }
        if types.contains(.multicast) { met.formIntersection(.multicast) }
        return met
    }

    private static let knownInIPv6: AddressTypeSet = [.unicast, .local, .anycast, .multicast, .unreachable]
    /// Routes that reject.
    private static let rejected: AddressTypeSet = [.unreachable, .blackhole, .prohibit]
    /// What addresses of the class UNICAST can be.
    private static let routed: AddressTypeSet = rejected.union([.unicast, .local, .anycast])
}
