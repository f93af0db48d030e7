/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable, Comparable {
    /// An IPv4 address in host byte order.
    case v4(UInt32)
    /// An IPv6 address in host byte order.
    case v6(UInt128)

    /// The family that the address belongs to.
    public var family: AddressFamily {
        switch self {
        case .v4: .ip
        case .v6: .ip6
        }
    }

    /// Reads an address in its textual form: four decimal numbers (RFC 6943 §3.1.1, strict), or RFC 4291 §2.2.
    ///
    /// Octal, hexadecimal and shortened IPv4 forms, and zone indices, are not addresses here.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        self.init(bytes: bytes[...])
    }

    /// Reads the bytes of an address.
    init?(bytes: ArraySlice<UInt8>) {
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = parseIPv6(bytes) else { return nil }
            self = .v6(value)
        } else {
            guard let value = parseIPv4(bytes) else { return nil }
            self = .v4(value)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text (RFC 5952 for IPv6).
    public var description: String {
        switch self {
        case .v4(let value): ipv4Text(value)
        case .v6(let value): ipv6Text(value)
        }
    }
}

private func parseIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var parts = 1
    for byte in bytes {
        if byte == UInt8(ascii: ".") {
            guard digits > 0, parts < 4 else { return nil }
            value = value << 8 | octet
            (octet, digits, parts) = (0, 0, parts + 1)
            continue
        }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), digits < 3, digits == 0 || octet != 0 else {
            return nil
        }
        octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
        digits += 1
        guard octet <= 255 else { return nil }
    }
    return parts == 4 && digits > 0 ? value << 8 | octet : nil
}

private func parseIPv6(_ bytes: ArraySlice<UInt8>) -> UInt128? {
    let colon = UInt8(ascii: ":")
    var gap: ArraySlice<UInt8>.Index?
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
        if bytes[index] == colon && bytes[index + 1] == colon {
            guard gap == nil else { return nil }
            gap = index
            index += 1
        }
        index += 1
    }
    guard let gap else {
        guard let groups = parseGroups(bytes, mayEndInIPv4: true), groups.count == 8 else { return nil }
        return joined(groups)
    }
    let tail = bytes[(gap + 2)...]
    guard let left = parseGroups(bytes[..<gap], mayEndInIPv4: false),
        let right = parseGroups(tail, mayEndInIPv4: true),
        left.count + right.count <= 7
    else { return nil }
    return joined(left + Array(repeating: 0, count: 8 - left.count - right.count) + right)
}

private func parseGroups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
    if bytes.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if part.contains(UInt8(ascii: ".")) {
            guard mayEndInIPv4, index == parts.count - 1, let v4 = parseIPv4(part) else { return nil }
            groups += [UInt16(v4 >> 16), UInt16(v4 & 0xffff)]
        } else {
            guard let group = parseGroup(part) else { return nil }
            groups.append(group)
        }
    }
    return groups.count <= 8 ? groups : nil
}

/// Up to four hexadecimal digits.
private func parseGroup(_ bytes: ArraySlice<UInt8>) -> UInt16? {
    guard (1...4).contains(bytes.count) else { return nil }
    var value: UInt16 = 0
    for byte in bytes {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
        default: return nil
        }
        value = value << 4 | UInt16(digit)
    }
    return value
}

private func joined(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
}

private func ipv4Text(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
}

private func ipv6Text(_ value: UInt128) -> String {
    if value >> 32 == 0xffff { return "::ffff:" + ipv4Text(UInt32(truncatingIfNeeded: value)) }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> (112 - 16 * $0)) }
    var best = 0..<0
    var start = 0
    while start < 8 {
        var end = start
        while end < 8 && groups[end] == 0 { end += 1 }
        if end - start >= 2 && end - start > best.count { best = start..<end }
        start = max(end, start + 1)
    }
    let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
}
