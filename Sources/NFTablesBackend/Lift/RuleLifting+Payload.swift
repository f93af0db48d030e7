internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match on a header; nft itself asks for the family and the protocol whose header it is.
    mutating func matchPayload(
        _ proto: String, _ field: String, _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        if proto == "ip" || proto == "ip6" { try checkFamily(proto == "ip" ? .ip : .ip6) }
        switch (proto, field) {
        case ("ip", "saddr"), ("ip6", "saddr"):
            let family = proto == "ip" ? AddressFamily.ip : .ip6
            let set = try comparison.addresses(of: family, &sets)
            narrow { box in
                box.families.formIntersection(FamilySet(family))
                box.source.narrow(to: set)
            }
        case ("ip", "daddr"), ("ip6", "daddr"):
            let family = proto == "ip" ? AddressFamily.ip : .ip6
            let set = try comparison.addresses(of: family, &sets)
            narrow { box in
                box.families.formIntersection(FamilySet(family))
                box.destination.narrow(to: set)
            }
        case ("icmp", "type"), ("icmpv6", "type"), ("icmp", "code"), ("icmpv6", "code"):
            try matchICMP(proto == "icmp" ? .ip : .ip6, isType: field == "type", try comparison.resolved(sets))
        case ("tcp", "flags"): try matchFlags(mask: nil, try comparison.resolved(sets))
        case ("ip", "protocol"):
            // The same as the last header in IPv4.
            let numbers = try comparison.resolved(sets).numbers { IPProtocol(nft: $0)?.rawValue }
            narrow { box in
                box.families.formIntersection(.ip)
                box.protocols.narrow(to: numbers)
            }
        case ("ip", "length"), ("ip", "ttl"), ("ip", "dscp"), ("ip6", "length"), ("ip6", "hoplimit"), ("ip6", "dscp"):
            try matchHeader(proto == "ip" ? .ip : .ip6, field, try comparison.resolved(sets))
        case ("ether", "saddr"): try matchHardwareAddress(try comparison.resolved(sets))
        case (_, "sport"), (_, "dport"): try matchPort(proto, isSource: field == "sport", comparison, &sets)
        default: throw LiftRefusal("'\(proto) \(field)' is not known")
        }
    }

    // MARK: - Ports

    private mutating func matchPort(
        _ proto: String, isSource: Bool, _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        if proto == "th" { try checkPorts() } else { try demandPorts(of: proto) }
        let ports = Presence(try comparison.ports(&sets))
        narrow { isSource ? $0.sourcePort.narrow(to: ports) : $0.destinationPort.narrow(to: ports) }
    }

    /// `th` reads the bytes at the place of ports, whatever the protocol.
    private func checkPorts() throws(LiftRefusal) {
        let withPorts = IntervalSet(IPProtocol.withPorts.map { $0.rawValue...$0.rawValue })
        let known = knownProtocols
        guard known.intersection(withPorts) == known else {
            throw LiftRefusal("'th' reads the bytes of protocols that have no ports")
        }
    }

    private mutating func demandPorts(of name: String) throws(LiftRefusal) {
        guard let proto = IPProtocol(name: name), proto.hasPorts else {
            throw LiftRefusal("protocol \(name) has no ports")
        }
        narrow { $0.protocols.narrow(to: IntervalSet(proto.rawValue)) }
    }

    // MARK: - Other headers

    /// A rule that has asked for the other family would read the bytes of its header.
    private func checkFamily(_ family: AddressFamily) throws(LiftRefusal) {
        guard knownFamilies.contains(FamilySet(family)) else {
            throw LiftRefusal("the header of \(family.displayName) is asked for in packets of the other family")
        }
    }

    /// Reads a match on a field of the IP header that is a number.
    private mutating func matchHeader(
        _ family: AddressFamily, _ field: String, _ comparison: NFTComparison
    ) throws(LiftRefusal) {
        let words = NFTWords(.payload(family.rawValue, field))
        let values: IntervalSet<UInt64> = try comparison.numbers { words.number($0).flatMap { UInt64(exactly: $0) } }
        narrow { $0.families.formIntersection(FamilySet(family)) }
        switch field {
        case "ttl", "hoplimit": try matchNumber(.hopLimit, values)
        case "dscp": try matchNumber(.dscp, values)
        default:
            // The length in a header of IPv6 leaves out its own 40 bytes.
            let own = values.intersection(IntervalSet([0...65535]))
            let shift: UInt64 = family == .ip ? 0 : 40
            try matchNumber(
                .length, IntervalSet(own.intervals.map { ($0.lowerBound + shift)...($0.upperBound + shift) }))
        }
    }

    /// Reads a match on the Ethernet source; nft itself asks for an Ethernet link.
    private mutating func matchHardwareAddress(_ comparison: NFTComparison) throws(LiftRefusal) {
        var found: [ClosedRange<UInt64>] = []
        for element in comparison.right.elements {
            guard case .mac(let address) = element else {
                throw LiftRefusal("'\(element.text)' is no hardware address")
            }
            found.append(address...address)
        }
        let set = IntervalSet(found)
        try matchNumber(.sourceMAC, try comparison.isNegated ? set.complement : set)
    }

    /// The type and the code are two fields in nft, and one in a box.
    private mutating func matchICMP(
        _ family: AddressFamily, isType: Bool, _ comparison: NFTComparison
    ) throws(LiftRefusal) {
        // Where the rule has asked for the other family, nft adds nothing, and reads bytes of that family's packets.
        guard boxes.allSatisfy({ $0.families.contains(FamilySet(family)) }), knownFamilies.contains(FamilySet(family))
        else { throw LiftRefusal("the ICMP of the other family") }
        let words = NFTWords(.payload(family == .ip ? "icmp" : "icmpv6", isType ? "type" : "code"))
        let numbers: IntervalSet<UInt8> = try comparison.numbers { words.number($0).flatMap { UInt8(exactly: $0) } }
        let proto = family == .ip ? IPProtocol.icmp : .icmpv6
        narrow { box in
            box.families = FamilySet(family)
            box.protocols.narrow(to: IntervalSet(proto.rawValue))
            let asked = box.icmp?.values ?? .all
            box.icmp.narrow(to: Presence(isType ? numbers.ofTypes : numbers.ofCodes(among: asked)))
        }
    }

    /// Reads a match on the flags of TCP.
    mutating func matchFlags(mask: UInt32?, _ comparison: NFTComparison) throws(LiftRefusal) {
        guard let mask = UInt8(exactly: mask ?? 0xff) else { throw LiftRefusal("TCP has eight flags") }
        let isWhole = mask == .max && (comparison.op == .anyOf || comparison.op == .noneOf)
        let alternatives = try comparison.tests(mask: isWhole ? nil : mask) { TCPFlags(nft: $0)?.rawValue }
        narrow { $0.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue)) }
        narrow(toAnyOf: alternatives) { box, tests in for test in tests { box.tcpFlags.narrow(to: test) } }
    }

    /// Reads the place of a fragment: 0 is the first one, or a whole packet.
    mutating func matchFragment(mask: UInt32, _ comparison: NFTComparison) throws(LiftRefusal) {
        guard mask == 0x1fff, comparison.right == .number(0) else {
            throw LiftRefusal("of 'ip frag-off' only the comparison of its last 13 bits with 0 is known")
        }
        let isLater = try comparison.isNegated
        narrow { box in
            box.families.formIntersection(.ip)
            // Both at once is no packet.
            if box.isLaterFragment == !isLater { box.families = [] }
            box.isLaterFragment = isLater
        }
    }
}

extension IntervalSet<UInt8> {
    /// `type << 8 | code` of the types in the set, with all their codes.
    fileprivate var ofTypes: IntervalSet<UInt16> {
        IntervalSet<UInt16>(intervals.map { UInt16($0.lowerBound) << 8...UInt16($0.upperBound) << 8 | 255 })
    }

    /// `type << 8 | code` of the codes in the set, with the types of some messages.
    fileprivate func ofCodes(among messages: IntervalSet<UInt16>) -> IntervalSet<UInt16> {
        let types = IntervalSet(messages.intervals.map { UInt8($0.lowerBound >> 8)...UInt8($0.upperBound >> 8) })
        let ranges = types.intervals.lazy.flatMap { Array($0) }.flatMap { type in
            self.intervals.map {
                (UInt16(type) << 8 | UInt16($0.lowerBound))...(UInt16(type) << 8 | UInt16($0.upperBound))
            }
        }
        return IntervalSet<UInt16>(Array(ranges))
    }
}

extension TCPFlags {
    /// The flag of a name of nft's, which calls ECE `ecn`.
    init?(nft name: String) { self.init(name: name == "ecn" ? "ece" : name) }
}
