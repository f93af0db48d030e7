/// A file of systemd's that Seawall installs.
package struct SystemdUnit: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Its text (systemd.unit(5), systemd.service(5), systemd.exec(5)).
    package var text: String
    /// The links that enable it: folders beside it, `docker.service.requires`.
    package var enabledBy: [String]
}

extension SystemdUnit {
    /// All of them.
    ///
    /// - Parameters:
    ///   - executable: the path of `seawall`.
    ///   - state: the state directory.
    /// - Returns: the units, the one for the boot first.
    package static func all(executable: String, state: StateDirectory) -> [SystemdUnit] {
        [boot(executable, state), twin(executable, state)]
    }

    /// The last confirmed state is loaded before the network is up, and Docker does not start without it: so no published
    /// port is reachable between the start of the host and the policy.
    private static func boot(_ executable: String, _ state: StateDirectory) -> SystemdUnit {
        SystemdUnit(
            name: "seawall.service",
            text: """
                [Unit]
                Description=Seawall: the last confirmed policy of this host
                DefaultDependencies=no
                ConditionPathExists=\(state.head)
                After=local-fs.target systemd-modules-load.service systemd-sysctl.service
                Wants=network-pre.target
                Before=network-pre.target docker.service shutdown.target
                Conflicts=shutdown.target

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                Environment=SEAWALL_STATE_DIR=\(state.path)
                ExecStart=\(executable) boot
                TimeoutStartSec=180
                \(confinement(state, capabilities: "CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_MODULE"))

                [Install]
                WantedBy=sysinit.target
                RequiredBy=docker.service

                """, enabledBy: ["sysinit.target.wants", "docker.service.requires"])
    }

    /// What docker-proxy listens on changes when containers and networks come and go.
    private static func twin(_ executable: String, _ state: StateDirectory) -> SystemdUnit {
        let events =
            "docker events --filter type=container --filter type=network --filter event=start --filter event=die --filter event=connect --filter event=disconnect --format x"
        return SystemdUnit(
            name: "seawall-twin.service",
            text: """
                [Unit]
                Description=Seawall: the twin at input follows Docker's published ports
                After=seawall.service docker.service
                BindsTo=docker.service
                ConditionPathExists=\(state.head)

                [Service]
                Environment=SEAWALL_STATE_DIR=\(state.path)
                ExecStartPre=-\(executable) apply --refresh-twin
                ExecStart=/bin/sh -c '\(events) | while read -r event; do \(executable) apply --refresh-twin; done'
                Restart=always
                RestartSec=2
                \(confinement(state, capabilities: "CAP_NET_ADMIN CAP_NET_RAW CAP_DAC_READ_SEARCH CAP_SYS_PTRACE"))

                [Install]
                WantedBy=docker.service

                """, enabledBy: ["docker.service.wants"])
    }

    /// What a service of ours may do: change the firewall, and write into its own folder.
    private static func confinement(_ state: StateDirectory, capabilities: String) -> String {
        """
        CapabilityBoundingSet=\(capabilities)
        NoNewPrivileges=yes
        ProtectSystem=strict
        ReadWritePaths=-\(state.path) /run
        ProtectHome=yes
        PrivateTmp=yes
        PrivateDevices=yes
        ProtectKernelTunables=yes
        ProtectKernelLogs=yes
        ProtectControlGroups=yes
        ProtectClock=yes
        ProtectHostname=yes
        RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service @module
        UMask=0077
        """
    }
}
