/// `-m u32`: tests of four bytes each, `LOCATION=RANGES`, joined by `&&` (`libxt_u32.c`).
enum U32Matches {
    static let u32 = MatchForm("u32", [.test("u32")]) { use throws(RuleProblem) in
        let test = try use.neededTest("u32") { word throws(RuleProblem) in
            var reader = U32Reader(word)
            return try reader.read()
        }
        return .module(
            "u32", options: [IPTablesOption("--u32", [test.value], isNegated: test.isNegated, isQuoted: true)])
    }
}

/// Reads the tests, and writes them as `iptables-save` does.
private struct U32Reader {
    private let word: RuleWord
    private var rest: ArraySlice<UInt8>

    init(_ word: RuleWord) {
        self.word = word
        rest = Array(word.text.utf8)[...]
    }

    mutating func read() throws(RuleProblem) -> String {
        var tests = [try test()]
        while !rest.isEmpty {
            guard take("&&") else { throw problem("'&&' or the end") }
            tests.append(try test())
        }
        guard tests.count <= 10 else { throw word.rejected("\(tests.count) tests: 10 are taken") }
        return tests.joined(separator: "&&")
    }

    private mutating func test() throws(RuleProblem) -> String {
        var text = try number()
        var steps = 1
        while !take("=") {
            let step = take("<<") ? "<<" : take(">>") ? ">>" : take("@") ? "@" : take("&") ? "&" : nil
            guard let step else { throw problem("an operator or '='") }
            text += step + (try number())
            steps += 1
        }
        guard steps <= 11 else { throw word.rejected("a location of \(steps) steps: 11 are taken") }
        return text + "=" + (try ranges())
    }

    private mutating func ranges() throws(RuleProblem) -> String {
        var ranges = [try range()]
        while take(",") { ranges.append(try range()) }
        guard ranges.count <= 10 else { throw word.rejected("\(ranges.count) ranges: 10 are taken") }
        return ranges.joined(separator: ",")
    }

    private mutating func range() throws(RuleProblem) -> String {
        let first = try number()
        guard take(":") else { return first }
        let last = try number()
        return first == last ? first : first + ":" + last
    }

    private mutating func number() throws(RuleProblem) -> String {
        skipBlanks()
        let digits = rest.prefix { byte in
            (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte) || byte == UInt8(ascii: "x")
                || byte == UInt8(ascii: "X")
        }
        guard let value = NumberText.parse(String(decoding: digits, as: UTF8.self), as: UInt32.self) else {
            throw problem("a number")
        }
        rest = rest[digits.endIndex...]
        return hexText(value)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        skipBlanks()
        let length = text.utf8CodeUnitCount
        let isThere = text.withUTF8Buffer { rest.prefix(length).elementsEqual($0) }
        // One '&' is an operator, two of them join tests.
        let isDouble = length == 1 && rest.first == UInt8(ascii: "&") && rest.dropFirst().first == UInt8(ascii: "&")
        guard isThere, !isDouble else { return false }
        rest = rest.dropFirst(length)
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == 32 || $0 == 9 } }

    private func problem(_ expected: String) -> RuleProblem {
        let found = String(decoding: rest.prefix(12), as: UTF8.self)
        return word.rejected("expected \(expected) in the tests, found '\(found)'")
    }
}
