internal import PacketModel

/// Builds the links, addresses and routes of a lab.
struct Wiring {
    let namespace: (Host) -> Namespace

    func build() throws {
        try Program.demandOutside(
            ["ip", "-batch", "-"], input: lines(Host.allCases.map { "netns add \(namespace($0).name)" }))
        for host in Host.allCases { try setParameters(of: host) }
        try ip(.wire, wireLinks())
        try ip(.router, Network.all.flatMap(routerLinks))
        for network in Network.all {
            for member in network.members { try ip(member, memberAddresses(member, in: network)) }
        }
        try ip(.router, routerRoutes)
    }

    private func ip(_ host: Host, _ commands: [String]) throws {
        try Program.demandOutside(["ip", "-n", namespace(host).name, "-batch", "-"], input: lines(commands))
    }

    private func lines(_ commands: [String]) -> String { commands.map { $0 + "\n" }.joined() }

    // MARK: - Kernel parameters

    /// No duplicate address detection and no solicitations, which take seconds; no rate limit of ICMP errors.
    private func setParameters(of host: Host) throws {
        let everywhere = [
            "net.ipv6.conf.all.accept_dad": "0", "net.ipv6.conf.default.accept_dad": "0",
            "net.ipv6.conf.default.router_solicitations": "0", "net.ipv4.icmp_ratelimit": "0",
            "net.ipv4.icmp_ratemask": "0", "net.ipv6.icmp.ratelimit": "0", "net.ipv6.icmp.ratemask": "255",
        ]
        let forwarding = [
            "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1", "net.ipv4.conf.all.rp_filter": "0",
            "net.ipv4.conf.default.rp_filter": "0", "net.ipv4.conf.all.send_redirects": "0",
            "net.ipv4.conf.default.send_redirects": "0", "net.ipv4.conf.all.bc_forwarding": "1",
            "net.ipv4.conf.default.bc_forwarding": "1",
            // So that a packet can claim one of the router's own addresses.
            "net.ipv4.conf.all.accept_local": "1",
        ]
        for (name, value) in everywhere { try namespace(host).setParameter(name, to: value) }
        if host == .router { for (name, value) in forwarding { try namespace(host).setParameter(name, to: value) } }
    }

    // MARK: - Links

    /// The shared link: a bridge between the two clients and the router's `eth0`.
    private func wireLinks() -> [String] {
        var commands = bridge("br0")
        for (index, host) in [Host.client, .stranger, .router].enumerated() {
            commands += [
                "link add port\(index) type veth peer name eth0 netns \(namespace(host).name)",
                "link set port\(index) master br0 up",
            ]
        }
        return commands
    }

    private func routerLinks(of network: Network) -> [String] {
        var commands = network.isBridge ? bridge(network.interface) : []
        if network.isBridge {
            for member in network.members {
                commands += [
                    "link add v-\(member.rawValue) type veth peer name eth0 netns \(namespace(member).name)",
                    "link set v-\(member.rawValue) master \(network.interface) up",
                ]
            }
        } else if network.interface != "eth0" {
            for member in network.members {
                commands.append(
                    "link add \(network.interface) type veth peer name eth0 netns \(namespace(member).name)")
            }
        }
        commands.append("link set \(network.interface) up")
        for family in AddressFamily.allCases {
            commands.append("addr add \(network.routerText(family)) dev \(network.interface)\(family.noDetection)")
        }
        return commands
    }

    private func bridge(_ name: String) -> [String] {
        ["link add \(name) type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set \(name) up"]
    }

    // MARK: - Addresses and routes

    private func memberAddresses(_ member: Host, in network: Network) -> [String] {
        var commands = ["link set lo up", "link set eth0 up"]
        for family in AddressFamily.allCases {
            let length = network.prefixLength[family] ?? 0
            commands.append("addr add \(member.addressText(family))/\(length) dev eth0\(family.noDetection)")
        }
        for family in AddressFamily.allCases {
            commands.append("route add default via \(network.routerAddresses[family] ?? "")")
        }
        return commands
    }

    /// Answers to addresses that nobody has go to the client, where they can be seen.
    ///
    /// One network of IPv6 has no route.
    private var routerRoutes: [String] {
        ["link set lo up"]
            + AddressFamily.allCases.map { "route add default via \(Host.client.addressText($0))" }
            + ["route add unreachable 2001:db8:dead::/48"]
    }
}

extension Network {
    fileprivate func routerText(_ family: AddressFamily) -> String {
        "\(routerAddresses[family] ?? "")/\(prefixLength[family] ?? 0)\(family == .ip ? " broadcast +" : "")"
    }
}

extension AddressFamily {
    fileprivate var noDetection: String { self == .ip ? "" : " nodad" }
}
