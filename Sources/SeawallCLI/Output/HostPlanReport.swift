internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import NFTablesBackend
internal import Semantics

/// What `seawall plan` says, as text and as JSON.
struct HostPlanReport {
    /// The answer as a whole, which decides the exit code.
    enum Outcome: String {
        /// Everything is as it would be.
        case nothing
        /// Rules would be loaded, and no traffic changes.
        case reload
        /// Traffic changes.
        case changes
        /// Rules would be loaded, and whether traffic changes is not known.
        case undecided

        /// The exit code (see the exit codes in the README).
        var exitCode: Int32 {
            switch self {
            case .nothing: 0
            case .reload, .changes: 1
            case .undecided: 5
            }
        }
    }

    let plan: HostPlan
    let comparison: LiveComparison
    /// What is said of the host besides.
    var findings: [Diagnostic] = []
    /// Whether the lines that go and come are shown, and what would be handed to the tools.
    var showsText = false
    /// How long each part took, if that was asked for.
    var watch: Stopwatch?

    /// Changes if any traffic changes; else undecided if anything is.
    var outcome: Outcome {
        if plan.live.changesNothing { return .nothing }
        switch traffic.outcome {
        case .changed: return .changes
        case .same: return comparison.isIncomplete ? .undecided : .reload
        case .undecided: return .undecided
        }
    }

    /// What is to be said before it.
    var warnings: [Diagnostic] {
        let deployable = plan.deployable
        return deployable.pipeline.warnings + deployable.pipeline.notes(deployable.emission)
            + deployable.proof.warnings + plan.warnings + findings
    }

    private var policy: String { plan.deployable.pipeline.ruleset.name }

    private var traffic: TrafficReport {
        let (before, after) = (plan.live.before, plan.live.after)
        var was = RulesetInput(name: "what is live", ruleset: comparison.rulesets.a) { plan.shown($0, before) }
        was.kernelText = before.text
        var will = RulesetInput(name: policy, ruleset: comparison.rulesets.b) { plan.shown($0, after) }
        will.kernelText = after.text
        if case .nft(_, let mark) = plan.deployable.emission { will.acceptMark = mark }
        return TrafficReport(
            pair: RulesetPair(told: was, will, sides: ["what is live", "the policy"]),
            difference: comparison.difference, tense: .planned)
    }

    // MARK: - Text

    /// The text.
    var text: String {
        var blocks: [String] = []
        if outcome == .nothing {
            blocks.append("nothing to do for \(policy): it is what \(places) \(verb)\n")
        } else {
            blocks.append(([traffic.text] + comparison.notCompared.map { "\($0)\n" }).joined())
            blocks.append("to do:\n" + plan.targets.map { "  \($0.line)\n" }.joined() + reason)
        }
        if showsText {
            for target in plan.targets where outcome != .nothing {
                if !target.difference.isEmpty {
                    blocks.append("lines of \(target.name):\n" + target.difference.map { "\($0)\n" }.joined())
                }
                if !target.text.isEmpty { blocks.append("for \(target.name):\n\(target.text)") }
            }
        }
        return blocks.joined(separator: "\n") + (watch?.text ?? "")
    }

    private var places: String { plan.live.after.places.map(\.name).joined(separator: " and ") }

    private var verb: String { plan.live.after.places.count == 1 ? "holds" : "hold" }

    /// Why the whole nft table is loaded.
    private var reason: String {
        switch plan.live.change {
        case .replacement(reason: let why)?: "  the whole table: \(why)\n"
        default: ""
        }
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        var members = [
            JSONMember("outcome", .string(outcome.rawValue)), JSONMember("policy", .string(policy)),
            JSONMember("backend", .string(plan.deployable.settings.backend.rawValue)),
            JSONMember("traffic", traffic.json),
            JSONMember("notCompared", .array(comparison.notCompared.map { .string($0) })),
            JSONMember(
                "targets",
                .array(outcome == .nothing ? [] : plan.targets.map { $0.json(withText: showsText) })),
            JSONMember("proof", plan.deployable.proof.json),
        ]
        if let watch { members.append(JSONMember("timings", watch.json)) }
        members.append(JSONMember("diagnostics", Report.diagnostics(warnings)))
        return .object(members)
    }
}
