import Deployment
import Diagnostics
import JSONC
import Testing

/// What is read of a host, and how it is shown.
struct HostFactsTests {
    private var host: FakeHost {
        var host = DockerHosts.host(
            "20.10.24", legacy: DockerHosts.save(user: ["-s 192.0.2.1/32 -j DROP", "-j RETURN"]))
        host.saves["ip6tables-nft-save"] = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
        host.ruleset = [
            DockerHosts.baseChain("inet", "firewalld", "filter_FORWARD", "forward", 10, policy: "drop"),
            DockerHosts.baseChain("ip6", "filter", "INPUT", "input", 0, policy: "drop"),
            DockerHosts.baseChain("inet", "seawall", "forward4", "forward", -10),
            DockerHosts.baseChain("inet", "other", "nat", "prerouting", -100),
        ]
        for (path, value) in [("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "0")] {
            host.texts["/proc/sys/net/\(path)"] = value + "\n"
        }
        return host
    }

    @Test func isShownInSections() async throws {
        #expect(
            try await HostFacts.read(host.sources).text == """
                Kernel and tools
                  kernel            6.18.44
                  nft               1.8.9
                  libnftables       1.0.6, with JSON
                  iptables-legacy   1.8.9
                  ip6tables-legacy  1.8.9
                  iptables-nft      1.8.9
                  ip6tables-nft     1.8.9

                Docker
                  engine          20.10.24
                  backend         iptables-legacy
                                  - Docker 20.10.24 has no nft tables of its own
                                  - published ports are translated in iptables-legacy
                                  - FORWARD of iptables-legacy leads to DOCKER-USER
                  userland proxy  on (default)
                  live restore    off (docker info)
                  direct routing  off (default)
                  accept mark     none (default)

                Networks
                  bridge  docker0  172.17.0.0/16  1 container

                Published ports
                  tcp 8080  any IPv4  web:80  bridge
                  tcp 8080  any IPv6  web:80  bridge

                docker-proxy listens on
                  tcp 8080  any IPv4  172.17.0.2:80 via docker0
                  tcp 8080  any IPv6  172.17.0.2:80 via docker0

                Forwarding
                  net.ipv4.ip_forward                  1
                  net.ipv6.conf.all.forwarding         0
                  net.ipv6.conf.default.forwarding     not there
                  net.bridge.bridge-nf-call-iptables   not there
                  net.bridge.bridge-nf-call-ip6tables  not there

                At the forward and input hooks
                  iptables-legacy     filter FORWARD  policy DROP    2 rules
                  iptables-legacy     filter INPUT    policy ACCEPT  0 rules
                  iptables-legacy     DOCKER-USER     is reached
                  ip6tables-nft       filter INPUT    policy DROP    1 rule, 1 of others
                  nft inet seawall    forward4        policy accept  forward, priority -10, Seawall's
                  nft inet firewalld  filter_FORWARD  policy drop    forward, priority 10

                Rules of others in DOCKER-USER
                  iptables-legacy: -A DOCKER-USER -s 192.0.2.1/32 -j DROP

                """)
    }

    @Test func isJSONForPrograms() async throws {
        let json = try await HostFacts.read(host.sources).json
        #expect(json["kernel"] == "6.18.44")
        #expect(json["docker"]?["version"] == "20.10.24")
        #expect(json["docker"]?["backend"]?["outcome"] == "legacy")
        #expect(json["docker"]?["settings"]?["userlandProxy"] == ["value": true, "source": "default"])
        #expect(
            json["docker"]?["containers"]?.array?.first?["ports"]?.array?.first == [
                "family": "ip", "transport": "tcp", "hostAddress": .null, "hostPort": 8080, "containerPort": 80,
            ])
        #expect(
            json["proxyListeners"]?.array?.last == [
                "family": "ip6", "transport": "tcp", "address": .null, "port": 8080, "containerAddress": "172.17.0.2",
                "containerPort": 80, "interface": "docker0",
            ])
        #expect(
            json["iptables"]?.array?.first?["rules"]?["foreignRules"] == [
                "-A DOCKER-USER -s 192.0.2.1/32 -j DROP"
            ])
        #expect(json["forwarding"]?["net.ipv6.conf.all.forwarding"] == false)
        #expect(json["forwarding"]?["net.bridge.bridge-nf-call-iptables"] == JSONValue.null)
        #expect(try await HostFacts.read(host.sources).json.text() == json.text())
    }

    @Test func aHostWithoutDockerIsShown() async throws {
        var host = FakeHost()
        host.missing = ["docker", "nft", "iptables-legacy-save", "ip6tables-legacy-save"]
        let text = try await HostFacts.read(host.sources).text
        #expect(
            text.hasPrefix(
                """
                Kernel and tools
                  kernel            6.18.44
                  nft               (there is no command 'nft')
                  libnftables       1.0.6, with JSON
                  iptables-legacy   (there is no command 'iptables-legacy-save')
                  ip6tables-legacy  (there is no command 'ip6tables-legacy-save')
                  iptables-nft      1.8.9
                  ip6tables-nft     1.8.9

                Docker
                  not installed

                Forwarding
                """))
    }

    @Test func whatIsNotSeenOfASwarmIsSaid() async throws {
        var host = host
        host.info = #"{"ServerVersion":"20.10.24","Swarm":{"LocalNodeState":"active"}}"#
        #expect(
            try await HostFacts.read(host.sources).docker.notes == [
                "the engine is part of a swarm: the ports that its services publish are not among these"
            ])
    }

    @Test func whatNeedsRootIsSaid() async throws {
        var host = host
        host.isPrivileged = false
        let facts = try await HostFacts.read(host.sources)
        let reason =
            "reading the rules of iptables needs root, or the capability CAP_NET_ADMIN: run seawall with sudo"
        #expect(facts.iptables.allSatisfy { $0.rules == .unknown(reason) })
        #expect(facts.nftables.chains == .unknown("reading nftables needs root"))
        #expect(facts.docker.version?.major == 20)
        #expect(facts.text.contains("iptables-legacy   cannot be read: \(reason)\n"))
    }

    @Test func aFilterTableWithRulesOfNftsOwnIsNamed() async throws {
        var host = host
        host.saves["iptables-nft-save"] = "# Table `filter' is incompatible, use 'nft' tool.\n"
        let facts = try await HostFacts.read(host.sources)
        guard case .unknown(let reason) = facts.iptables[2].rules else {
            Issue.record("it was read")
            return
        }
        #expect(reason.contains("iptables-nft-save"))
    }

    @Test func aHostOfWhichNothingCanBeReadIsAnError() async throws {
        var host = FakeHost()
        host.texts = [:]
        host.isPrivileged = false
        host.missing = ["docker", "nft"]
        for tool in ["iptables", "ip6tables"] {
            host.missing.formUnion(["legacy", "nft"].map { "\(tool)-\($0)-save" })
        }
        let error = try await diagnostics { _ = try await HostFacts.read(host.sources) }
        #expect(
            error.text == """
                seawall: error: nothing of this host can be read: neither /proc nor any tool for its firewall [no-facts]
                seawall: note: run seawall on the host itself, as root
                """)
        #expect(error.outcome == .host)
    }
}
