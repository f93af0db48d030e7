internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import PolicyLoading
internal import Semantics

/// What `seawall explain` says, as text and as JSON.
struct ExplanationReport {
    private let pipeline: CompilationPipeline
    private let description: PacketDescription
    private let explanations: [(scope: Scope, explanation: Explanation)]
    /// The same for a published port, where the packet's description leaves that open.
    private let ifPublished: [Explanation]
    private let now: Int64
    private let matchedOnly: Bool

    /// The answers of a policy to a packet.
    ///
    /// - Parameters:
    ///   - pipeline: the policy.
    ///   - description: the packet.
    ///   - now: the clock, where the packet does not say another.
    ///   - circumstances: what guards and opaque matches answer.
    ///   - matchedOnly: leaves out the rules that do not match.
    init(
        pipeline: CompilationPipeline, description: PacketDescription, now: Int64, circumstances: Circumstances,
        matchedOnly: Bool
    ) {
        self.pipeline = pipeline
        self.description = description
        self.now = now
        self.matchedOnly = matchedOnly
        func explain(_ scope: Scope, _ description: PacketDescription) -> Explanation {
            let packet = description.state(at: now).at(scope.hook)
            return Explanation(packet, Interpreter(scope).evaluate(packet, circumstances))
        }
        let scopes = pipeline.ruleset.scopes
        explanations = scopes.map { ($0, explain($0, description)) }
        ifPublished = description.ifPublished.map { published in scopes.map { explain($0, published) } } ?? []
    }

    /// The packet as it was understood; without the clock, if that was not said.
    private var understood: PacketDescription { PacketDescription(description.state()) }

    private var assumptions: [String] {
        let asksClock = explanations.contains { $0.explanation.asksClock }
        let clock = asksClock && description.time == nil ? [now] : []
        return description.unsaid.map(\.text) + clock.map(PacketDescription.clockAssumption)
    }

    private func place(_ origin: SourceLocation) -> SourceLocation { pipeline.source.shown(origin) }

    // MARK: - Text

    /// The text.
    var text: String {
        var lines = ["packet:  \(understood.sentence)", "text:    \(understood.text)"]
        lines += assumptions.map { "assumed: \($0)" }
        for index in explanations.indices { lines += section(index) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(_ index: Int) -> [String] {
        let (scope, explanation) = explanations[index]
        var lines = explanations.count > 1 ? ["", "\(scope.hook.rawValue):"] : [""]
        lines += explanation.lines(matchedOnly: matchedOnly, place: place) + [""]
        lines.append("verdict: \(explanation.conclusion(place: place))")
        lines += explanation.takenForGranted.map { "taken for granted: \($0)" }
        if let other = difference(index) {
            lines.append("if the port is published ('published'): \(other.conclusion(place: place))")
        }
        return lines
    }

    /// What happens to the packet if it is DNATed, where that is something else.
    private func difference(_ index: Int) -> Explanation? {
        guard ifPublished.indices.contains(index) else { return nil }
        let here = explanations[index].explanation.evaluation
        let there = ifPublished[index].evaluation
        return here.verdict == there.verdict && here.decidedBy?.id == there.decidedBy?.id ? nil : ifPublished[index]
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        [
            "outcome": "ok", "policy": .string(pipeline.ruleset.name),
            "packet": ["text": .string(understood.text), "sentence": .string(understood.sentence)],
            "assumed": .array(assumptions.map { .string($0) }), "scopes": .array(explanations.indices.map(scope)),
            "diagnostics": Report.diagnostics(pipeline.warnings),
        ]
    }

    private func scope(_ index: Int) -> JSONValue {
        let (scope, explanation) = explanations[index]
        let steps = explanation.evaluation.steps.filter { !matchedOnly || $0.meeting == .matched }
        var members = [JSONMember("hook", .string(scope.hook.rawValue))] + decision(explanation)
        members.append(JSONMember("rules", .array(steps.map { rule(explanation, $0) })))
        let granted = explanation.takenForGranted
        if !granted.isEmpty { members.append(JSONMember("takenForGranted", .array(granted.map { .string($0) }))) }
        if let other = difference(index) { members.append(JSONMember("ifPublished", .object(decision(other)))) }
        return .object(members)
    }

    private func decision(_ explanation: Explanation) -> [JSONMember] {
        let verdict = explanation.evaluation.verdict
        var members = [JSONMember("verdict", .string(verdict.name))]
        if case .reject(let kind) = verdict { members.append(JSONMember("with", .string(kind.rawValue))) }
        members.append(JSONMember("text", .string(verdict.text(at: explanation.evaluation.hook))))
        if let rule = explanation.evaluation.decidedBy {
            members.append(JSONMember("decidedBy", .object(identity(rule))))
        }
        return members
    }

    private func identity(_ rule: FirewallRule) -> [JSONMember] {
        let place = place(rule.origin)
        var members = [JSONMember("id", .string(rule.id)), JSONMember("file", .string(place.file))]
        if let line = place.line { members.append(JSONMember("line", .integer(Int64(line)))) }
        if let comment = rule.comment { members.append(JSONMember("comment", .string(comment))) }
        return members
    }

    private func rule(_ explanation: Explanation, _ step: Evaluation.Step) -> JSONValue {
        var members = identity(step.rule)
        members.append(JSONMember("chain", .string(step.chain)))
        members.append(JSONMember("matched", .bool(step.meeting == .matched)))
        let reasons = explanation.reasons(step)
        if reasons.isEmpty {
            members.append(JSONMember("does", .string(explanation.outcome(step))))
        } else {
            members.append(JSONMember("reasons", .array(reasons.map(\.json))))
        }
        return .object(members)
    }
}

extension Explanation.Reason {
    /// The reason; for a field with what was found (nothing, if the packet lacks the field) and wanted.
    fileprivate var json: JSONValue {
        var members = [JSONMember("text", .string(text))]
        if case .mismatch(let mismatch) = self {
            members.append(JSONMember("field", .string(mismatch.field.rawValue)))
            if let found = mismatch.found { members.append(JSONMember("found", .string(found))) }
            members.append(JSONMember("wanted", .string(mismatch.wanted)))
        }
        return .object(members)
    }
}
