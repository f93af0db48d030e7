internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import JSONC

/// What is said of rules that were loaded, or would be.
struct DeploymentReport {
    let load: LoadRules
    /// Whether it is said how long each part took.
    var timings = false
    /// What was loaded.
    var loaded = LoadRules.Outcome(rules: [], warnings: [])
    /// The state in which the host is; nothing, if nothing was changed.
    var state: AppliedState?
    /// What the other backend still holds.
    var leftovers: [Diagnostic] = []
    /// What else is to be said.
    var findings: [Diagnostic] = []

    private var policy: String { load.deployable.pipeline.ruleset.name }
    private var warnings: [Diagnostic] {
        load.deployable.pipeline.warnings + loaded.warnings + leftovers + findings
    }

    /// Writes it to the standard streams.
    func write(json: Bool, _ watch: Stopwatch) throws {
        if json { return try Terminal.write(Report.text(self.json(watch))) }
        Terminal.show(warnings)
        if load.dryRun { try Terminal.write(loaded.rules.map(\.text).joined(separator: "\n")) }
        try Terminal.write(loaded.rules.map { $0.line(of: policy, dryRun: load.dryRun) }.joined())
        if let state { try Terminal.write(line(of: state)) }
        if timings { try Terminal.write(watch.text) }
    }

    /// The form `state 3 is in force`, or until when it is.
    private func line(of state: AppliedState) -> String {
        guard state.outcome == .unconfirmed else { return "state \(state.number) is in force\n" }
        let window = state.window.map { "\($0.seconds) s" } ?? "a while"
        return
            "state \(state.number) is in force for \(window): `seawall confirm` keeps it, from a new connection if it is about yours\n"
    }

    private func json(_ watch: Stopwatch) -> JSONValue {
        var members = [
            JSONMember("outcome", .string(load.dryRun ? "checked" : "applied")), JSONMember("policy", .string(policy)),
            JSONMember("backend", .string(load.deployable.settings.backend.rawValue)),
            JSONMember("results", .array(loaded.rules.map { $0.json(withText: load.dryRun) })),
            JSONMember("proof", load.deployable.proof.json),
        ]
        if let state {
            members.append(JSONMember("state", .integer(Int64(state.number))))
            members.append(JSONMember("confirmed", .bool(state.outcome == .confirmed)))
        }
        if timings { members.append(JSONMember("timings", watch.json)) }
        members.append(JSONMember("diagnostics", Report.diagnostics(warnings)))
        return .object(members)
    }
}

extension LoadRules {
    /// What the other backend still holds of a former policy.
    func leftovers() async throws -> [Diagnostic] {
        let state = try await LoadedState.read(tools: host.tools, nft: host.nft, namespace: host.namespace)
        return state.leftovers(besides: deployable.settings.backend == .nft)
    }
}
