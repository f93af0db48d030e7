import FirewallIR
import IPTablesBackend
import PacketLab
import PacketModel
import Seawall
import Testing

extension KernelTests {
    /// Connections that the router itself accepts, as docker-proxy does: never through the forward hook.
    @Suite struct InputTwinTests {
        private static let clients: AddressSet = ["192.168.0.1", "fd00:0:0:1::1"]

        private func host() throws -> TwinHost { try TwinHost(try #require(LabTrait.lab)) }

        private static func policy() -> PolicyContent {
            Containers {
                Inbound(on: "eth0") {
                    Allow(.tcp(7080), from: clients)
                    Reject(.tcp(7080), with: .tcpReset)
                    Allow(.tcp, from: clients, containerPort: 5432)
                    Default(.drop)
                }
            }.content
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func theForwardHookAloneLeavesThemOpen(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            try host.load(Self.policy(), [], under: backend)
            #expect(try host.dial(.stranger, 7080, family) == .connected)
            #expect(try host.dial(.stranger, 7432, family) == .connected)
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func theTwinJudgesThem(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            for layout in IPTablesLayout.allCases where backend == .iptables || layout == .dockerUser {
                try host.lab.resetFirewall()
                try host.load(Self.policy(), under: backend, layout: layout)
                #expect(try host.dial(.client, 7080, family) == .connected)
                #expect(try host.dial(.stranger, 7080, family) == .refused)
                #expect(try host.dial(.client, 7432, family) == .connected)
                #expect(try host.dial(.stranger, 7432, family) == .timeout)
                // The policy says nothing of the other link.
                #expect(try host.dial(.neighbour, 7080, family) == .connected)
                #expect(try host.dial(.neighbour, 7432, family) == .connected)
            }
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func servicesOfTheHostAndItsOwnConnectionsAreLeftAlone(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            let everything = Containers(families: .both, policy: .drop) {}.content
            for policy in [Self.policy(), everything] {
                try host.lab.resetFirewall()
                try host.load(policy, under: backend)
                for client in [Host.client, .stranger, .neighbour, .web] {
                    #expect(try host.dial(client, 7022, family) == .connected)
                    // A port of docker-proxy's, at an address at which it does not listen.
                    #expect(try host.dial(client, TwinHost.otherAddress(family), 7432) == .connected)
                }
                let loopback = try #require(IPAddress(family == .ip ? "127.0.0.1" : "::1"))
                #expect(try host.dial(.router, loopback, 7080) == .connected)
                #expect(try host.dial(.router, 7080, family) == .connected)
                #expect(try host.dial(.router, 7432, family) == .connected)
                // It goes out, and answers come in.
                #expect(try host.dial(.router, Host.client.address(family), 9000) == .connected)
            }
            #expect(try host.dial(.stranger, 7080, family) == .timeout)
            #expect(try host.dial(.neighbour, 7432, family) == .timeout)
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func containersThatDialTheHostAreJudged(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            let policy = Containers { Between("br-db", "docker0") { Default(.drop) } }.content
            try host.load(policy, under: backend)
            // 7080 leads to `web` at docker0, 7432 to `database` at br-db.
            #expect(try host.dial(.database, 7080, family) == .timeout)
            #expect(try host.dial(.database, 7432, family) == .connected)
            #expect(try host.dial(.peer, 7080, family) == .connected)
            #expect(try host.dial(.stranger, 7080, family) == .connected)
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func containersAreMeantByTheirAddressesAndBridges(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            let policies: [(PolicyContent, closed: UInt16, open: UInt16)] = [
                (Containers { Inbound(on: "eth0", toward: "br-db") { Default(.drop) } }.content, 7432, 7080),
                (Containers { Inbound(on: "eth0", toward: "docker0") { Default(.drop) } }.content, 7080, 7432),
                (Containers { Inbound(on: "eth0") { Drop(containerAddress: "172.18.0.2") } }.content, 7080, 7432),
                (Containers { Inbound(on: "eth0") { Drop(.tcp, containerPort: 5432) } }.content, 7432, 7080),
                (Containers { Inbound(on: "eth0") { Drop(.tcp(7432)) } }.content, 7432, 7080),
            ]
            for (number, policy) in policies.enumerated() {
                try host.lab.resetFirewall()
                try host.load(policy.0, under: backend)
                #expect(try host.dial(.stranger, policy.closed, family) == .timeout, "policy \(number)")
                #expect(try host.dial(.stranger, policy.open, family) == .connected, "policy \(number)")
            }
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func nothingThatWasNotTranslatedIsTakenForIt(backend: Backend, family: AddressFamily) throws {
            let host = try host()
            // 'direct' is about packets that were dialled at the container itself, which these are not.
            let policy = Containers {
                Inbound(on: "eth0", direct: .drop) { Reject(.tcp(7432), with: .tcpReset) }
                Outbound(via: "eth0") { Default(.drop) }
            }.content
            try host.load(policy, under: backend)
            #expect(try host.dial(.stranger, 7080, family) == .connected)
            #expect(try host.dial(.stranger, 7432, family) == .refused)
        }

        @Test(arguments: Backend.allCases) func datagramsAreJudgedAsWell(backend: Backend) throws {
            let host = try host()
            let socket = try host.lab.listen(.router, .udp, 7053, .ip)
            let own = try host.lab.listen(.router, .udp, 7054, .ip)
            var listener = TwinHost.listeners[0]
            listener.transport = .udp
            listener.port = 7053
            let policy = Containers {
                Inbound(on: "eth0") {
                    Allow(.udp(7053), from: Self.clients)
                    Default(.drop)
                }
            }.content
            try host.load(policy, [listener], under: backend)
            for (client, arrivals) in [(Host.client, 1), (.stranger, 0)] {
                for port in [7053, 7054] as [UInt16] {
                    _ = try host.lab.dial(Connection(from: client, .udp, to: .router, port, .ip), timeout: 50)
                }
                #expect(socket.arrivals() == arrivals && own.arrivals() == 1, "\(client)")
            }
        }
    }
}
