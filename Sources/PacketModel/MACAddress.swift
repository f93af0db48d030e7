/// Ethernet addresses in their usual text, as numbers of 48 bits.
package enum MACAddress {
    /// The number of `00:11:22:aa:bb:cc`; `nil` if the text is none.
    package static func number(_ text: String) -> UInt64? {
        let pairs = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard pairs.count == 6 else { return nil }
        var number: UInt64 = 0
        for pair in pairs {
            guard pair.count == 2 else { return nil }
            for digit in pair {
                guard let value = hexadecimal(digit) else { return nil }
                number = number << 4 | UInt64(value)
            }
        }
        return number
    }

    /// The text of a number: `00:11:22:aa:bb:cc`.
    package static func text(_ number: UInt64) -> String {
        stride(from: 40, through: 0, by: -8).map { shift in
            let byte = String(number >> UInt64(shift) & 255, radix: 16)
            return byte.count == 1 ? "0" + byte : byte
        }.joined(separator: ":")
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
