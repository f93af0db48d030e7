/// Numbers as they stand in texts of packets.
enum Number {
    /// A number of decimal digits alone, without a sign.
    static func decimal<Value: FixedWidthInteger>(_ text: String, as type: Value.Type) -> Value? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Value(text) : nil
    }

    /// A number of 32 bits, decimal or behind `0x`.
    static func any(_ text: String) -> UInt32? {
        guard text.hasPrefix("0x") else { return decimal(text, as: UInt32.self) }
        let digits = text.dropFirst(2)
        return digits.allSatisfy(\.isHexDigit) ? UInt32(digits, radix: 16) : nil
    }
}
