import Deployment
import Diagnostics
import FirewallIR
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// What a policy and a host say of each other.
struct HostFindingsTests {
    private let legacy = DockerHosts.host("20.10.24", legacy: DockerHosts.save())

    private func find(
        _ host: FakeHost, _ rules: [FirewallRule], _ target: HostFindings.Target = .iptables(.legacy),
        families: FamilySet = .ip, mark: AcceptMark? = nil, twin: Bool = true
    ) async throws -> [String] {
        let scope = Scope(
            hook: .containers, families: families, entry: "containers",
            chains: [Chain(name: "containers", rules: rules)])
        let facts = try await HostFacts.read(host.sources)
        return HostFindings.find(
            policy: Ruleset(name: "P", scopes: [scope]), facts: facts, target: target, acceptMark: mark, hasTwin: twin
        ).map(\.text)
    }

    private func rule(
        _ line: Int, dialled: ClosedRange<UInt16>? = nil, translated: UInt16? = nil, _ transport: IPProtocol = .tcp,
        _ verdict: Verdict = .drop
    ) -> FirewallRule {
        var box = Box()
        if dialled != nil || translated != nil { box.protocols = IntervalSet(transport.rawValue) }
        if let dialled { box.originalDestinationPort = Presence(IntervalSet([dialled])) }
        if let translated { box.destinationPort = Presence(IntervalSet(translated)) }
        return FirewallRule(
            id: "a000000\(line)", origin: SourceLocation(file: "P.swift", line: line), condition: [box],
            verdict: verdict)
    }

    private var web: FirewallRule { rule(1, dialled: 8080...8080) }

    @Test func aPolicyThatFitsSaysNothing() async throws {
        #expect(try await find(legacy, [web]) == [])
        // By the container's own port as well.
        #expect(try await find(legacy, [rule(1, translated: 80)]) == [])
    }

    @Test func portsThatNobodyPublishesAreNamedAtTheirRule() async throws {
        let rules = [
            web, rule(2, dialled: 9000...9010, .udp), rule(3, dialled: 8000...8100),
            rule(4, dialled: 8080...8080, .udp),
        ]
        #expect(
            try await find(legacy, rules) == [
                "P.swift:2: warning: udp 9000-9010 is published by no container that runs [port-not-published]",
                "P.swift:4: warning: udp 8080 is published by no container that runs [port-not-published]",
            ])
        // Where Docker does not answer nothing is known of it.
        var host = legacy
        host.info = nil
        #expect(
            try await find(host, rules) == [
                "seawall: warning: Docker does not answer, so that it is not known what it publishes: cannot connect "
                    + "[docker-unreachable]"
            ])
    }

    @Test func aRuleIsNamedOnceWithAllItsPorts() async throws {
        var many = rule(1, dialled: 8080...8080)
        many.condition[0].originalDestinationPort = Presence(IntervalSet([443...443, 8080...8080, 9000...9001]))
        #expect(
            try await find(legacy, [many]) == [
                """
                P.swift:1: warning: tcp 443 is published by no container that runs [port-not-published]
                P.swift:1: note: nor is tcp 9000-9001
                """
            ])
    }

    @Test func ofTenThousandRulesAndTwoHundredContainersTheFirstAreNamed() async throws {
        var host = legacy
        host.containers =
            "["
            + (0..<200).map { index in
                let binding = #"[{"HostIp":"0.0.0.0","HostPort":"\#(10_000 + index)"}]"#
                let address = "172.17.\(index / 250 + 1).\(index % 250 + 2)"
                return DockerHosts.container(
                    "c\(index)", networks: [("bridge", "b0", address, "")], ports: #""80/tcp":\#(binding)"#)
            }.joined(separator: ",") + "]"
        let rules = (0..<10_000).map { rule($0, dialled: UInt16(10_000 + $0)...UInt16(10_000 + $0)) }
        let found = try await find(host, rules)
        #expect(found.count == 20)
        #expect(
            found.last
                == "seawall: warning: 9781 more rules name ports that no container that runs publishes [port-not-published]"
        )
    }

    @Test func aPortThatIsPublishedForTheHostAloneIsNamed() async throws {
        var host = legacy
        let ports = #""80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]"#
        host.containers =
            "[\(DockerHosts.container("web", networks: [("bridge", "b0", "172.17.0.2", "")], ports: ports))]"
        #expect(
            try await find(host, [web]) == [
                "P.swift:1: warning: tcp 8080, but on a loopback address, is published by no container that runs "
                    + "[port-not-published]"
            ])
    }

    @Test func publishedPortsOfWhichNoRuleSpeaksAreListed() async throws {
        var everythingElse = rule(1, dialled: 0...0)
        everythingElse.condition[0].originalDestinationPort = Presence(IntervalSet([0...442, 444...65535]))
        #expect(
            try await find(legacy, [everythingElse, rule(2)]) == [
                """
                seawall: warning: a published port is named by no rule: what becomes of it is up to the rules without ports, \
                and to Docker [port-not-mentioned]
                seawall: note: tcp 8080, published by web
                """
            ])
        #expect(try await find(legacy, []) == [])
    }

    @Test func rulesThatGoElsewhereThanDockersAreAWarning() async throws {
        #expect(
            try await find(legacy, [web], .iptables(.nft)) == [
                """
                seawall: warning: Docker has its rules in iptables-legacy, and the policy's go to iptables-nft: use \
                `--variant legacy`, or `auto` [wrong-backend]
                seawall: note: Docker 20.10.24 has no nft tables of its own
                seawall: note: published ports are translated in iptables-legacy
                seawall: note: FORWARD of iptables-legacy leads to DOCKER-USER
                """
            ])
        let own = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges())
        #expect(
            try await find(own, [web]) == [
                """
                seawall: warning: Docker has its rules in nft tables of its own, and leads nothing to DOCKER-USER: use \
                `--backend nft` [wrong-backend]
                seawall: note: docker info says nftables
                seawall: note: published ports are translated in docker-bridges
                seawall: note: there is a table docker-bridges
                """
            ])
        #expect(try await find(own, [web], .nft) == [])
        let both = DockerHosts.host("28.5.2", driver: "iptables", legacy: DockerHosts.save(), nft: DockerHosts.save())
        #expect(
            try await find(both, [web], .nft).first?.hasPrefix(
                "seawall: warning: the signs of where Docker's rules stand contradict each other [docker-backend-unclear]"
            )
                == true)
    }

    @Test func whatASwitchLeavesBehindIsNamed() async throws {
        var host = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges())
        host.saves["iptables-legacy-save"] = DockerHosts.save(translates: false, user: ["-p tcp -j DROP"])
        #expect(
            try await find(host, [web], .nft) == [
                """
                seawall: warning: FORWARD of iptables-legacy has the policy DROP, and Docker's rules stand in nftables: what \
                Docker forwards is dropped there [forward-policy-left]
                seawall: note: `seawall migrate --check docker-nftables --fix` takes it back, and our nft table stops then what it stops besides
                seawall: note: `iptables-legacy -P FORWARD ACCEPT` takes it back alone
                """,
                """
                seawall: warning: DOCKER-USER of iptables-legacy still decides, and Docker's rules stand in nftables: it has a \
                rule of somebody else's [docker-user-left]
                seawall: note: -A DOCKER-USER -p tcp -j DROP
                """,
            ])
    }

    @Test func iPv6IsNotJudgedByDockerUserOfOldEngines() async throws {
        let text = """
            seawall: warning: Docker 20.10.24 makes no DOCKER-USER for IPv6: rules there are never asked, and a jump that is \
            made by hand stands below Docker's own rules after the next `docker network create` [docker-user-without-ipv6]
            seawall: note: `--backend nft` judges both families, whatever Docker does with its chains
            """
        #expect(try await find(legacy, [web], families: .both) == [text])
        #expect(try await find(legacy, [web], .nft, families: .both) == [])
    }

    @Test func waysAroundTheForwardHookAreNamed() async throws {
        #expect(
            try await find(legacy, [web], twin: false) == [
                """
                seawall: warning: docker-proxy accepts connections on 2 sockets of the host, and the policy is not asked: they \
                are never forwarded [proxy-path]
                seawall: note: tcp 8080 over IPv6: every client comes in that way, since 172.17.0.2 is IPv4
                seawall: note: the other ports: the host itself, containers that dial the host's address, and clients while \
                the daemon starts
                """
            ])
    }

    @Test func gatewayModesThatOpenMoreAreNamed() async throws {
        var host = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges())
        let key = "com.docker.network.bridge.gateway_mode_ipv4"
        host.networks =
            "[\(DockerHosts.network("nu", "n1", options: [key: "nat-unprotected"])),"
            + "\(DockerHosts.network("rt", "r1", options: [key: "routed"])),"
            + "\(DockerHosts.network("empty", "e1", options: [key: "routed"]))]"
        let ports = #""80/tcp":[{"HostIp":"0.0.0.0","HostPort":""}]"#
        host.containers =
            "[\(DockerHosts.container("a", networks: [("nu", "n1", "10.0.0.2", "")])),"
            + "\(DockerHosts.container("b", networks: [("rt", "r1", "10.1.0.2", "")], ports: ports))]"
        #expect(
            try await find(host, [rule(1, dialled: 80...80)], .nft) == [
                """
                seawall: warning: the network nu has the gateway mode nat-unprotected for IPv4: every port of its containers \
                can be reached by routing, published or not [gateway-mode]
                seawall: note: `direct: .drop` of an Inbound scope shuts that way
                """,
                """
                seawall: warning: the network rt has the gateway mode routed for IPv4: nothing is translated, and clients dial \
                the containers' own addresses and ports; rules about published ports mean those [gateway-mode]
                """,
            ])
    }

    @Test func forwardingThatIsOffIsNamed() async throws {
        var host = legacy
        host.texts["/proc/sys/net/ipv4/ip_forward"] = "0\n"
        host.texts["/proc/sys/net/ipv6/conf/all/forwarding"] = "0\n"
        #expect(
            try await find(host, [web]) == [
                "seawall: warning: net.ipv4.ip_forward is 0: no IPv4 packet comes to a container from outside "
                    + "[forwarding-off]"
            ])
        host.networks = "[\(DockerHosts.network("bridge", "b0", bridge: "docker0", ipv6: true))]"
        #expect(
            try await find(host, [web]).last
                == "seawall: warning: net.ipv6.conf.all.forwarding is 0, and a network of Docker's has IPv6: no IPv6 packet "
                + "comes to it from outside [forwarding-off]")
    }

    @Test func aDaemonOnAnotherKernelIsNamed() async throws {
        var host = legacy
        host.texts["/proc/sys/kernel/osrelease"] = "6.1.0\n"
        #expect(
            try await find(host, [web]) == [
                """
                seawall: warning: the daemon that answers runs on the kernel 6.18.44, and this host on 6.1.0: what Docker says \
                is not of this host [docker-elsewhere]
                seawall: note: DOCKER_HOST, or `docker context`, leads there
                """
            ])
    }

    // MARK: - Accept

    private let mark = AcceptMark(value: 1, mask: 1)

    @Test func acceptNeedsAMarkThatTheHostAccepts() async throws {
        let accept = rule(1, dialled: 8080...8080, .tcp, .accept)
        #expect(try await find(legacy, [accept]) == [])
        #expect(
            try await find(legacy, [accept], .nft) == [
                """
                P.swift:1: warning: 'Accept' needs a mark under nft: `--accept-mark 0x1/0x1`, and Docker has to be told of it \
                [accept-needs-mark]
                P.swift:1: note: Docker 20.10.24 has no option for it, and needs a rule:
                P.swift:1: note: `iptables-legacy -I DOCKER-USER -m mark --mark 0x1/0x1 -j ACCEPT`
                """
            ])
        let own = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges())
        #expect(
            try await find(own, [accept], .nft, mark: mark) == [
                """
                P.swift:1: warning: 'Accept' sets the mark 0x1/0x1, and nothing of this host's Docker accepts it: the rule \
                opens nothing [accept-needs-mark]
                P.swift:1: note: start dockerd with `--bridge-accept-fwmark=0x1/0x1`
                P.swift:1: note: Docker 28 and later drop what is routed to a container before that, unless \
                `--allow-direct-routing` is set
                """
            ])
    }

    @Test func aMarkThatTheHostAcceptsIsEnough() async throws {
        let accept = rule(1, dialled: 8080...8080, .tcp, .accept)
        let own = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges(mark: true))
        #expect(try await find(own, [accept], .nft, mark: mark) == [])
        let another = AcceptMark(value: 2, mask: 2)
        #expect(
            try await find(own, [accept], .nft, mark: another).first?.contains(
                "note: its daemon accepts the mark 0x1/0x1: use that, or start it with another") == true)
        let old = DockerHosts.host(
            "20.10.24", legacy: DockerHosts.save(user: ["-m mark --mark 0x1/0x1 -j ACCEPT"]))
        #expect(try await find(old, [accept], .nft, mark: mark) == [])
        #expect(try await find(old, [accept], .nft, families: .both, mark: mark) != [])
    }

    @Test func theRuleOfDocker29InIPTablesIsFragile() async throws {
        let accept = rule(1, dialled: 8080...8080, .tcp, .accept)
        let save = DockerHosts.save().replacing(
            "-A FORWARD -j DOCKER-USER\n",
            with: "-A FORWARD -j DOCKER-USER\n-A DOCKER-FORWARD -m mark --mark 0x1/0x1 -j ACCEPT\n")
        let host = DockerHosts.host("29.0.1", driver: "iptables", legacy: save)
        #expect(
            try await find(host, [accept], .nft, mark: mark) == [
                "P.swift:1: warning: 'Accept' depends on one rule that Docker 29 has in iptables for the mark, and that "
                    + "`docker network rm` of any network takes away until the daemon starts again [accept-mark-fragile]"
            ])
    }
}
