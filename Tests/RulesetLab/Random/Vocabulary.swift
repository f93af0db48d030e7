package import PacketModel

/// The few values that random rules and random packets are made of, so that they meet.
package enum Vocabulary {
    /// Names of interfaces.
    package static let interfaces = ["eth0", "eth1", "br-app", "br-db", "docker0", "wlan0"]
    /// Patterns that mean some of them.
    package static let patterns: [InterfacePattern] = [
        .exact("eth0"), .exact("eth1"), .prefix("br-"), .exact("br-app"), .exact("docker0"), .prefix("e"),
    ]
    /// IPv4 addresses at the ends of ranges.
    package static let v4 = [
        "0.0.0.0", "10.0.0.0", "10.0.0.1", "10.0.0.7", "10.0.1.0", "10.255.255.255", "192.168.0.1", "203.0.113.9",
        "255.255.255.255",
    ]
    /// IPv6 addresses at the ends of ranges.
    package static let v6 = [
        "::", "::1", "2001:db8::", "2001:db8::1", "2001:db8::7", "2001:db8:1::", "fe80::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    /// IPv4 ranges that overlap and nest.
    package static let ranges4 = [
        "10.0.0.0/8", "10.0.0.0/24", "10.0.0.1", "10.0.0.1-10.0.0.7", "192.168.0.1", "203.0.113.0/24", "0.0.0.0/1",
        "0.0.0.0/0",
    ]
    /// IPv6 ranges that overlap and nest.
    package static let ranges6 = [
        "2001:db8::/32", "2001:db8::/64", "2001:db8::1", "2001:db8::1-2001:db8::7", "fe80::/10", "::/1", "::/0",
    ]
    /// Protocols with ports, without, and unknown ones.
    package static let protocols: [UInt8] = [1, 6, 17, 58, 33, 47, 132, 136, 0, 255]
    /// Ports, and what stands in their place.
    package static let ports: [UInt16] = [0, 22, 80, 443, 1023, 1024, 2048, 8080, 65535]
    /// ICMP types and codes.
    package static let icmp: [UInt16] = [0, 0x0300, 0x0304, 0x0800, 0x0801, 0x0200, 0x8000, 0x8001, 0xff00, 0xff07]
    /// Marks.
    package static let marks: [UInt32] = [0, 1, 2, 0xff, 0x100, 0xffff_ffff]
    /// Status bits of connections.
    package static let status: [UInt32] = [0, 1, 2, 4, 8, 14, 16, 32, 40, 46, 63]

    /// The addresses of one family.
    package static func addresses(_ family: AddressFamily) -> [IPAddress] {
        (family == .ip ? v4 : v6).compactMap { IPAddress($0) }
    }
}

extension SeededGenerator {
    /// A set of addresses: of one family or both, or all but such a set.
    package mutating func addressSet() -> IPAddressSet {
        var texts: [String] = []
        if !oneIn(3) { texts += some(Vocabulary.ranges4, atMost: 3) }
        if texts.isEmpty || oneIn(2) { texts += some(Vocabulary.ranges6, atMost: 3) }
        let set = IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
        return oneIn(3) ? set.complement : set
    }

    /// A set of ports, from one to dozens.
    package mutating func portSet() -> IntervalSet<UInt16> {
        var ranges: [ClosedRange<UInt16>] = []
        for port in some(Vocabulary.ports, atMost: 4) {
            let last = oneIn(3) ? UInt16(min(65535, Int(port) + number(1...900))) : port
            ranges.append(port...last)
        }
        if oneIn(8) {
            for step in 0..<UInt16(number(10...40)) { ranges.append((3000 + 7 * step)...(3000 + 7 * step)) }
        }
        let set = IntervalSet(ranges)
        return oneIn(4) ? set.complement : set
    }

    /// A set of ICMP types with and without codes, or all but such a set.
    package mutating func icmpSet() -> IntervalSet<UInt16> {
        var ranges: [ClosedRange<UInt16>] = []
        for message in some(Vocabulary.icmp, atMost: 4) {
            ranges.append(oneIn(2) ? message...message : (message & 0xff00)...(message | 0xff))
        }
        let set = IntervalSet(ranges)
        return oneIn(3) ? set.complement : set
    }

    /// A set of protocols, or all but such a set.
    package mutating func protocolSet() -> IntervalSet<UInt8> {
        let set = IntervalSet(some(Vocabulary.protocols.filter { $0 != 0 || oneIn(20) }, atMost: 3).map { $0...$0 })
        return oneIn(4) ? set.complement : set
    }

    /// Some states, at least one.
    package mutating func states() -> ConntrackStateSet {
        some([ConntrackStateSet.new, .established, .related, .invalid, .untracked]).reduce([]) { $0.union($1) }
    }
}
