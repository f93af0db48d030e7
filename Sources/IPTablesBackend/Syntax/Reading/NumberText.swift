/// Numbers as `strtoul` with base 0 reads them: decimal, octal behind `0`, hexadecimal behind `0x`.
enum NumberText {
    /// The number that a text is, as a whole; `nil` if it is none, or does not fit.
    static func parse<Number: FixedWidthInteger>(_ text: some StringProtocol, as: Number.Type = Number.self) -> Number?
    {
        let bytes = text.utf8
        guard let first = bytes.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        guard first == UInt8(ascii: "0"), bytes.count > 1 else { return Number(text, radix: 10) }
        let second = bytes[bytes.index(after: bytes.startIndex)]
        guard second == UInt8(ascii: "x") || second == UInt8(ascii: "X") else {
            return unsigned(text.dropFirst(), radix: 8)
        }
        return unsigned(text.dropFirst(2), radix: 16)
    }

    /// The number of decimal digits without a zero before them; `nil` if the text is anything else.
    static func plain(_ text: String, atMost limit: UInt64) -> UInt64? {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count < 18, first != UInt8(ascii: "0") || bytes.count == 1 else {
            return nil
        }
        var number: UInt64 = 0
        for byte in bytes {
            guard byte >= 48, byte <= 57 else { return nil }
            number = number * 10 + UInt64(byte - 48)
        }
        return number <= limit ? number : nil
    }

    private static func unsigned<Number: FixedWidthInteger>(_ text: some StringProtocol, radix: Int) -> Number? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        return Number(text, radix: radix)
    }
}

extension RuleWord {
    /// A number within limits.
    func number<Number: FixedWidthInteger & Sendable>(_ range: ClosedRange<Number>) throws(RuleProblem) -> Number {
        try Self.number(text, range, column)
    }

    /// A number, or a range of numbers whose ends may be left away: `5`, `5:9`, `5:`, `:`.
    func numbers<Number: FixedWidthInteger & Sendable>(
        _ limits: ClosedRange<Number>
    ) throws(RuleProblem) -> (first: Number, last: Number) {
        guard let colon = text.firstIndex(of: ":") else {
            let number = try number(limits)
            return (number, number)
        }
        let (low, high) = (text[..<colon], text[text.index(after: colon)...])
        return (
            low.isEmpty ? limits.lowerBound : try Self.number(low, limits, column),
            high.isEmpty ? limits.upperBound : try Self.number(high, limits, column)
        )
    }

    /// A value under a mask: `0x1/0xff`; without a mask all bits count.
    func maskedMark() throws(RuleProblem) -> (value: UInt32, mask: UInt32) {
        guard let slash = text.firstIndex(of: "/") else { return (try number(0...UInt32.max), .max) }
        return (
            try Self.number(text[..<slash], 0...UInt32.max, column),
            try Self.number(text[text.index(after: slash)...], 0...UInt32.max, column)
        )
    }

    private static func number<Number: FixedWidthInteger & Sendable>(
        _ text: some StringProtocol, _ range: ClosedRange<Number>, _ column: Int
    ) throws(RuleProblem) -> Number {
        guard let number = NumberText.parse(text, as: Number.self), range.contains(number) else {
            throw RuleProblem(
                .rejected, "'\(text)' is no number from \(range.lowerBound) to \(range.upperBound)", column: column)
        }
        return number
    }

    /// The parts between commas, also the empty ones.
    var list: [Substring] { text.split(separator: ",", omittingEmptySubsequences: false) }
}
