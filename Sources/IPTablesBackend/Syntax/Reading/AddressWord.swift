internal import PacketModel

extension RuleWord {
    /// One address of a family, without a mask.
    func address(_ family: AddressFamily) throws(RuleProblem) -> IPAddress { try Self.address(text, family, column) }

    /// An address under a mask: `192.0.2.0/24`, `10.0.0.2/255.0.0.255`, `2001:db8::/32`; alone it is one host.
    ///
    /// Bits outside of the mask are cleared. Names are never resolved.
    func maskedAddress(_ family: AddressFamily) throws(RuleProblem) -> IPMaskedAddress {
        if let usual = Self.usual(text, family) { return usual }
        return try Self.maskedAddress(text[...], family, column)
    }

    /// Several of them, separated by commas.
    func maskedAddresses(_ family: AddressFamily) throws(RuleProblem) -> [IPMaskedAddress] {
        guard text.utf8.contains(UInt8(ascii: ",")) else { return [try maskedAddress(family)] }
        var result: [IPMaskedAddress] = []
        for part in list {
            let trimmed = part.drop { $0 == " " }
            if !trimmed.isEmpty { result.append(try Self.maskedAddress(trimmed, family, column)) }
        }
        guard !result.isEmpty else { throw rejected("'\(text)' holds no address") }
        return result
    }

    /// An address in its full form, alone or with a length behind it; `nil` for what has to be looked at more closely.
    private static func usual(_ text: String, _ family: AddressFamily) -> IPMaskedAddress? {
        let found = text.utf8.withContiguousStorageIfAvailable { bytes -> IPMaskedAddress? in
            let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            guard let address = IPAddress(bytes: UnsafeBufferPointer(rebasing: bytes[..<slash])),
                address.family == family
            else { return nil }
            if slash == bytes.count { return IPMaskedAddress(address, mask: family.allBits) }
            var length = 0
            guard (1...3).contains(bytes.count - slash - 1), bytes[slash + 1] != UInt8(ascii: "0") else { return nil }
            for byte in bytes[(slash + 1)...] {
                guard byte >= 48, byte <= 57 else { return nil }
                length = length * 10 + Int(byte - 48)
            }
            return IPPrefix(holding: family.allBits, length: length).flatMap {
                IPMaskedAddress(address, mask: $0.address)
            }
        }
        return found ?? nil
    }

    private static func maskedAddress(
        _ text: Substring, _ family: AddressFamily, _ column: Int
    ) throws(RuleProblem) -> IPMaskedAddress {
        let slash = text.firstIndex(of: "/")
        let address = try address(text[..<(slash ?? text.endIndex)], family, column)
        var bits = family.allBits
        if let slash { bits = try mask(text[text.index(after: slash)...], family, column) }
        guard let masked = IPMaskedAddress(address, mask: bits) else {
            throw RuleProblem(.rejected, "'\(text)' mixes the address families", column: column)
        }
        return masked
    }

    private static func address(
        _ text: some StringProtocol, _ family: AddressFamily, _ column: Int
    ) throws(RuleProblem) -> IPAddress {
        if family == .ip, let address = shortIPv4(text) { return .v4(address) }
        guard let address = IPAddress(text) else { throw noAddress(String(text), family, column) }
        guard address.family == family else {
            throw RuleProblem(
                .rejected,
                "'\(text)' is an address of \(address.family.displayName) in rules for \(family.displayName)",
                column: column)
        }
        return address
    }

    private static func noAddress(_ text: String, _ family: AddressFamily, _ column: Int) -> RuleProblem {
        guard let byte = text.utf8.first(where: { !Self.isAddressByte($0, family) }) else {
            return RuleProblem(.rejected, "'\(text)' is no address of \(family.displayName)", column: column)
        }
        return "$`<{%".utf8.contains(byte)
            ? RuleProblem(.name, "'\(text)' is a placeholder: write the address", column: column)
            : RuleProblem(
                .name, "'\(text)' is no address, and names of hosts are never resolved: write the address",
                column: column)
    }

    private static func isAddressByte(_ byte: UInt8, _ family: AddressFamily) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): true
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"):
            family == .ip6
        default: false
        }
    }

    /// Up to four numbers, octal ones behind a zero; those that are missing at the end are zero (`xtables_numeric_to_ipaddr`).
    private static func shortIPv4(_ text: some StringProtocol) -> UInt32? {
        var value: UInt32 = 0
        var count = 0
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard count < 4, let byte = NumberText.parse(part, as: UInt8.self) else { return nil }
            value = value << 8 | UInt32(byte)
            count += 1
        }
        return count == 0 ? nil : value << UInt32(8 * (4 - count))
    }

    private static func mask(
        _ text: Substring, _ family: AddressFamily, _ column: Int
    ) throws(RuleProblem) -> IPAddress {
        if let length = NumberText.parse(text, as: Int.self),
            let prefix = IPPrefix(holding: family.allBits, length: length)
        {
            return prefix.address
        }
        guard let mask = IPAddress(text), mask.family == family else {
            throw RuleProblem(
                .rejected,
                "'\(text)' is no mask: expected a length from 0 to \(family.addressBits), or a mask in the form of an address",
                column: column)
        }
        return mask
    }
}

extension AddressFamily {
    /// The mask under which all bits count.
    var allBits: IPAddress { self == .ip ? .v4(.max) : .v6(.max) }
}
