import Diagnostics
import JSONC
import PacketModel
import Testing

@testable import Deployment

/// What `--fix` takes away, and what it leaves by name.
@Suite struct DockerLeftoversTests {
    /// What there is to do on a host whose iptables-legacy for IPv4 holds a filter table, and what its Docker answers.
    private func find(
        _ lines: [String], version: String = "29.0.1", driver: String? = "nftables", policy: String = "DROP",
        legacy: String? = nil, links: [String] = [], bridges: [JSONValue] = DockerHosts.bridges()
    ) async throws -> DockerLeftovers {
        let chains = Set(lines.compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) })
            .subtracting(["FORWARD"]).sorted()
        let text =
            (["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD \(policy) [9:540]", ":OUTPUT ACCEPT [0:0]"]
            + chains.map { ":\($0) - [0:0]" } + lines.filter { !$0.hasPrefix(":") } + ["COMMIT", ""])
            .joined(separator: "\n")
        var host = DockerHosts.host(version, driver: driver, legacy: legacy, bridges: legacy == nil ? bridges : [])
        host.networks = "[\(DockerHosts.bridge),\(DockerHosts.network("own", "n1", bridge: "lan0", isInternal: true))]"
        let facts = try await HostFacts.read(host.sources)
        return try DockerLeftovers.find(facts, [try IPTablesFilter(.legacy, .ip, listing: text)], links: links)
    }

    private let jump = "-A FORWARD -j DOCKER-USER"

    @Test("a policy and a chain without rules go, in one transaction")
    func goes() async throws {
        let found = try await find([jump, "-A DOCKER-USER -j RETURN"], links: ["br-lan", "br-0123456789ab", "eth0"])
        #expect(found.left == [])
        #expect(
            found.parts.map(\.place.text) == [
                """
                *filter
                :FORWARD ACCEPT [0:0]
                :DOCKER-USER - [0:0]
                -D FORWARD -j DOCKER-USER
                -X DOCKER-USER
                COMMIT

                """
            ])
        #expect(found.parts.map(\.isLive) == [false])
        #expect(found.docker == ["br-*", "docker0", "docker_gwbridge", "lan0"])
        #expect(found.others == ["br-0123456789ab", "br-lan"] && found.closed == ["lan0"])
        #expect(found.others(.ip6) == ["br-0123456789ab", "br-lan", "docker0", "lan0"])
    }

    @Test(
        "what is not Docker's to leave stays, and is named",
        arguments: [
            (
                ["-A FORWARD -j ufw-before-forward", "-A ufw-before-forward -j RETURN"],
                "the policy DROP of FORWARD of iptables-legacy stays: ufw sets it again whenever it is loaded (DEFAULT_FORWARD_POLICY in /etc/default/ufw)"
            ),
            (
                ["-A FORWARD -i eth0 -j ACCEPT"],
                "the policy DROP of FORWARD of iptables-legacy stays: nothing of Docker's stands beside it, so it may be somebody else's"
            ),
        ])
    func stays(_ lines: [String], _ message: String) async throws {
        let found = try await find(lines)
        #expect(found.parts.isEmpty)
        #expect(found.left.map(\.message) == [message])
    }

    @Test(
        "a chain stays where rules of others are in it, or lead to it",
        arguments: [
            ["-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -s 192.0.2.7/32 -j DROP"],
            ["-A FORWARD -i eth0 -j DOCKER-USER", "-A DOCKER-USER -j RETURN"],
            ["-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN"],
            ["-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN", "-A other -j DOCKER-USER"],
        ])
    func chainStays(_ lines: [String]) async throws {
        let found = try await find(lines, policy: "ACCEPT")
        #expect(found.parts.isEmpty)
        #expect(
            found.left.map(\.message) == [
                "DOCKER-USER of iptables-legacy stays, with its jump: there are rules of others"
            ])
    }

    @Test("an engine that has no other rules keeps its own")
    func isNeeded() async throws {
        let live = DockerHosts.save()
        let old = try await find(
            [jump, "-A DOCKER-USER -j RETURN"], version: "28.5.2", driver: nil, legacy: live)
        #expect(old.parts.isEmpty)
        #expect(
            old.left.map(\.message) == [
                "the policy DROP of FORWARD of iptables-legacy stays: Docker 28.5.2 keeps its rules there, and has no others"
            ])
        let new = try await find([jump, "-A DOCKER-USER -j RETURN"], driver: "iptables", legacy: live)
        #expect(new.parts.map(\.isLive) == [true] && new.left == [])
    }

    @Test("without a daemon, and where its rules cannot be found, nothing is done")
    func unknown() async throws {
        var host = DockerHosts.host("29.0.1", driver: "iptables")
        let undecided = try await HostFacts.read(host.sources)
        #expect(throws: DiagnosticError.self) { try DockerLeftovers.find(undecided, [], links: []) }
        host.info = nil
        let silent = try await HostFacts.read(host.sources)
        let error = #expect(throws: DiagnosticError.self) { try DockerLeftovers.find(silent, [], links: []) }
        #expect(
            error?.diagnostics.map(\.text) == [
                """
                seawall: error: no daemon answers, so it is not known which rules and interfaces are Docker's [docker-nft-engine]
                seawall: note: start Docker first; nothing was changed
                """
            ])
    }
}
