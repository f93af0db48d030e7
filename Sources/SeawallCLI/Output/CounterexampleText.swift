internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import Semantics

/// A packet that two rule sets treat differently, in words and as JSON: the packet, both verdicts, the rules that decide.
struct CounterexampleText {
    private let packet: PacketState
    private let sides: [Side]

    /// What is said of one rule set.
    fileprivate struct Side {
        var name: String
        var input: RulesetInput
        var explanation: Explanation
    }

    private let showsTheWay: Bool

    /// The words for a packet and two inputs.
    init(_ found: Counterexample, _ pair: RulesetPair) {
        self.init(found, [pair.a, pair.b], names: ["A", "B"], showsTheWay: true)
    }

    /// The words for a packet and two inputs, which have names.
    ///
    /// - Parameters:
    ///   - found: the packet.
    ///   - inputs: both rule sets.
    ///   - names: what they are called.
    ///   - showsTheWay: names the command that explains the packet.
    init(_ found: Counterexample, _ inputs: [RulesetInput], names: [String], showsTheWay: Bool) {
        packet = found.packet
        self.showsTheWay = showsTheWay
        sides = zip(zip(names, inputs), [found.a, found.b]).map { named, evaluation in
            Side(name: named.0, input: named.1, explanation: Explanation(found.packet, evaluation))
        }
    }

    /// The packet in plain words.
    var sentence: String { packet.sentence }

    /// The verdicts in two columns, what they rest on, and how to see the way of the packet.
    var lines: [String] {
        let places = sides.map(\.place)
        let verdicts = sides.map(\.verdict)
        var lines: [String] = []
        for (index, side) in sides.enumerated() {
            let words = [places.padded[index], verdicts.padded[index], side.rule]
            lines.append("\(side.name)  \(words.joined(separator: "  "))".trimmed)
            if saysDoings { lines += side.doings.map { "   \($0)" } }
            lines += side.explanation.takenForGranted.map { "   taken for granted: \($0)" }
        }
        if showsTheWay, let target = sides.first(where: { $0.input.name != "-" }) {
            let text = PacketDescription(packet).text
            lines.append("seawall explain \(text.shellWord) \(target.input.name.shellWord)   shows the way")
        }
        return lines
    }

    /// Whether the verdicts are the same, so that what is done on the way is the difference.
    private var saysDoings: Bool {
        sides[0].explanation.evaluation.verdict == sides[1].explanation.evaluation.verdict
    }

    // MARK: - JSON

    /// The members `packet`, `a` and `b`.
    var members: [JSONMember] {
        [JSONMember("packet", packet.json)]
            + sides.map { JSONMember($0.name.lowercased(), $0.json) }
    }
}

extension CounterexampleText.Side {
    /// The verdict in words.
    fileprivate var verdict: String {
        explanation.evaluation.verdict.text(at: explanation.evaluation.hook)
    }

    /// Where the deciding rule stands.
    fileprivate var place: String {
        explanation.evaluation.decidedBy.map { "\(input.place($0.origin))" } ?? "no rule decides"
    }

    /// The deciding rule's name and comment.
    fileprivate var rule: String {
        guard let rule = explanation.evaluation.decidedBy else { return "" }
        return "[\(rule.id)]" + (rule.comment.map { " \"\($0)\"" } ?? "")
    }

    fileprivate var doings: [String] {
        let doings = explanation.doings(place: input.place)
        return doings.isEmpty ? ["nothing else is done"] : doings
    }

    fileprivate var json: JSONValue {
        let verdict = explanation.evaluation.verdict
        var members = [JSONMember("verdict", .string(verdict.name))]
        if case .reject(let kind) = verdict { members.append(JSONMember("with", .string(kind.rawValue))) }
        members.append(JSONMember("text", .string(self.verdict)))
        if let rule = explanation.evaluation.decidedBy { members.append(JSONMember("rule", json(rule))) }
        members.append(JSONMember("does", .array(explanation.doings(place: input.place).map { .string($0) })))
        members.append(JSONMember("takenForGranted", .array(explanation.takenForGranted.map { .string($0) })))
        return .object(members)
    }

    private func json(_ rule: FirewallRule) -> JSONValue {
        let place = input.place(rule.origin)
        var members = [JSONMember("id", .string(rule.id)), JSONMember("file", .string(place.file))]
        if let line = place.line { members.append(JSONMember("line", .integer(Int64(line)))) }
        if let comment = rule.comment { members.append(JSONMember("comment", .string(comment))) }
        return .object(members)
    }
}

extension PacketState {
    /// The packet as text, in words, and field by field.
    var json: JSONValue {
        [
            "text": .string(PacketDescription(self).text), "sentence": .string(sentence),
            "fields": .object(fields.map { JSONMember($0.field.rawValue, .string($0.value)) }),
        ]
    }
}

extension [String] {
    /// The texts at one width.
    fileprivate var padded: [String] {
        let width = map(\.count).max() ?? 0
        return map { $0 + String(repeating: " ", count: width - $0.count) }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.hasSuffix(" ") { text = text.dropLast() }
        return String(text)
    }

    /// The text as one word of a shell.
    fileprivate var shellWord: String {
        let isPlain =
            !isEmpty
            && utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || "/._-+:,@%".utf8.contains(byte)
            }
        return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
