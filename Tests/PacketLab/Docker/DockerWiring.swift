internal import PacketModel

/// Builds the links, addresses and routes around a daemon, and starts what answers outside.
struct DockerWiring {
    let lab: DockerLab

    func build() throws {
        for machine in DockerLab.Outside.allCases { try setParameters(of: lab[machine]) }
        try setParameters(of: lab.daemon.host)
        for name in ["net.ipv6.conf.all.forwarding", "net.ipv6.conf.default.forwarding"] {
            try lab.daemon.host.setParameter(name, to: "1")
        }
        try ip(lab.daemon.namespace("wire"), wireLinks)
        try ip(lab.daemon.host, hostLinks)
        for machine in DockerLab.Outside.allCases {
            try ip(lab[machine], links(of: machine))
            try serve(machine)
        }
    }

    private func ip(_ namespace: Namespace, _ commands: [String]) throws {
        let input = commands.map { $0 + "\n" }.joined()
        try Program.demandOutside(["ip", "-n", namespace.name, "-batch", "-"], input: input)
    }

    /// No duplicate address detection, which takes seconds.
    private func setParameters(of namespace: Namespace) throws {
        for scope in ["all", "default"] {
            try namespace.setParameter("net.ipv6.conf.\(scope).accept_dad", to: "0")
        }
    }

    /// What joins the two clients and the host's `eth0` to one link.
    private var wireLinks: [String] {
        let names = [lab[.client], lab[.stranger], lab.daemon.host].map(\.name)
        return ["link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set br0 up"]
            + names.enumerated().flatMap { index, name in
                ["link add port\(index) type veth peer name eth0 netns \(name)", "link set port\(index) master br0 up"]
            }
    }

    private var hostLinks: [String] {
        ["link add eth1 type veth peer name eth0 netns \(lab[.neighbour].name)"]
            + [(DockerLab.Outside.client, "eth0"), (.neighbour, "eth1")].flatMap { machine, link in
                [
                    "link set \(link) up", "addr add \(machine.hostText(.ip))/24 dev \(link)",
                    "addr add \(machine.hostText(.ip6))/64 dev \(link) nodad",
                ]
            }
    }

    /// Whatever a machine does not know goes through the host, addresses of containers too.
    private func links(of machine: DockerLab.Outside) -> [String] {
        ["link set lo up", "link set eth0 up"]
            + [
                "addr add \(machine.addressText(.ip))/24 dev eth0",
                "addr add \(machine.addressText(.ip6))/64 dev eth0 nodad",
                "route add default via \(machine.hostText(.ip))", "route add default via \(machine.hostText(.ip6))",
            ]
    }

    private func serve(_ machine: DockerLab.Outside) throws {
        let (folder, name) = (lab.daemon.folder, lab.daemon.name)
        let script = """
            setsid nsenter --net=\(lab[machine].path) '\(folder)/root/\(name)' \(machine.rawValue) 7000 \
                >/dev/null 2>&1 </dev/null &
            """
        try Program.demandOutside(["sh", "-ec", script])
    }
}
