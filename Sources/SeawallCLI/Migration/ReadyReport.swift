internal import Deployment
internal import Diagnostics
internal import JSONC

/// What is said of a host that is made ready for Docker's own nft backend, planned or done, as text and as JSON.
struct ReadyReport {
    /// What stays, and why.
    let left: [Diagnostic]
    /// What is done; nothing, if there is nothing to do.
    var plan: ReadyPlan?
    /// The state in which the host is; nothing, if it is only planned.
    var state: AppliedState?
    /// What still stands in the way.
    var readiness: ReadinessReport?

    private var places: [ReadiedPlace] { plan?.added.places ?? [] }

    /// The text.
    var text: String {
        guard let plan else { return "nothing to fix\n" + (readiness?.text ?? "") }
        var lines = places.map { "\($0.name): \($0.words(isDone: state != nil))" }
        lines += plan.proofs.map { "proved: \($0)" }
        if let state {
            lines.append(stateLine(state))
        } else {
            lines += ["steps"] + steps(plan).enumerated().map { "  \($0 + 1). \($1)" }
        }
        return lines.joined(separator: "\n") + "\n" + (readiness?.text ?? "")
    }

    private func steps(_ plan: ReadyPlan) -> [String] {
        var steps = ["write down what is live, and that a change is under way"]
        if !plan.added.guards.isEmpty {
            let lines = plan.lines.map { "       \($0)" }
            steps.append(
                "load the table inet seawall with these lines more, in one transaction; read it back, and prove it:\n"
                    + lines.joined(separator: "\n"))
        }
        steps += places.map { place in
            let lines = place.text.split(separator: "\n").map { "       \($0)" }
            return "\(place.tool) --noflush, in one transaction:\n" + lines.joined(separator: "\n")
        }
        return steps + ["read all back, and compare", "keep the state: `seawall migrate --back` undoes it"]
    }

    private func stateLine(_ state: AppliedState) -> String {
        guard state.outcome == .unconfirmed else {
            return "state \(state.number) is in force; `seawall migrate --back` undoes it"
        }
        let window = state.window.map { "\($0.seconds) s" } ?? "a while"
        return
            "state \(state.number) is in force for \(window): `seawall confirm` keeps it, from a new connection if it is about yours"
    }

    /// What is to be said besides: what stays, and what else is in the way.
    var findings: [Diagnostic] { left + (readiness?.findings ?? []) }

    /// The JSON.
    var json: JSONValue {
        var members = [
            JSONMember("outcome", .string(plan == nil ? "nothing" : state == nil ? "planned" : "fixed")),
            JSONMember("places", .array(places.map(json))),
            JSONMember("proof", .array((plan?.proofs ?? []).map(JSONValue.string))),
        ]
        if let state {
            members.append(JSONMember("state", .integer(Int64(state.number))))
            members.append(JSONMember("confirmed", .bool(state.outcome == .confirmed)))
        } else {
            members.append(JSONMember("steps", .array((plan.map(steps) ?? []).map(JSONValue.string))))
        }
        if let readiness { members.append(JSONMember("obstacles", .integer(Int64(readiness.obstacles)))) }
        return .object(members + [JSONMember("diagnostics", Report.diagnostics(findings))])
    }

    private func json(_ place: ReadiedPlace) -> JSONValue {
        [
            "place": .string(place.name), "policy": .bool(place.opensPolicy),
            "dockerUser": .bool(place.dockerUser != nil), "tool": .string(place.tool), "text": .string(place.text),
        ]
    }
}

extension ReadiedPlace {
    /// What is done there.
    fileprivate func words(isDone: Bool) -> String {
        var parts: [String] = []
        if opensPolicy { parts.append(isDone ? "FORWARD has the policy ACCEPT" : "FORWARD gets the policy ACCEPT") }
        if let dockerUser {
            let what = dockerUser.position == nil ? "DOCKER-USER" : "DOCKER-USER and its jump"
            let verb = dockerUser.position == nil ? (isDone ? "is" : "goes") : (isDone ? "are" : "go")
            parts.append("\(what) \(verb)\(isDone ? " gone" : "")")
        }
        return parts.joined(separator: "; ")
    }
}
