internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import Semantics

/// What `seawall diff` says, as text and as JSON.
struct TrafficReport {
    /// The answer as a whole, which decides the exit code.
    enum Outcome: String {
        case same, changed, undecided

        /// The exit code (see the exit codes in the README).
        var exitCode: Int32 {
            switch self {
            case .same: 0
            case .changed: 1
            case .undecided: 5
            }
        }
    }

    let pair: RulesetPair
    let difference: DifferenceReport
    /// What the two sides are to each other.
    var tense = TrafficTense.changed

    /// Changed if anything is; else undecided if anything is.
    var outcome: Outcome {
        if !difference.changes.isEmpty { return .changed }
        return difference.undecided.isEmpty && !difference.isCut ? .same : .undecided
    }

    private var families: FamilySet { difference.compared.values.reduce([]) { $0.union($1) } }

    /// `IPv4 and IPv6`.
    private var familyNames: String { families.families.map(\.displayName).joined(separator: " and ") }

    // MARK: - Text

    /// The text.
    var text: String {
        let blocks = groups.map { $0.joined(separator: "\n") } + [ends.joined(separator: "\n")]
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    /// The changes of each service below its name, in columns.
    private var groups: [[String]] {
        let rows = difference.changes.map { change in
            let box = change.box
            return [
                box.conditions(families).joined(separator: ", "),
                tense.words(change.was.words(at: change.hook), change.now.words(at: change.hook)),
                causes(change),
            ]
        }
        let widths = (0..<2).map { column in rows.map { $0[column].count }.filter { $0 <= 72 }.max() ?? 0 }
        var groups: [(title: String, lines: [String])] = []
        for (change, row) in zip(difference.changes, rows) {
            let title = change.box.service + (difference.compared.count > 1 ? " (\(change.hook.rawValue))" : "")
            if groups.last?.title != title { groups.append((title, [])) }
            let line = "  \(row[0].padded(to: widths[0]))  \(row[1].padded(to: widths[1]))  \(row[2])"
            groups[groups.count - 1].lines.append(line)
        }
        return groups.map { [$0.title] + $0.lines }
    }

    /// The rules that decide now, and those that did: `new/Policy.swift:14 (was old/Policy.swift:12)`.
    private func causes(_ change: TrafficChange) -> String {
        let now = list(change.causes.map { place($0.now, pair.b) })
        let was = list(change.causes.map { place($0.was, pair.a) })
        return "\(now) (\(tense.before) \(was))"
    }

    private func list(_ places: [String]) -> String {
        var seen: Set<String> = []
        return places.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }

    private func place(_ rule: FirewallRule?, _ input: RulesetInput) -> String {
        rule.map { input.text(at: $0.origin) ?? "\(input.place($0.origin))" } ?? "no rule"
    }

    /// What is said at the end.
    private var ends: [String] {
        [summary].compactMap { $0 } + unmatched
            + difference.undecided.flatMap { scope in
                let head = "undecided (\(scope.family.displayName), \(scope.hook.rawValue)): \(scope.reason.text)"
                return [head] + notes(scope.reason).map { "  \($0)" }
            } + difference.assumed.map { "assumed: \($0.text)" } + (docker.map { ["assumed: \($0.text)"] } ?? [])
    }

    private var summary: String? {
        let count = difference.changes.count
        if count == 0 { return outcome == .same ? "\(tense.nothing) (\(familyNames))" : nil }
        let changes = "\(count) \(tense.noun)\(count == 1 ? "" : "s")"
        let rest = difference.unlisted + (difference.isCut ? 1 : 0)
        let more = difference.isCut ? "and at least \(rest) more, not listed" : "and \(rest) more, not listed (--limit)"
        return ([changes] + (rest == 0 ? [] : [more])).joined(separator: " ") + " (\(familyNames))" + asBefore
    }

    /// What people ask about first, and what stays as it was.
    private var asBefore: String {
        let changed = difference.changes.reduce(TrafficKinds()) { $0.union($1.box.kinds) }
        let isComplete = difference.undecided.isEmpty && !difference.isCut && difference.unlisted == 0
        let replies: TrafficKinds = [.replies, .announcedReplies, .errors, .errorsInReply]
        guard isComplete, changed.isDisjoint(with: replies) else { return "" }
        return "; replies and related ICMP errors \(tense.unchanged)"
    }

    private var unmatched: [String] {
        difference.unmatched.map { "not compared: \($0.rawValue), of which only one of the two speaks" }
    }

    private func notes(_ reason: Undecided) -> [String] { UndecidedNotes(pair: pair).lines(reason) }

    /// What is taken for granted of Docker, where containers were compared.
    private var docker: DockerAssumption? {
        difference.compared[.containers] == nil ? nil : pair.assumption
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        [
            "outcome": .string(outcome.rawValue), "a": .string(pair.a.name), "b": .string(pair.b.name),
            "families": .array(families.families.map { .string($0.rawValue) }),
            "changes": .array(difference.changes.map(json)), "unlisted": .integer(Int64(difference.unlisted)),
            "complete": .bool(!difference.isCut && difference.unlisted == 0 && difference.undecided.isEmpty),
            "undecided": .array(
                difference.undecided.map { scope in
                    [
                        "hook": .string(scope.hook.rawValue), "family": .string(scope.family.rawValue),
                        "text": .string(scope.reason.text),
                        "notes": .array(notes(scope.reason).map { .string($0) }),
                    ]
                }),
            "notCompared": .array(difference.unmatched.map { .string($0.rawValue) }),
            "assumptions": .array(difference.assumed.map(\.json) + [docker?.json].compactMap { $0 }),
            "diagnostics": Report.diagnostics(pair.a.warnings + pair.b.warnings),
        ]
    }

    private func json(_ change: TrafficChange) -> JSONValue {
        let fields = change.box.fields.sorted { ($0.key.order, $0.key.name) < ($1.key.order, $1.key.name) }
        return [
            "hook": .string(change.hook.rawValue), "service": .string(change.box.service),
            "families": .array(change.box.families.families.map { .string($0.rawValue) }),
            "kinds": .array(change.box.kinds.names.map { .string($0) }),
            "fields": .object(
                fields.map { JSONMember($0.key.name, .array($0.value.texts.map { .string($0) })) }),
            "text": .string(change.box.conditions(families).joined(separator: ", ")),
            "was": json(change.was, change.hook), "is": json(change.now, change.hook),
            "because": .array(
                change.causes.map { ["was": json($0.was, pair.a), "is": json($0.now, pair.b)] }),
            "example": change.example.json,
        ]
    }

    private func json(_ treatment: TrafficTreatment, _ hook: Scope.Hook) -> JSONValue {
        var members = [JSONMember("verdict", .string(treatment.verdict.name))]
        if case .reject(let kind) = treatment.verdict { members.append(JSONMember("with", .string(kind.rawValue))) }
        members.append(JSONMember("text", .string(treatment.words(at: hook))))
        return .object(members)
    }

    private func json(_ rule: FirewallRule?, _ input: RulesetInput) -> JSONValue {
        guard let rule else { return .null }
        let place = input.place(rule.origin)
        var members = [JSONMember("id", .string(rule.id)), JSONMember("file", .string(place.file))]
        if let line = place.line { members.append(JSONMember("line", .integer(Int64(line)))) }
        if let text = input.text(at: rule.origin) { members.append(JSONMember("rule", .string(text))) }
        if let comment = rule.comment { members.append(JSONMember("comment", .string(comment))) }
        return .object(members)
    }
}

extension String {
    /// The text with spaces behind it, if it is shorter.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
