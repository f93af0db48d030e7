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
        guard let address = text.withBytes({ IPAddress(bytes: $0) }) else { return nil }
        self = address
    }

    /// Reads the bytes of an address.
    package init?(bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = parseIPv6(bytes) else { return nil }
            self = .v6(value)
        } else {
            guard let value = parseIPv4(bytes) else { return nil }
            self = .v4(value)
        }
    }
}

extension StringProtocol {
    /// Calls a function with the bytes of the text, which are copied only where they do not lie in one piece.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
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

private func parseIPv4(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
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
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 3, digits == 0 || octet != 0 else {
            return nil
        }
        octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
        digits += 1
        guard octet <= 255 else { return nil }
    }
    return parts == 4 && digits > 0 ? value << 8 | octet : nil
}

private func parseIPv6(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt128? {
    let colon = UInt8(ascii: ":")
    var gap: Int?
    var index = 0
    while index + 1 < bytes.count {
        if bytes[index] == colon && bytes[index + 1] == colon {
            guard gap == nil else { return nil }
            gap = index
            index += 1
        }
        index += 1
    }
    guard let gap else {
        guard let groups = Groups(bytes, mayEndInIPv4: true), groups.count == 8 else { return nil }
        return groups.value
    }
    guard let left = Groups(UnsafeBufferPointer(rebasing: bytes[..<gap]), mayEndInIPv4: false),
        let right = Groups(UnsafeBufferPointer(rebasing: bytes[(gap + 2)...]), mayEndInIPv4: true),
        left.count + right.count <= 7
    else { return nil }
    return left.value << UInt128(16 * (8 - left.count)) | right.value
}

/// Groups of four hexadecimal digits between colons; none in an empty text.
private struct Groups {
    private(set) var value: UInt128 = 0
    private(set) var count = 0

    init?(_ bytes: UnsafeBufferPointer<UInt8>, mayEndInIPv4: Bool) {
        if bytes.isEmpty { return }
        var start = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count && bytes[end] != UInt8(ascii: ":") { end += 1 }
            let part = UnsafeBufferPointer(rebasing: bytes[start..<end])
            if part.contains(UInt8(ascii: ".")) {
                guard mayEndInIPv4, end == bytes.count, let v4 = parseIPv4(part) else { return nil }
                value = value << 32 | UInt128(v4)
                count += 2
            } else {
                guard let group = parseGroup(part) else { return nil }
                value = value << 16 | UInt128(group)
                count += 1
            }
            guard count <= 8 else { return nil }
            start = end + 1
        }
    }
}

/// Up to four hexadecimal digits.
private func parseGroup(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt16? {
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

private func ipv4Text(_ value: UInt32) -> String {
    String(unsafeUninitializedCapacity: 15) { bytes in
        var count = 0
        for shift in [24, 16, 8, 0] as [UInt32] {
            if count > 0 {
                bytes[count] = UInt8(ascii: ".")
                count += 1
            }
            let octet = UInt8(truncatingIfNeeded: value >> shift)
            if octet > 99 {
                bytes[count] = UInt8(ascii: "0") + octet / 100
                count += 1
            }
            if octet > 9 {
                bytes[count] = UInt8(ascii: "0") + octet / 10 % 10
                count += 1
            }
            bytes[count] = UInt8(ascii: "0") + octet % 10
            count += 1
        }
        return count
    }
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
