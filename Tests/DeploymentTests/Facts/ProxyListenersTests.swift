import Deployment
import FirewallIR
import PacketModel
import Testing

/// On which sockets docker-proxy listens, and what is behind them.
struct ProxyListenersTests {
    private func listeners(_ host: FakeHost) async throws -> [String] {
        try await HostFacts.read(host.sources).proxyListeners.map(\.text)
    }

    @Test func itsCommandLinesTell() async throws {
        var host = DockerHosts.host("29.0.1", driver: "iptables", legacy: DockerHosts.save())
        host.addProxy(30, "tcp", "::", 8080, "172.17.0.2", 80)
        host.addProxy(9, "tcp", "0.0.0.0", 8080, "172.17.0.2", 80)
        host.addProxy(31, "udp", "198.51.100.1", 5353, "172.17.0.2", 53)
        host.addProcess(
            32, "docker-proxy",
            [
                "--proto=sctp", "--host-ip=127.0.0.1", "--host-port=99", "--container-ip=172.17.0.2",
                "--container-port=9",
            ]
        )
        #expect(
            try await listeners(host) == [
                "ip sctp 127.0.0.1 99 -> 172.17.0.2 9 docker0", "ip tcp any 8080 -> 172.17.0.2 80 docker0",
                "ip udp 198.51.100.1 5353 -> 172.17.0.2 53 docker0", "ip6 tcp any 8080 -> 172.17.0.2 80 docker0",
            ])
        #expect(try await HostFacts.read(host.sources).docker.settings.userlandProxy == DockerSetting(true, .processes))
    }

    @Test func proxiesOfOthersAndOfOtherNamespacesAreNotTaken() async throws {
        var host = DockerHosts.host("29.0.1", driver: "iptables", legacy: DockerHosts.save())
        host.addProxy(9, "tcp", "0.0.0.0", 8080, "172.17.0.2", 80)
        let arguments = ["-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "22", "-container-ip", "172.17.0.2"]
        host.addProcess(10, "docker-proxy", arguments + ["-container-port", "22"], owner: 1000)
        host.addProcess(11, "docker-proxy", arguments + ["-container-port", "22"], program: "/bin/sh")
        host.addProcess(12, "docker-proxy", arguments + ["-container-port", "22"], namespace: 2)
        #expect(try await listeners(host) == ["ip tcp any 8080 -> 172.17.0.2 80 docker0"])
    }

    @Test func aListenerWithoutAKnownNetworkIsNamedAndLeftOut() async throws {
        var host = DockerHosts.host("29.0.1", driver: "iptables", legacy: DockerHosts.save())
        host.addProxy(9, "tcp", "0.0.0.0", 8080, "10.9.9.9", 80)
        host.addProcess(10, "docker-proxy", ["-proto", "tcp"])
        let facts = try await HostFacts.read(host.sources)
        #expect(facts.proxyListeners == [])
        #expect(
            facts.proxyNotes == [
                "docker-proxy listens on tcp 8080 for 10.9.9.9, which is in no network that is known",
                "a docker-proxy has a command line that is not understood: -proto tcp",
            ])
    }

    @Test func whereDockerDoesNotAnswerTheRoutesNameTheBridge() async throws {
        var host = FakeHost()
        host.addProxy(9, "tcp", "0.0.0.0", 8080, "172.17.0.2", 80)
        host.addProxy(10, "tcp", "::", 9090, "fd00:77::10", 80)
        host.addProxy(11, "tcp", "0.0.0.0", 9999, "10.9.9.9", 80)
        host.saves["ip -4"] = """
            [{"dst":"default","gateway":"192.0.2.254","dev":"eth0"},{"dst":"172.16.0.0/12","dev":"tun0"},\
            {"dst":"172.17.0.0/16","dev":"docker0"}]
            """
        host.saves["ip -6"] = #"[{"dst":"fd00:77::/64","dev":"br-app"}]"#
        let facts = try await HostFacts.read(host.sources)
        #expect(
            facts.proxyListeners.map(\.text) == [
                "ip tcp any 8080 -> 172.17.0.2 80 docker0", "ip6 tcp any 9090 -> fd00:77::10 80 br-app",
            ])
        #expect(
            facts.proxyNotes == [
                "docker-proxy listens on tcp 9999 for 10.9.9.9, which is in no network that is known"
            ])
    }

    @Test func withoutProcessesThePublishedPortsTell() async throws {
        let host = DockerHosts.host("20.10.24", legacy: DockerHosts.save())
        #expect(
            try await listeners(host) == [
                "ip tcp any 8080 -> 172.17.0.2 80 docker0", "ip6 tcp any 8080 -> 172.17.0.2 80 docker0",
            ])
    }

    @Test func withoutAUserlandProxyThereAreNone() async throws {
        var host = DockerHosts.host("20.10.24", legacy: DockerHosts.save())
        host.addProcess(7, "dockerd", ["--userland-proxy=false"])
        #expect(try await listeners(host) == [])
        host = DockerHosts.host("20.10.24", legacy: DockerHosts.save())
        host.info = DockerHosts.info("29.0.1", driver: "iptables", proxy: false)
        #expect(try await listeners(host) == [])
    }

    @Test func anIPv6ClientComesToTheIPv6AddressIfThereIsOne() async throws {
        var host = DockerHosts.host("20.10.24", legacy: DockerHosts.save())
        host.networks = "[\(DockerHosts.network("app", "0123456789abcdef", subnets: ["10.7.0.0/24", "fd00::/64"]))]"
        let ports = #""80/tcp":[{"HostIp":"","HostPort":"9090"}],"81/tcp":[{"HostIp":"::1","HostPort":"9091"}]"#
        let place = ("app", "0123456789abcdef", "10.7.0.2", "fd00::2")
        host.containers = "[\(DockerHosts.container("app", networks: [place], ports: ports))]"
        #expect(
            try await listeners(host) == [
                "ip tcp any 9090 -> 10.7.0.2 80 br-0123456789ab", "ip6 tcp any 9090 -> fd00::2 80 br-0123456789ab",
                "ip6 tcp ::1 9091 -> fd00::2 81 br-0123456789ab",
            ])
    }

    @Test func ofSeveralNetworksTheTranslationNamesTheOne() async throws {
        var host = DockerHosts.host("29.0.1", driver: "iptables", legacy: DockerHosts.save())
        host.networks = "[\(DockerHosts.bridge),\(DockerHosts.network("app", "a1", bridge: "br-app"))]"
        let ports = #""80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]"#
        let places = [("app", "a1", "10.7.0.2", ""), ("bridge", "b0", "172.17.0.2", "")]
        host.containers = "[\(DockerHosts.container("web", networks: places, ports: ports))]"
        #expect(try await listeners(host) == ["ip tcp any 8080 -> 172.17.0.2 80 docker0"])
        // Without a translation it is the way out: the highest priority, then the first name.
        host.saves["iptables-legacy-save"] = DockerHosts.save(translates: false)
        #expect(try await listeners(host) == ["ip tcp any 8080 -> 10.7.0.2 80 br-app"])
        host.containers =
            "[\(DockerHosts.container("web", networks: places, ports: ports, priorities: [0, 5]))]"
        #expect(try await listeners(host) == ["ip tcp any 8080 -> 172.17.0.2 80 docker0"])
        // And never a network that is cut off.
        host.networks =
            "[\(DockerHosts.bridge),\(DockerHosts.network("app", "a1", bridge: "br-app", isInternal: true))]"
        host.containers = "[\(DockerHosts.container("web", networks: places, ports: ports, priorities: [9, 5]))]"
        #expect(try await listeners(host) == ["ip tcp any 8080 -> 172.17.0.2 80 docker0"])
    }

    @Test func aRoutedNetworkHasNoSocketOfItsOwnFamily() async throws {
        var host = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges())
        let options = ["com.docker.network.bridge.gateway_mode_ipv4": "routed"]
        host.networks = "[\(DockerHosts.network("rt", "r1", bridge: "br-rt", options: options))]"
        let ports = #""80/tcp":[{"HostIp":"::","HostPort":"8090"},{"HostIp":"0.0.0.0","HostPort":""}]"#
        host.containers = "[\(DockerHosts.container("rt1", networks: [("rt", "r1", "10.8.0.2", "")], ports: ports))]"
        #expect(try await listeners(host) == ["ip6 tcp any 8090 -> 10.8.0.2 80 br-rt"])
    }
}

extension ProxyListener {
    fileprivate var text: String {
        "\(family.rawValue) \(transport.name) \(address?.description ?? "any") \(port) -> \(container.address) "
            + "\(container.port) \(container.interface)"
    }
}
