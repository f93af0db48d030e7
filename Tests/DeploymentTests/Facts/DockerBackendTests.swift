import Deployment
import Testing

/// Where Docker's rules stand: decided by signs together, and never guessed.
struct DockerBackendTests {
    private func finding(_ host: FakeHost) async throws -> DockerBackendFinding {
        try await HostFacts.read(host.sources).docker.backend
    }

    @Test func anEngineOnEitherVariantIsDecided() async throws {
        let legacy = try await finding(DockerHosts.host("20.10.24+dfsg1", legacy: DockerHosts.save()))
        #expect(legacy.backend == .legacy)
        #expect(
            legacy.signs.map(\.text) == [
                "Docker 20.10.24+dfsg1 has no nft tables of its own",
                "published ports are translated in iptables-legacy",
                "FORWARD of iptables-legacy leads to DOCKER-USER",
            ])
        let nft = try await finding(DockerHosts.host("28.5.2", driver: "iptables", nft: DockerHosts.save()))
        #expect(nft.backend == .nft)
        #expect(nft.signs.first?.text == "docker info says iptables")
    }

    @Test func dockersOwnTablesAreDecidedByTheDaemonsWord() async throws {
        let host = DockerHosts.host("29.0.1", driver: "nftables+firewalld", bridges: DockerHosts.bridges())
        #expect(try await finding(host).backend == .nftables)
        // What a switch leaves behind in iptables decides nothing.
        var switched = host
        switched.saves["iptables-legacy-save"] = DockerHosts.save(translates: false)
        #expect(try await finding(switched).backend == .nftables)
    }

    @Test func theJumpsOfBothVariantsAreToldApartByTheTranslations() async throws {
        let host = DockerHosts.host(
            "28.5.2", driver: "iptables", legacy: DockerHosts.save(translates: false), nft: DockerHosts.save())
        #expect(try await finding(host).backend == .nft)
    }

    @Test func withoutTranslationsTheOnlyJumpDecides() async throws {
        let host = DockerHosts.host("28.5.2", driver: "iptables", legacy: DockerHosts.save(translates: false))
        #expect(try await finding(host).backend == .legacy)
    }

    @Test func twoJumpsAndNothingElseAreAmbiguous() async throws {
        let save = DockerHosts.save(translates: false)
        var host = DockerHosts.host("28.5.2", driver: "iptables", legacy: save, nft: save)
        #expect(try await finding(host).outcome == .ambiguous)
        // Until the daemon's own path tells.
        host.addProcess(100, "dockerd", [], path: "/opt/legacy:/usr/sbin")
        host.addIPTables(100, "/usr/sbin/iptables", "xtables-nft-multi")
        #expect(try await finding(host).backend == .nft)
        #expect(
            try await finding(host).signs.contains {
                $0.text == "dockerd finds /usr/sbin/iptables, which is xtables-nft-multi"
            })
    }

    @Test func translationsInBothVariantsAreAmbiguous() async throws {
        let host = DockerHosts.host("28.5.2", driver: "iptables", legacy: DockerHosts.save(), nft: DockerHosts.save())
        #expect(try await finding(host).outcome == .ambiguous)
    }

    @Test func aPathThatDeniesTheTranslationsIsAmbiguous() async throws {
        var host = DockerHosts.host("28.5.2", driver: "iptables", legacy: DockerHosts.save())
        host.addProcess(100, "dockerd", [])
        host.addIPTables(100, "/usr/sbin/iptables", "xtables-nft-multi")
        #expect(try await finding(host).outcome == .ambiguous)
    }

    @Test func translationsInOneVariantAndTheJumpInTheOtherAreAmbiguous() async throws {
        let noJump = DockerHosts.save().replacing("-A FORWARD -j DOCKER-USER\n", with: "")
        let host = DockerHosts.host(
            "28.5.2", driver: "iptables", legacy: noJump, nft: DockerHosts.save(translates: false))
        #expect(try await finding(host).outcome == .ambiguous)
    }

    @Test func aDaemonWhoseWordTheRulesDenyIsAmbiguous() async throws {
        let host = DockerHosts.host("29.0.1", driver: "nftables", legacy: DockerHosts.save())
        #expect(try await finding(host).outcome == .ambiguous)
    }

    @Test func aStoppedDaemonIsKnownByWhatItLeaves() async throws {
        var host = DockerHosts.host("", legacy: DockerHosts.save(translates: false))
        host.info = nil
        #expect(try await finding(host).backend == .legacy)
        // After a switch both stay behind, and nothing tells which was in use.
        host.ruleset = DockerHosts.bridges(translates: false)
        #expect(try await finding(host).outcome == .ambiguous)
        // A table that still translates was in use last.
        host.ruleset = DockerHosts.bridges()
        #expect(try await finding(host).backend == .nftables)
    }

    @Test func aHostWithoutDockerHasNoSign() async throws {
        var host = FakeHost()
        host.missing = ["docker"]
        let docker = try await HostFacts.read(host.sources).docker
        #expect(docker.engine == .absent)
        #expect(docker.backend == DockerBackendFinding(.unknown, signs: []))
    }

    @Test func aDaemonThatWritesNoRulesHasNoBackend() async throws {
        var host = DockerHosts.host("28.5.2", driver: "iptables", legacy: DockerHosts.save(translates: false))
        host.texts["/etc/docker/daemon.json"] = #"{"iptables": false}"#
        let finding = try await finding(host)
        #expect(finding.outcome == .unknown)
        #expect(finding.signs.first?.text == "the daemon is told --iptables=false, and writes no rules")
    }

    @Test func aJumpThatIsGoneLeavesItOpen() async throws {
        let noJump = DockerHosts.save(translates: false).replacing("-A FORWARD -j DOCKER-USER\n", with: "")
        let host = DockerHosts.host("28.5.2", driver: "iptables", legacy: noJump)
        #expect(try await finding(host).outcome == .unknown)
        #expect(try await HostFacts.read(host.sources).text.contains("backend         unknown: no sign tells\n"))
    }

    @Test func translationsOfOthersAreNoSign() async throws {
        let own = """
            *nat
            :PREROUTING ACCEPT [0:0]
            -A PREROUTING -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.1:80
            COMMIT

            """
        var host = DockerHosts.host("28.5.2", driver: "iptables", legacy: own, nft: DockerHosts.save())
        #expect(try await finding(host).backend == .nft)
        host.info = nil
        #expect(try await finding(host).backend == .nft)
    }
}

extension FakeHost {
    /// Lets a daemon find an iptables, behind two links as Debian has it.
    mutating func addIPTables(_ pid: Int, _ link: String, _ program: String) {
        let root = "/proc/\(pid)/root"
        links[root + link] = "/etc/alternatives/iptables"
        links[root + "/etc/alternatives/iptables"] = "/usr/sbin/iptables-some"
        links[root + "/usr/sbin/iptables-some"] = program
    }
}
