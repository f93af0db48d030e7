internal import FirewallIR

extension PacketState {
    /// The value of a field that is a number; `nil` if the packet lacks it.
    func number(_ field: NumericField) -> UInt64? {
        switch field {
        case .length: UInt64(length)
        case .hopLimit: UInt64(hopLimit)
        case .dscp: UInt64(dscp)
        case .sourceMAC: sourceMAC
        }
    }

    /// Changes a field that is a number; `nil` counts only for one that may be absent.
    mutating func set(_ field: NumericField, to value: UInt64?) {
        switch field {
        case .length: length = UInt32(truncatingIfNeeded: value ?? UInt64(length))
        case .hopLimit: hopLimit = UInt8(truncatingIfNeeded: value ?? UInt64(hopLimit))
        case .dscp: dscp = UInt8(truncatingIfNeeded: value ?? UInt64(dscp))
        case .sourceMAC: sourceMAC = value
        }
    }
}

extension NumericField {
    /// What most packets have, and packets of which nothing is said; `nil` for absence.
    var usual: UInt64? {
        switch self {
        case .length: 60
        case .hopLimit: 64
        case .dscp: 0
        case .sourceMAC: nil
        }
    }

    /// The field in which a packet fails.
    var packetField: PacketField {
        switch self {
        case .length: .length
        case .hopLimit: .hopLimit
        case .dscp: .dscp
        case .sourceMAC: .sourceMAC
        }
    }

    /// A value as people write it: `46`, `00:11:22:33:44:55`.
    func text(_ value: UInt64) -> String { self == .sourceMAC ? MACText.text(value) : String(value) }
}

/// Addresses on an Ethernet link as text.
enum MACText {
    /// `00:11:22:33:44:55`.
    static func text(_ address: UInt64) -> String {
        stride(from: 40, through: 0, by: -8).map { shift in
            let byte = String(address >> UInt64(shift) & 255, radix: 16)
            return byte.utf8.count == 1 ? "0" + byte : byte
        }.joined(separator: ":")
    }

    /// The address of a text: six bytes of two hexadecimal digits.
    static func address(_ text: String) -> UInt64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        return parts.reduce(0 as UInt64?) { address, part in
            guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let byte = UInt64(part, radix: 16) else {
                return nil
            }
            return address.map { $0 << 8 | byte }
        }
    }
}
