internal import PacketLab

/// Applies templates to the router of a lab, and tries connections.
struct Demonstration {
    let lab: Lab
    /// The command `seawall`.
    let command: String
    /// The folder of the templates.
    let templates: String

    /// What became of the trials of a scenario under a backend.
    func run(_ scenario: Scenario, under backend: Backend) throws -> [Outcome] {
        try lab.resetFirewall()
        try apply(scenario, backend)
        return try attempt(scenario.trials)
    }

    private func apply(_ scenario: Scenario, _ backend: Backend) throws {
        let policy = "\(templates)/\(scenario.template)/Policy.swift"
        let state = "\(lab.folder)/\(scenario.template)-\(backend.rawValue)"
        try Program.demand(
            [command, "apply", policy] + backend.arguments + ["--netns", lab[.router].name], in: lab[.router],
            environment: ["SEAWALL_STATE_DIR": state + "/lib", "SEAWALL_CONFIG_DIR": state + "/etc"])
    }

    private func attempt(_ trials: [Trial]) throws -> [Outcome] {
        let connections = trials.compactMap { trial in
            if case .dial(let connection) = trial.attempt { connection } else { nil }
        }
        var answers = try lab.dial(connections)[...]
        return try trials.map { trial in
            switch trial.attempt {
            case .dial: Outcome(answers.popFirst() ?? .timeout)
            case .errorExchange(let connection):
                Outcome(try lab.exchangeWithError(connection, servedBy: .web, at: 53))
            }
        }
    }
}
