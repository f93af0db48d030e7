import Compiler
import FirewallIR
import IPTablesBackend
import NFTablesBackend
import PacketLab
import PacketModel
import Seawall
import Testing

/// The router of a lab with services of its own, and with sockets that stand for docker-proxy.
struct TwinHost {
    let lab: Lab
    /// What listens, by name: `proxy` for those of docker-proxy.
    private let sockets: [Listener]

    /// What docker-proxy would listen on: 7080 on all addresses, of which IPv6 clients get a container that has IPv4 alone,
    /// and 7432 at the address of `eth0`.
    static let listeners = [
        listener(.ip, nil, .tcp, 7080, .web, 80, "docker0"), listener(.ip6, nil, .tcp, 7080, .web, 80, "docker0"),
        listener(.ip, Host.router.address(.ip), .tcp, 7432, .database, 5432, "br-db"),
        listener(.ip6, Host.router.address(.ip6), .tcp, 7432, .database, 5432, "br-db"),
    ]

    private static func listener(
        _ family: AddressFamily, _ address: IPAddress?, _ transport: IPProtocol, _ port: UInt16, _ container: Host,
        _ containerPort: UInt16, _ interface: String
    ) -> ProxyListener {
        ProxyListener(
            family: family, address: address, transport: transport, port: port,
            container: ProxyListener.Container(
                address: container.address(.ip), port: containerPort, interface: interface))
    }

    /// The address of the router on its other outside link.
    static func otherAddress(_ family: AddressFamily) -> IPAddress {
        IPAddress(family == .ip ? "192.168.1.254" : "fd00:0:0:2::fe") ?? .v4(0)
    }

    /// Opens the sockets, and for a service like SSH one on another port, and one on a port of docker-proxy's at another
    /// address.
    init(_ lab: Lab) throws {
        self.lab = lab
        try lab.resetFirewall()
        sockets = try AddressFamily.allCases.flatMap { family in
            let own: [(IPAddress?, UInt16)] = [(nil, 7022), (Self.otherAddress(family), 7432)]
            let proxied = Self.listeners.filter { $0.family == family }.map { ($0.address, $0.port) }
            return try (own + proxied).map { try lab.listen(.router, .tcp, $0.1, family, address: $0.0) }
        }
    }

    /// Loads a policy with the twin for some sockets.
    func load(
        _ policy: PolicyContent, _ listeners: [ProxyListener] = TwinHost.listeners, under backend: Backend,
        layout: IPTablesLayout = .dockerUser
    ) throws {
        let document = ValuePolicy.$content.withValue(policy) { ValuePolicy.makeDocument(relativeTo: nil) }
        let ruleset = try AddInputTwin.run(try CompilePolicy.run(document).ruleset, listeners: listeners)
        switch backend {
        case .nft:
            let table = try LowerToNFTables.lower(OptimizeRuleset.run(ruleset), optimized: true)
            try lab.loadNFT(table.text(header: []))
        case .iptables:
            for family in AddressFamily.allCases {
                let program = try LowerToIPTables.lower(ruleset, family: family)
                let tool = family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore"
                let text = program.document(layout: layout, header: []).text
                try Program.demand([tool, "--noflush"], in: lab[.router], input: text)
            }
        }
    }

    /// Whether a connection to one of the router's addresses stands, or what came of it.
    func dial(_ client: Host, _ address: IPAddress, _ port: UInt16) throws -> Answer {
        try lab.dial(Connection(from: client, .tcp, to: address, port))
    }

    func dial(_ client: Host, _ port: UInt16, _ family: AddressFamily) throws -> Answer {
        try dial(client, Host.router.address(family), port)
    }
}
