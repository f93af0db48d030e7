/// `-m string` (`libxt_string.c`).
enum StringMatches {
    static let string = MatchForm(
        "string",
        [
            .test("string"), .test("hex-string"), .value("algo"), .value("from"), .value("to"), .flag("icase"),
        ]
    ) { use throws(RuleProblem) in
        try use.exclude("string", "hex-string")
        guard let asked = use["string"] ?? use["hex-string"], let word = asked.values.first else {
            throw use.rejected("'string' needs '--string' or '--hex-string'")
        }
        let pattern = use.has("string") ? Array(word.text.utf8) : try hexBytes(word)
        guard (1...128).contains(pattern.count) else {
            throw word.rejected("the pattern has \(pattern.count) bytes: 1 to 128 are taken")
        }
        guard let algorithm = use["algo"]?.values.first else { throw use.rejected("'string' needs '--algo bm' or '--algo kmp'") }
        guard ["bm", "kmp"].contains(algorithm.text) else {
            throw algorithm.unknown("'\(algorithm.text)' is no algorithm: expected bm or kmp")
        }
        var options = [patternOption(pattern, asked.isNegated), IPTablesOption("--algo", [algorithm.text])]
        let number: (RuleWord) throws(RuleProblem) -> UInt16 = { word throws(RuleProblem) in try word.number(0...UInt16.max) }
        if let from = try use.value("from", number), from > 0 { options.append(IPTablesOption("--from", ["\(from)"])) }
        if let to = try use.value("to", number), to < .max { options.append(IPTablesOption("--to", ["\(to)"])) }
        if use.has("icase") { options.append(IPTablesOption("--icase")) }
        return .module("string", options: options)
    }

    /// Bytes that can be printed are, others make it hexadecimal as a whole.
    private static func patternOption(_ pattern: [UInt8], _ isNegated: Bool) -> IPTablesOption {
        let isText = pattern.allSatisfy { (32...126).contains($0) } && pattern.last != UInt8(ascii: "\\")
        if isText {
            return IPTablesOption("--string", [String(decoding: pattern, as: UTF8.self)], isNegated: isNegated, isQuoted: true)
        }
        let hex = pattern.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return IPTablesOption("--hex-string", ["|\(hex)|"], isNegated: isNegated, isQuoted: true)
    }

    /// Text with bytes in hexadecimal between bars: `a|de ad|b`; a backslash takes the next byte as it is.
    private static func hexBytes(_ word: RuleWord) throws(RuleProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        var isHex = false
        var rest = Array(word.text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "|") {
                isHex.toggle()
            } else if isHex {
                if byte == 32 { continue }
                guard let next = rest.popFirst(), let value = UInt8(String(decoding: [byte, next], as: UTF8.self), radix: 16),
                    byte != UInt8(ascii: "+")
                else { throw word.rejected("'\(word.text)' holds something other than pairs of hexadecimal digits between its bars") }
                bytes.append(value)
            } else if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                bytes.append(next)
            } else {
                bytes.append(byte)
            }
        }
        if isHex { throw word.rejected("'\(word.text)' has a bar that is not closed") }
        return bytes
    }
}
