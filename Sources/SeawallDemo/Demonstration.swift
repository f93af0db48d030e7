internal import PacketLab

/// Applies templates to the router of a lab, and tries connections.
struct Demonstration {
    let lab: Lab
    /// The command `seawall`.
    let command: String
    /// The folder of the templates.
    let templates: String

    /// What became of the trials of a scenario under a backend.
    func run(_ scenario: Scenario, _ stage: Stage, under backend: Backend) throws -> [Outcome] {
        try lab.resetFirewall()
        let policy = "\(templates)/\(scenario.template)/Policy.swift"
        switch stage {
        case .applied: try apply(policy, of: scenario, backend)
        case .booted: try boot(with: policy, backend)
        }
        return try attempt(scenario.trials)
    }

    private func apply(_ policy: String, of scenario: Scenario, _ backend: Backend) throws {
        let state = "\(lab.folder)/\(scenario.template)-\(backend.rawValue)"
        try seawall(
            ["apply", policy] + backend.arguments + ["--netns", lab[.router].name],
            environment: ["SEAWALL_STATE_DIR": state + "/lib", "SEAWALL_CONFIG_DIR": state + "/etc"])
    }

    /// Loads what the boot service of a distribution loads, in the way in which it does that.
    private func boot(with policy: String, _ backend: Backend) throws {
        let folder = lab.folder + "/boot/"
        let (service, files, loaders) =
            switch backend {
            case .iptables:
                (
                    "netfilter-persistent", ["rules.v4", "rules.v6"],
                    ["iptables-legacy-restore", "ip6tables-legacy-restore"]
                )
            case .nft: ("nftables-service", ["seawall.nft"], ["nft -f"])
            }
        let output = folder + (files.count == 1 ? files[0] : "")
        try Program.demand(["mkdir", "-p", folder], in: lab[.router])
        try seawall(["compile", policy, "--for", service, "-o", output])
        for (file, loader) in zip(files, loaders) {
            try Program.demand(loader.split(separator: " ").map(String.init) + [folder + file], in: lab[.router])
        }
    }

    /// Runs the command; what it writes on the host goes with the lab.
    private func seawall(_ arguments: [String], environment: [String: String] = [:]) throws {
        let folders = ["TMPDIR": lab.folder, "SEAWALL_CACHE_DIR": lab.folder + "/cache"]
        try Program.demand(
            [command] + arguments, in: lab[.router], environment: folders.merging(environment) { $1 })
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
