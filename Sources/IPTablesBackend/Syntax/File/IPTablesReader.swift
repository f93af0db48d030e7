package import PacketModel

/// Reads what people have: the text of `iptables-save`, files for `iptables-restore`, lists of `iptables` commands.
package enum IPTablesReader {
    /// Reads a text.
    ///
    /// Each rule of a filter table is taken exactly, taken with a warning that says how it was written anew, or refused by name;
    /// those of other tables are kept as they stand. All problems are found in one run.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - file: its name in messages.
    ///   - family: the family of everything but `iptables` and `ip6tables` commands, which say it themselves.
    /// - Returns: a file for each family that the text speaks of, and what is to be said.
    package static func read(_ bytes: [UInt8], file: String, family: AddressFamily) -> IPTablesReading {
        var reader = TextReader(bytes, file: file, family: family)
        return reader.read()
    }
}

/// Goes through a text line by line.
struct TextReader {
    private let bytes: [UInt8]
    private let family: AddressFamily
    var sink: LineSink
    private var said: Set<Repair> = []
    /// Whether any line is a command for a shell.
    private let hasCommands: Bool
    /// A line of shell that is continued by a backslash, and where it began.
    private var continued: (bytes: [UInt8], line: Int)?
    private var words: [RuleWord] = []

    /// What is said once in a text.
    private enum Repair {
        case carriageReturn
        case noTable
    }

    init(_ bytes: [UInt8], file: String, family: AddressFamily) {
        self.bytes = bytes
        self.family = family
        hasCommands = !IPTablesFamilySigns.commands(bytes).isEmpty
        sink = LineSink(file: file)
    }

    mutating func read() -> IPTablesReading {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
            sink.line += 1
            readLine(start..<end)
            start = end + 1
        }
        if let continued { readShell(continued.bytes, line: continued.line) }
        return sink.finish(family: family)
    }

    // MARK: - Lines

    private mutating func readLine(_ range: Range<Int>) {
        var range = range
        if !range.isEmpty, bytes[range.upperBound - 1] == 13 {
            range = range.lowerBound..<(range.upperBound - 1)
            sayOnce(
                .carriageReturn,
                "the lines end with CR LF, which iptables takes for a part of the last word: read without")
        }
        if continued != nil { return readContinuation(range) }
        let first = bytes[range].firstIndex { $0 != 32 && $0 != 9 } ?? range.upperBound
        range = first..<range.upperBound
        guard !range.isEmpty else { return }
        switch bytes[first] {
        case UInt8(ascii: "#"): sink.comment(text(range))
        case UInt8(ascii: "*"): openTable(range)
        case UInt8(ascii: ":"): declareChain(range)
        case UInt8(ascii: "["), UInt8(ascii: "-"): readRule(range)
        default: readOther(range)
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private mutating func sayOnce(_ repair: Repair, _ message: String) {
        if said.insert(repair).inserted { sink.repaired(message) }
    }

    private mutating func openTable(_ range: Range<Int>) {
        let name = text(range).dropFirst().split(separator: " ").first.map(String.init) ?? ""
        guard !name.isEmpty else {
            return sink.refuse(RuleProblem(.syntax, "expected the name of a table behind '*'"), text(range))
        }
        guard !TableState.builtInChains(name).isEmpty else {
            return sink.refuse(
                RuleProblem(.unknown, "'\(name)' is no table: expected filter, nat, mangle, raw or security"),
                text(range))
        }
        sink.open(name, family)
    }

    private mutating func split(_ range: Range<Int>) throws(RuleProblem) {
        guard range.count < 10_240 else {
            throw RuleProblem(.rejected, "a line of \(range.count) bytes: iptables-restore cuts lines at 10239")
        }
        words.removeAll(keepingCapacity: true)
        var splitter = RuleWordSplitter(bytes, range)
        try splitter.split(into: &words)
    }

    private mutating func declareChain(_ range: Range<Int>) {
        needTable()
        do {
            try split(range)
            try sink.declare(words, family)
        } catch {
            sink.refuse(error, text(range))
        }
    }

    /// What stands outside of a table is taken for the filter table.
    private mutating func needTable() {
        guard !sink.hasOpenTable(family) else { return }
        sayOnce(.noTable, "no '*filter' stands before the rules: read as those of the filter table")
        sink.open("filter", family, isOpened: false)
    }

    private mutating func readRule(_ range: Range<Int>) {
        needTable()
        do {
            try split(range)
        } catch {
            return sink.refuse(error, text(range), words: words)
        }
        var start = 0
        var counters: SaveCounters?
        if let first = words.first, first.text.utf8.first == UInt8(ascii: "[") {
            counters = SaveCounters(first.text)
            guard counters != nil else {
                return sink.refuse(
                    RuleProblem(.syntax, "expected counters such as '[1:60]', found '\(first.text)'", column: 1),
                    text(range))
            }
            start = 1
        }
        let bytes = bytes
        sink.run(words, from: start, counters, family, isShell: false) { column in
            String(decoding: bytes[(range.lowerBound + column - 1)..<range.upperBound], as: UTF8.self)
        }
    }

    // MARK: - Other lines

    private mutating func readOther(_ range: Range<Int>) {
        let line = text(range)
        if line == "COMMIT" || line.hasPrefix("COMMIT ") {
            guard sink.hasOpenTable(family) else {
                return sink.refuse(RuleProblem(.syntax, "COMMIT stands outside of a table"), line)
            }
            return sink.commit(family)
        }
        if bytes[range.upperBound - 1] == UInt8(ascii: "\\") {
            continued = (Array(bytes[range].dropLast()), sink.line)
        } else {
            readShell(Array(bytes[range]), line: sink.line)
        }
    }

    private mutating func readContinuation(_ range: Range<Int>) {
        guard var open = continued else { return }
        let isContinued = !range.isEmpty && bytes[range.upperBound - 1] == UInt8(ascii: "\\")
        open.bytes += bytes[isContinued ? range.dropLast() : range]
        guard !isContinued else { return continued = open }
        continued = nil
        readShell(open.bytes, line: open.line)
    }

    private mutating func readShell(_ line: [UInt8], line number: Int) {
        let current = sink.line
        sink.line = number
        defer { sink.line = current }
        let text = String(decoding: line, as: UTF8.self)
        do {
            for command in try ShellLine.commands(line) { try run(command, text) }
        } catch {
            // A sentence or a prompt around a listing; anything that may be a command is refused.
            if hasCommands || sink.hasOpenTable(family) || !ShellCommand.looksLikeProse(text) {
                sink.refuse(error, text)
            } else {
                sink.ignored("text around the rules: '\(text.prefix(80))'")
            }
        }
    }

    private mutating func run(_ command: ShellCommand, _ text: String) throws(RuleProblem) {
        switch command.kind {
        case .tables(let family):
            sink.run(
                command.words, from: command.start, nil, family, isShell: true, mayFail: command.mayFail
            ) { _ in text }
        case .harmless: sink.ignored("'\(command.name)' changes no rule: not carried out")
        case .control:
            throw RuleProblem(.script, "'\(command.name)' belongs to a script: write its commands out, one by one")
        case .other:
            if sink.hasOpenTable(family) {
                throw RuleProblem(
                    .syntax, "'\(command.name)' begins no line of a table: expected a rule, a chain, or COMMIT")
            }
            guard hasCommands else { return sink.ignored("text around the rules: '\(text.prefix(80))'") }
            throw RuleProblem(.script, "it is not known what '\(command.name)' does to the rules")
        }
    }
}

extension SaveCounters {
    /// Reads `[1:60]`.
    init?(_ text: String) {
        let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard text.hasPrefix("["), text.hasSuffix("]"), parts.count == 2, let packets = UInt64(parts[0]),
            let bytes = UInt64(parts[1])
        else { return nil }
        self.init(packets: packets, bytes: bytes)
    }
}
