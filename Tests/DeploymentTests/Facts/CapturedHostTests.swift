import Deployment
import Diagnostics
import FirewallIR
import FoundationEssentials
import Glibc
import JSONC
import PacketModel
import Testing

/// Captured hosts, where the variable `SEAWALL_DOCKER_HOSTS` names a folder of them: `ENGINE-BACKEND/SITUATION/…`.
@Suite(.enabled(if: CapturedHost.folder != nil, "SEAWALL_DOCKER_HOSTS names no folder of captured hosts"))
struct CapturedHostTests {
    @Test(arguments: CapturedHost.all) func isDecidedAsItsNameSays(_ host: CapturedHost) async throws {
        let facts = try await HostFacts.read(host.fake().sources)
        #expect(facts.docker.backend.backend == host.backend, "\(facts.docker.backend)")
        let json = facts.json.text(.pretty)
        #expect(try await HostFacts.read(host.fake().sources).json.text(.pretty) == json)
        if host.situation == "stopped-before-switch" {
            #expect(facts.docker.engine == .unreachable("the daemon does not answer"))
        } else {
            #expect(facts.docker.version?.major == host.major)
        }
        #expect(facts.docker.settings.acceptMark.value == (try host.hasAcceptMark() ? "0x1/0x1" : nil))
        print(host.name, facts.docker.backend.word, facts.docker.backend.signs.map(\.text))
        if getenv("SEAWALL_SHOW_FACTS") != nil { print(facts.text) }
    }

    /// What an engine on iptables leaves behind is in the way; what forwards nothing any more was captured behind a switch.
    @Test(arguments: CapturedHost.all) func saysWhatIsInTheWayOfDockersNFTables(_ host: CapturedHost) async throws {
        let fake = try host.fake()
        let facts = try await HostFacts.read(fake.sources)
        let found = DockerNFTablesReadiness.find(facts, files: fake)
        let policies = facts.iptables.count { $0.rules.value?.forwardPolicy == "DROP" }
        let jumps = facts.iptables.count { $0.rules.value?.hasDockerUserJump == true }
        #expect(found.count { $0.id == "docker-nft-forward-policy" } == policies)
        #expect(found.count { $0.id == "docker-nft-docker-user" } == jumps)
        #expect(found.contains { $0.id == "docker-nft-engine" } == ((facts.docker.version?.major ?? 0) < 29))
        print(host.name, found.map(\.id))
    }

    @Test(arguments: CapturedHost.all) func hasTheListenersThatWereSeen(_ host: CapturedHost) async throws {
        let facts = try await HostFacts.read(host.fake().sources)
        let found = facts.proxyListeners.map {
            "\($0.transport.name) \($0.family) \($0.address?.description ?? "any") \($0.port)"
        }
        #expect(found.sorted() == (try host.listeners()).sorted())
        #expect(facts.proxyNotes == [])
    }
}

/// A folder in which the tables, the answers of Docker and the settings of a host were kept.
struct CapturedHost: CustomTestStringConvertible, Sendable {
    var engine: String
    var situation: String

    var name: String { "\(engine)/\(situation)" }
    var testDescription: String { name }

    static var folder: String? { getenv("SEAWALL_DOCKER_HOSTS").map { String(cString: $0) } }

    static var all: [CapturedHost] {
        guard let folder, let engines = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return engines.sorted().flatMap { engine in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(engine)")) ?? []).sorted()
                .map { CapturedHost(engine: engine, situation: $0) }
        }
    }

    /// The backend that was in use when the host was captured.
    var backend: DockerBackend {
        if situation.hasSuffix("to-iptables-nft") { return .nft }
        if situation.contains("switch") && situation.hasSuffix("to-nftables") && !situation.hasPrefix("before") {
            return .nftables
        }
        if engine.contains("iptables-legacy") { return .legacy }
        return engine.contains("iptables-nft") ? .nft : .nftables
    }

    var major: Int? { Int(engine.dropFirst("docker".count).prefix(2)) }

    /// Whether Docker's rules accept a mark.
    func hasAcceptMark() throws -> Bool {
        try text("nft-ruleset.txt").contains("ALLOW FW MARK")
            || text("iptables-legacy-save.txt").contains("-A DOCKER-FORWARD -m mark --mark 0x1/0x1 -j ACCEPT")
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOfFile: "\(Self.folder ?? "")/\(name)/\(file)", encoding: .utf8)
    }

    /// The host as a stand-in.
    func fake() throws -> FakeHost {
        var host = FakeHost()
        for variant in ["legacy", "nft"] {
            for tool in ["iptables", "ip6tables"] {
                host.saves["\(tool)-\(variant)-save"] = try text("\(tool)-\(variant)-save.txt")
            }
        }
        host.info = try text("docker-info.json")
        host.networks = try text("docker-network-inspect.json")
        host.containers = try text("docker-inspect.json")
        host.ruleset = try JSONValue.parse(Array(try text("nft-ruleset.json").utf8))["nftables"]?.array ?? []
        for line in try text("sysctl.txt").split(separator: "\n") {
            let parts = line.split(separator: " ")
            host.texts["/proc/sys/" + parts[0].replacing(".", with: "/")] = String(parts[2])
        }
        return host
    }

    /// What `ss` showed of docker-proxy.
    func listeners() throws -> [String] {
        try text("ss-listen.txt").split(separator: "\n").filter { $0.contains("docker-proxy") }.map { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            let local = words[4]
            let colon = try #require(local.lastIndex(of: ":"))
            var address = String(local[..<colon])
            let family = address.hasPrefix("[") ? "ip6" : "ip"
            address = address.filter { $0 != "[" && $0 != "]" }
            let shown = address == "0.0.0.0" || address == "::" ? "any" : address
            return "\(words[0]) \(family) \(shown) \(local[colon...].dropFirst())"
        }
    }
}
