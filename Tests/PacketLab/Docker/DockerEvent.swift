/// Something that happens on a host with Docker, and in which Docker changes its rules.
package enum DockerEvent: String, CaseIterable, Sendable {
    case networkCreate, containerRestart, daemonRestart, liveRestore

    /// What it is, in words.
    package var title: String {
        switch self {
        case .networkCreate: "docker network create"
        case .containerRestart: "docker restart of the container"
        case .daemonRestart: "restart of dockerd"
        case .liveRestore: "restart of dockerd with live-restore"
        }
    }

    /// Lets it happen, and waits until everything is there again.
    package func run(_ lab: DockerLab) throws {
        switch self {
        case .networkCreate:
            try lab.createNetwork("br-event", ["--subnet", "10.79.0.0/24"])
            try lab.daemon.docker("network", "rm", "br-event")
        case .containerRestart:
            try lab.daemon.docker("restart", "web")
            try lab.waitForContainers()
        case .daemonRestart, .liveRestore:
            try lab.daemon.restart(keepingContainers: self == .liveRestore)
            try lab.waitForContainers()
        }
    }
}
