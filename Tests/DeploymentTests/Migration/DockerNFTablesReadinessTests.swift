import Deployment
import Diagnostics
import JSONC
import Testing

/// What stands in the way of Docker's own nft backend.
@Suite struct DockerNFTablesReadinessTests {
    private func find(_ host: FakeHost) async throws -> [String] {
        let facts = try await HostFacts.read(host.sources)
        return DockerNFTablesReadiness.find(facts, files: host).map { "\($0.severity.rawValue): \($0.message)" }
    }

    private func host(_ save: String, networks: [String] = [DockerHosts.bridge]) -> FakeHost {
        var host = DockerHosts.host("29.0.1", legacy: save)
        host.networks = "[\(networks.joined(separator: ","))]"
        host.texts["/proc/sys/net/ipv4/ip_forward"] = "1\n"
        host.texts["/etc/sysctl.conf"] = "# forward\nnet.ipv4.ip_forward = 1\n"
        return host
    }

    @Test("a host on which nothing of iptables is left is ready")
    func ready() async throws {
        var host = host("")
        host.info = DockerHosts.info("29.0.1", driver: "nftables")
        #expect(try await find(host) == [])
    }

    @Test("an engine without the backend, and one that does not answer")
    func engine() async throws {
        var old = host("")
        old.info = DockerHosts.info("28.5.2")
        #expect(
            try await find(old) == ["error: Docker 28.5.2 has no nft backend of its own: it came with Docker 29"])
        old.info = nil
        #expect(try await find(old) == ["error: no daemon answers, so it is not known what it can"])
    }

    @Test("what stays behind in iptables, each with its command")
    func leftBehind() async throws {
        let rules = ["-s 192.0.2.7/32 -j DROP"]
        let host = host(DockerHosts.save(user: rules))
        let facts = try await HostFacts.read(host.sources)
        #expect(
            DockerNFTablesReadiness.find(facts, files: host).map(\.text) == [
                """
                seawall: error: FORWARD of iptables-legacy has the policy DROP, which stays behind: nothing that Docker forwards would pass any more [docker-nft-forward-policy]
                seawall: note: `seawall migrate --check docker-nftables --fix` does that, and lets our table stop what the policy stops besides
                seawall: note: by hand: `iptables-legacy -P FORWARD ACCEPT`, before the switch; what the host forwards besides Docker passes then, so close that first
                """,
                """
                seawall: error: DOCKER-USER of iptables-legacy stays behind with 1 rule of others, goes on deciding, and is nobody's any more [docker-nft-docker-user]
                seawall: note: -A DOCKER-USER -s 192.0.2.7/32 -j DROP
                seawall: note: `seawall migrate` moves them first
                seawall: note: `iptables-legacy -D FORWARD -j DOCKER-USER; iptables-legacy -F DOCKER-USER; iptables-legacy -X DOCKER-USER`, after the switch
                """,
            ])
        #expect(
            try await find(self.host(DockerHosts.save(policy: "ACCEPT"))) == [
                "warning: DOCKER-USER of iptables-legacy and its jump stay behind, and are empty"
            ])
    }

    @Test("forwarding that is off, or that no file keeps on")
    func forwarding() async throws {
        let app = DockerHosts.network("app", "n1", bridge: "br-app", subnets: ["10.1.0.0/24"], ipv6: true)
        var host = host("", networks: [DockerHosts.bridge, app])
        host.texts["/etc/sysctl.conf"] = "net/ipv4/ip_forward=1\n"
        host.texts["/proc/sys/net/ipv6/conf/all/forwarding"] = "1\n"
        host.texts["/proc/sys/net/ipv6/conf/default/forwarding"] = "0\n"
        #expect(
            try await find(host) == [
                "error: net.ipv6.conf.all.forwarding is 1, and no file makes it so when the host starts: the daemon would lose the networks 'app' then",
                "error: net.ipv6.conf.default.forwarding is not 1: the daemon would lose the networks 'app', for good, since with nft it does not set it by itself",
            ])
    }

    @Test("networks that are routed, a swarm, and a mark that a rule of iptables accepts")
    func others() async throws {
        let routed = DockerHosts.network(
            "lan", "n2", bridge: "br-lan", options: ["com.docker.network.bridge.gateway_mode_ipv4": "routed"])
        var host = host(
            DockerHosts.save(user: ["-m mark --mark 0x2/0x2 -j ACCEPT"], policy: "ACCEPT"),
            networks: [routed])
        host.info = #"{"ServerVersion":"29.0.1","Swarm":{"LocalNodeState":"active"}}"#
        let found = try await find(host)
        #expect(found.count == 4, "\(found)")
        #expect(found[0] == "error: the engine is part of a swarm, and its nft backend has no overlay networks")
        #expect(
            found[2...] == [
                "warning: the network 'lan' has the gateway modes routed and nat: its containers are reached at their own ports",
                "warning: ACCEPT hangs on a rule that accepts a mark, which has no effect behind Docker's nft rules: -A DOCKER-USER -m mark --mark 0x2/0x2 -j ACCEPT",
            ])
    }
}
