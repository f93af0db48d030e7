/// How a daemon is configured, as far as it matters for the firewall.
package struct DockerSettings: Hashable, Sendable {
    /// Whether docker-proxy accepts connections to published ports (`--userland-proxy`).
    package var userlandProxy = DockerSetting(true)
    /// Whether containers go on while the daemon restarts (`--live-restore`).
    package var liveRestore = DockerSetting(false)
    /// Whether containers can be reached by routing (`--allow-direct-routing`).
    package var allowDirectRouting = DockerSetting(false)
    /// The mark on which Docker accepts packets (`--bridge-accept-fwmark`): `0x1/0x1`.
    package var acceptMark = DockerSetting<String?>(nil)
    /// Whether Docker writes rules at all (`--iptables`).
    package var writesRules = DockerSetting(true)
    /// Whether it writes them for IPv6 (`--ip6tables`).
    package var writesRules6 = DockerSetting(true)
    /// The backend that was asked for (`--firewall-backend`).
    package var firewallBackend = DockerSetting<String?>(nil)

    /// The defaults of the engine.
    package init() {}

    /// Whether anything says more than the defaults.
    var isTold: Bool { self != DockerSettings() }
}

/// A setting of the daemon, and who says so.
package struct DockerSetting<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The value.
    package var value: Value
    /// Who says so.
    package var source: DockerSettingSource

    /// A value.
    package init(_ value: Value, _ source: DockerSettingSource = .standard) {
        self.value = value
        self.source = source
    }
}

/// From where a setting of the daemon is known.
package enum DockerSettingSource: String, Hashable, Sendable {
    /// `docker info`.
    case info = "docker info"
    /// The command line of `dockerd`.
    case commandLine = "command line"
    /// The file of its configuration.
    case file = "daemon.json"
    /// What Docker's own rules say.
    case rules
    /// The processes that run.
    case processes
    /// Nobody says otherwise: the engine's default.
    case standard = "default"
}
