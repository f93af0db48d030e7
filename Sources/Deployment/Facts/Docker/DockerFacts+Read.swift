internal import Diagnostics
internal import JSONC

extension DockerFacts {
    /// All that the answers of the daemon, its processes and its rules say together.
    init(_ answers: DockerAnswers, _ processes: DockerProcesses, _ rules: DockerRuleSigns, _ files: any HostFiles) {
        let settings = DockerSettings(answers, processes, rules, files)
        let path = processes.daemon.flatMap { DaemonPath($0, files: files).sign }
        let finding = DecideDockerBackend(answers, rules, settings, path: path).finding
        let networks = answers.networks.compactMap { DockerNetwork($0) }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        self.init(
            engine: Self.engine(answers, processes), kernel: answers.info?["KernelVersion"]?.string, backend: finding,
            settings: settings, networks: networks,
            containers: answers.containers.compactMap { DockerContainer($0, networks: networks) }
                .sorted { ($0.name, $0.id) < ($1.name, $1.id) },
            notes: answers.notes)
        if answers.info?["Swarm"]?["LocalNodeState"]?.string == "active" {
            isInSwarm = true
            notes.append("the engine is part of a swarm: the ports that its services publish are not among these")
        }
        if processes.daemons.count > 1 {
            notes.append(
                "\(processes.daemons.count) daemons run here: the command line of none of them was read as this one's")
        }
    }

    private static func engine(_ answers: DockerAnswers, _ processes: DockerProcesses) -> Engine {
        if let version = answers.info?["ServerVersion"]?.string { return .running(DockerVersion(version)) }
        if answers.failure == DockerAnswers.noCommand, processes.daemons.isEmpty { return .absent }
        return .unreachable(answers.failure ?? "the daemon does not answer")
    }
}

extension DiagnosticError {
    static func dockerUnreachable(_ reason: String) -> DiagnosticError {
        DiagnosticError(.host, "docker-unreachable", reason)
    }
}
