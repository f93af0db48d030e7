internal import FirewallIR
internal import PacketModel

/// Something that a rule asks of forwarded packets and that cannot be known at the input hook.
struct TwinRefusal: Error {
    var reason: String
}

/// Says what boxes of forwarded packets mean for packets to docker-proxy, which nothing has translated.
///
/// A box that asks where the packet goes is one for the sockets whose containers are there, by address and port of the
/// socket; one that does not ask stays one box, however many sockets there are. The boxes are meant for packets to sockets
/// alone: what the entry chain lets pass does not come to them.
struct ProxiedBoxes {
    let sockets: ProxySockets

    /// The boxes at input.
    func boxes(_ box: Box) throws(TwinRefusal) -> [Box] {
        guard var box = try withoutTranslation(box) else { return [] }
        if let protocols = box.protocols, !Self.mayBeProxied(protocols) { return [] }
        guard box.destination != nil || box.destinationPort != nil || box.outInterface != nil else {
            return box.isEmpty ? [] : [box]
        }
        let asked = box
        box.destination = nil
        box.destinationPort = nil
        box.outInterface = nil
        var (whole, unused): (FamilySet, FamilySet) = ([], [])
        var parts: [Box] = []
        for family in asked.families.families {
            guard let own = box.restricted(to: family) else { continue }
            let all = sockets.of(family).filter { own.protocols?.contains($0.transport.rawValue) ?? true }
            let chosen = all.filter { $0.container.isIn(asked) }
            if all.isEmpty { unused.formUnion(FamilySet(family)) }
            if chosen.isEmpty { continue }
            if chosen.count == all.count {
                whole.formUnion(FamilySet(family))
            } else {
                parts += sockets.boxes(own, to: chosen, family)
            }
        }
        guard !whole.isEmpty else { return parts }
        // Clients of a family without sockets do not come here: the box need not tell them apart.
        box.families = whole.union(unused)
        return [box] + parts
    }

    /// Docker publishes TCP, UDP and SCTP.
    private static func mayBeProxied(_ protocols: IntervalSet<UInt8>) -> Bool {
        IPProtocol.withPorts.contains { protocols.contains($0.rawValue) }
    }

    // MARK: - What DNAT leaves behind

    /// The box without what it asks about the translation itself, as that would have answered; `nil` if it would have said no.
    private func withoutTranslation(_ box: Box) throws(TwinRefusal) -> Box? {
        var box = box
        if let status = box.status {
            let tests = status.values.compactMap(\.withTranslation)
            if tests.contains(where: \.isNever) {
                guard status.allowsAbsent else { return nil }
                box.status = nil
                box.state = (box.state ?? .all).intersection(.withoutEntry)
            } else if tests.isEmpty {
                box.status = nil
                if !status.allowsAbsent { box.state = (box.state ?? .all).intersection(.tracked) }
            } else {
                box.status?.values = tests
            }
        }
        var kept: [AddressTypeTest] = []
        for test in box.addressTypes {
            guard let answer = try answer(test) else {
                kept.append(test)
                continue
            }
            if !answer { return nil }
        }
        box.addressTypes = kept
        return box
    }

    /// The answer of the routing table about a container's address; `nil` if the question is about the client's.
    private func answer(_ test: AddressTypeTest) throws(TwinRefusal) -> Bool? {
        if test.side == .source && test.interface != .out { return nil }
        guard test.interface == nil else {
            throw TwinRefusal(
                reason:
                    "an address type that is limited to an interface is known only of packets that are forwarded: ask for the type alone, or for the interface"
            )
        }
        return test.types.contains(.unicast) != test.isNegated
    }
}

extension MaskedTest<UInt32> {
    /// The test of the other bits of a status in which the destination is translated; `nil` if that says yes already.
    fileprivate var withTranslation: MaskedTest? {
        let bit = ConntrackStatus.dnat.rawValue
        guard mask & bit != 0 else { return self }
        let isAsked = value & bit != 0
        // Without the bit nothing equals the value, whatever the others are.
        if !isAsked { return isNegated ? nil : .never }
        let rest = MaskedTest(mask: mask & ~bit, value: value & ~bit, isNegated: isNegated)
        guard rest.mask == 0 else { return rest }
        return rest.matches(0) ? nil : .never
    }

    fileprivate static var never: MaskedTest { MaskedTest(mask: 0, value: 0, isNegated: true) }

    fileprivate var isNever: Bool { mask == 0 && !matches(0) }
}

extension ProxyListener.Container {
    /// Whether a box asks for a place where the container is.
    ///
    /// Its address is compared with those of its own family, whatever that of the client is.
    fileprivate func isIn(_ box: Box) -> Bool {
        if let asked = box.destination, !asked.contains(address) { return false }
        if let asked = box.destinationPort, !asked.values.contains(port) { return false }
        return box.outInterface?.contains(interface) ?? true
    }
}
