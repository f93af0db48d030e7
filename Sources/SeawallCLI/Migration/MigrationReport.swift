internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import PacketModel
internal import Semantics

/// What is said of a migration, planned or done, as text and as JSON.
struct MigrationReport {
    let plan: MigrationPlan
    /// What became of it; nothing, if it is only planned.
    var outcome: MigrateHost.Outcome?
    /// What else is to be said.
    var findings: [Diagnostic] = []
    /// Files that were written.
    var paths: [String] = []
    var timings = false
    /// Whether systemd units are written at the end, and those that were.
    var writesUnits = false
    var units: [InstallUnits.Act] = []

    private var policy: String { plan.deployable.pipeline.ruleset.name }
    /// All warnings.
    var warnings: [Diagnostic] {
        let places = RulePlaces(plan.parts)
        let all =
            plan.deployable.pipeline.warnings + plan.lints + plan.warnings
            + plan.deployable.pipeline.notes(plan.deployable.emission) + findings.filter { !isDealtWith($0) }
        return all.map { places.located($0) }
    }

    /// Whether the migration itself sees to what was found.
    private func isDealtWith(_ finding: Diagnostic) -> Bool {
        finding.id == "accept-needs-mark" && plan.parts.contains { $0.markRule != nil }
    }

    // MARK: - Text

    /// The text.
    var text: String {
        var lines = [head]
        for part in plan.parts { lines += section(part) }
        lines += proofLines
        if let outcome {
            if let observation = outcome.observation { lines.append("observed: \(observation.text)") }
            lines.append(stateLine(outcome.state))
        } else {
            lines += ["steps"] + steps
        }
        lines += paths.map { "wrote \($0)" } + units.map { "\($0.kind.rawValue) \($0.path)" }
        var text = lines.joined(separator: "\n") + "\n"
        if timings, let outcome { text += outcome.watch.text }
        return text
    }

    private var head: String {
        let moved = plan.parts.reduce(0) { $0 + $1.movedCount }
        let all = plan.parts.reduce(0) { $0 + $1.rules.count }
        let verb = outcome == nil ? "would move" : "moved"
        return "\(verb) \(moved) of \(all == 1 ? "1 rule" : "\(all) rules") of DOCKER-USER to nft, table inet seawall"
    }

    /// The families with what does not move; what moves is counted.
    private func section(_ part: MigrationPart) -> [String] {
        let rows = zip(part.rules, part.fates).compactMap { rule, fate -> String? in
            let text = IPTablesLine.appendWords("", words: rule.words).text.dropFirst("-A  ".count)
            return switch fate {
            case .moves: nil
            case .both(let reason): "  in both  \(text)  (\(reason))"
            case .stays(let reason): "  stays    \(text)  (\(reason))"
            }
        }
        let added = part.taken.added.map { rule in
            "  new      \(rule.words.joined(separator: " "))  (what ACCEPT becomes)"
        }
        return ["\(part.name): \(part.movedCount) of \(part.rules.count)"] + rows + added
    }

    /// What was proved, and what that rests on.
    private var proofLines: [String] {
        var lines = ["proved: the rules for nft are what was read, packet for packet"]
        for proof in plan.proofs {
            lines.append("proved: \(proof.text)")
            lines += proof.assumptions.map { "  assuming \($0.rawValue): \($0.text)" }
            if let packet = proof.otherwise { lines.append("  answered or logged otherwise than before: \(packet)") }
        }
        return lines
    }

    private func stateLine(_ state: AppliedState) -> String {
        guard state.outcome == .unconfirmed else {
            return "state \(state.number) is in force; `seawall migrate --back` puts the rules back"
        }
        let window = state.window.map { "\($0.seconds) s" } ?? "a while"
        return
            "state \(state.number) is in force for \(window): `seawall confirm` keeps it, from a new connection if it is about yours"
    }

    // MARK: - Steps

    /// The steps, numbered.
    var steps: [String] {
        stepTexts.enumerated().map { "  \($0 + 1). \($1)" }
    }

    private var stepTexts: [String] {
        let rules = plan.deployable.pipeline.ruleset.scopes.flatMap(\.chains).reduce(0) { $0 + $1.rules.count }
        var steps = [
            "write down what is live, and that a change is under way",
            "load the table inet seawall (\(rules == 1 ? "1 rule" : "\(rules) rules")) in one transaction: from here on a packet has to pass both",
            "read the table back, and prove that it is what was meant",
        ]
        if plan.observation > .zero {
            steps.append(
                "observe both for \(plan.observation.seconds) s: of what nft lets pass, a rule that moves must stop nothing"
            )
        }
        steps += plan.taken.map { taken in
            let added = taken.added.isEmpty ? "" : ", and put one in for the mark"
            return
                "take \(taken.count == 1 ? "1 rule" : "\(taken.count) rules") out of DOCKER-USER of \(taken.variant.name(taken.family))\(added), in one transaction"
        }
        if plan.movesPolicy { steps.append("take the chains of Seawall's out of iptables") }
        return steps + [
            "read both back, and compare",
            "keep the state: a start of the host loads it, `seawall migrate --back` undoes it",
        ] + (writesUnits ? ["write the systemd units that load it"] : [])
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        var members = [
            JSONMember("outcome", .string(outcome == nil ? "planned" : "migrated")),
            JSONMember("policy", .string(policy)), JSONMember("places", .array(plan.parts.map(json))),
            JSONMember("proof", .array(plan.proofs.map(json))),
        ]
        if let outcome {
            members += [
                JSONMember("rules", .integer(Int64(outcome.rules))),
                JSONMember("state", .integer(Int64(outcome.state.number))),
                JSONMember("confirmed", .bool(outcome.state.outcome == .confirmed)),
            ]
            if let seen = outcome.observation {
                members.append(
                    JSONMember(
                        "observed",
                        [
                            "seconds": .integer(seen.duration.seconds),
                            "stopped": .integer(Int64(clamping: seen.stopped)),
                            "passed": .integer(Int64(clamping: seen.passed)),
                        ]))
            }
            if timings { members.append(JSONMember("timings", outcome.watch.json)) }
        } else {
            members.append(JSONMember("steps", .array(stepTexts.map(JSONValue.string))))
        }
        members.append(JSONMember("paths", .array(paths.map(JSONValue.string))))
        members.append(JSONMember("units", InstallationReport.json(units)))
        members.append(JSONMember("diagnostics", Report.diagnostics(warnings)))
        return .object(members)
    }

    private func json(_ part: MigrationPart) -> JSONValue {
        [
            "place": .string(part.name), "family": .string(part.family.rawValue),
            "rules": .array(
                zip(part.rules, part.fates).map { rule, fate in
                    let text = IPTablesLine.appendWords(IPTablesNames.dockerUser, words: rule.words).text
                    return ["rule": .string(text), "fate": .string(fate.name), "reason": .string(fate.reason)]
                }),
            "added": .array(part.taken.added.map { .string($0.words.joined(separator: " ")) }),
        ]
    }

    private func json(_ proof: MigrationProof) -> JSONValue {
        [
            "place": .string(proof.place), "family": .string(proof.family.rawValue),
            "compared": .string(proof.isOverForward ? "FORWARD" : "DOCKER-USER"),
            "strictness": .string(proof.strictness.rawValue),
            "assumptions": .array(proof.assumptions.map(\.json)),
        ]
    }
}

extension MigrationPart.Fate {
    /// `moves`, `both` or `stays`.
    fileprivate var name: String {
        switch self {
        case .moves: "moves"
        case .both: "both"
        case .stays: "stays"
        }
    }
}
