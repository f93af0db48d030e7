internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import PacketModel
internal import Semantics

/// What `seawall status` says, as text and as JSON.
struct StatusReport {
    /// The answer as a whole, which decides the exit code.
    enum Outcome: String {
        case inSync = "in-sync"
        case drifted, undecided

        /// The exit code (see the exit codes in the README).
        var exitCode: Int32 {
            switch self {
            case .inSync: 0
            case .drifted: 1
            case .undecided: 5
            }
        }
    }

    let status: HostStatus
    /// The policy as the user named it; nothing, if it is that of a state.
    let named: String?
    /// A change that waits to be confirmed, or was cut short.
    var pending: String?
    /// The namespace as the user named it.
    var netns: String?

    /// Drifted if any traffic is treated otherwise than meant, or if the other backend holds rules as well.
    var outcome: Outcome {
        if traffic.outcome == .changed || !status.leftovers.isEmpty || status.hasStaleTwin { return .drifted }
        return traffic.outcome == .undecided || status.comparison.isIncomplete ? .undecided : .inSync
    }

    private var deployable: Deployable { status.deployable }
    private var policy: String { deployable.pipeline.ruleset.name }

    private var traffic: TrafficReport {
        let (live, meant) = (status.live.before, status.live.after)
        let shown = { (location: SourceLocation, rules: LiveRules) in
            rules.places.contains { $0.owns(location) } ? location : deployable.pipeline.source.shown(location)
        }
        var a = RulesetInput(name: "the policy", ruleset: status.comparison.rulesets.a) { shown($0, meant) }
        a.kernelText = meant.text
        if case .nft(_, let mark) = deployable.emission { a.acceptMark = mark }
        var b = RulesetInput(name: "what is live", ruleset: status.comparison.rulesets.b) { shown($0, live) }
        b.kernelText = live.text
        return TrafficReport(
            pair: RulesetPair(told: a, b, sides: ["the policy", "what is live"]),
            difference: status.comparison.difference, tense: .drifted)
    }

    // MARK: - What is wrong

    private var problems: [StatusProblem] {
        let prefix = netns.map { "ip netns exec \($0) " } ?? ""
        let structure = StatusProblem.all(status.live, reapply: reapply, prefix: prefix)
        return structure + (status.hasStaleTwin ? [staleTwin] : [])
            + status.leftovers.map {
                StatusProblem(
                    id: $0.id, text: $0.message, repair: $0.notes.map(\.message).joined(separator: "; "))
            }
    }

    private var staleTwin: StatusProblem {
        StatusProblem(
            id: "twin-stale",
            text:
                "docker-proxy listens elsewhere than the twin at input was made for: containers or networks have changed",
            repair: "seawall apply --refresh-twin" + (netns.map { " --netns \($0)" } ?? ""))
    }

    /// The command that loads the policy again.
    private var reapply: String {
        let place = netns.map { " --netns \($0)" } ?? ""
        if status.state != nil { return "seawall apply --repair\(place)" }
        let backend = deployable.settings.backend.rawValue
        return "seawall apply \(named ?? policy) --backend \(backend)\(place)"
    }

    /// What to do, each once.
    private var repairs: [String] {
        var seen: Set<String> = []
        return problems.map(\.repair).filter { seen.insert($0).inserted }
    }

    // MARK: - Text

    /// The text.
    var text: String {
        var blocks = ["\(headline)\n"]
        if traffic.outcome != .same { blocks.append(traffic.text) }
        let lines = status.comparison.notCompared + problems.map(\.text)
        if !lines.isEmpty { blocks.append(lines.map { "- \($0)\n" }.joined()) }
        if outcome != .inSync, !repairs.isEmpty {
            blocks.append("to repair:\n" + repairs.map { "  \($0)\n" }.joined())
        }
        let notes = notes
        if !notes.isEmpty { blocks.append(notes.map { "note: \($0)\n" }.joined()) }
        return blocks.joined(separator: "\n")
    }

    private var headline: String {
        let head =
            switch outcome {
            case .inSync: "in sync with"
            case .drifted: "drifted from"
            case .undecided: "not known whether in sync with"
            }
        return "\(head) \(reference): \(policy) (\(deployable.settings.backend.rawValue))\(whenAndWho)"
    }

    private var reference: String { status.state.map { "state \($0.number)" } ?? named ?? "the policy" }

    private var whenAndWho: String {
        status.state.map { ", applied \(UTCDate.text($0.time))Z by \($0.user)" } ?? ""
    }

    private var notes: [String] {
        let text =
            outcome == .inSync && !status.live.changesNothing && !problems.isEmpty
            ? ["no packet is treated otherwise by that: `\(repairs.joined(separator: "`, `"))` writes it as it was"]
            : []
        return [pending].compactMap { $0 } + text + others
            + status.live.warnings.map { ([$0.message] + $0.notes.map(\.message)).joined(separator: ": ") }
    }

    /// The rules of others that are asked behind ours.
    private var others: [String] {
        status.live.before.places.compactMap { place in
            let count = place.others.count
            guard count > 0, place.filter?.ownChains.isEmpty == false else { return nil }
            return
                "\(place.name): \(counted(count, "rule")) of others in DOCKER-USER \(count == 1 ? "is" : "are") not Seawall's to judge"
        }
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        var members = [JSONMember("outcome", .string(outcome.rawValue)), JSONMember("policy", .string(policy))]
        members.append(JSONMember("backend", .string(deployable.settings.backend.rawValue)))
        if let state = status.state { members.append(JSONMember("state", state.json)) }
        members += [
            JSONMember("traffic", traffic.json),
            JSONMember("notCompared", .array(status.comparison.notCompared.map { .string($0) })),
            JSONMember(
                "problems",
                .array(
                    problems.map {
                        ["id": .string($0.id), "text": .string($0.text), "repair": .string($0.repair)]
                    })),
            JSONMember("repair", .array((outcome == .inSync ? [] : repairs).map { .string($0) })),
            JSONMember("notes", .array(notes.map { .string($0) })),
        ]
        return .object(members)
    }
}
