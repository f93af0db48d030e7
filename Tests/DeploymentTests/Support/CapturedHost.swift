import Deployment
import FoundationEssentials
import Glibc
import JSONC
import Testing

/// A folder in which the tables, the answers of Docker and the settings of a host were kept.
struct CapturedHost: CustomTestStringConvertible, Sendable {
    var engine: String
    var situation: String

    var name: String { "\(engine)/\(situation)" }
    var testDescription: String { name }

    private static let folder: String = {
        if let named = getenv("SEAWALL_DOCKER_HOSTS") { return String(cString: named) }
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.prefix { $0 != "Tests" }.joined(separator: "/") + "/Tests/DockerHosts"
    }()

    static var all: [CapturedHost] {
        names(in: folder).flatMap { engine in
            names(in: "\(folder)/\(engine)").map { CapturedHost(engine: engine, situation: $0) }
        }
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
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
        text("nft-ruleset.txt").contains("ALLOW FW MARK")
            || text("iptables-legacy-save.txt").contains("-A DOCKER-FORWARD -m mark --mark 0x1/0x1 -j ACCEPT")
    }

    /// The text of a file; nothing, if the host had nothing to say there.
    func text(_ file: String) -> String {
        (try? String(contentsOfFile: "\(Self.folder)/\(name)/\(file)", encoding: .utf8)) ?? ""
    }

    /// The save tools, and what each printed.
    var saves: [(tool: String, text: String)] {
        ["iptables-legacy", "ip6tables-legacy", "iptables-nft", "ip6tables-nft"].map { ($0, text("\($0)-save.txt")) }
    }

    /// The names and values of the settings of the kernel.
    var settings: [(name: String, value: String)] {
        text("sysctl.txt").split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            return (String(parts[0]), String(parts[2]))
        }
    }

    /// The host as a stand-in.
    func fake() throws -> FakeHost {
        var host = FakeHost()
        for (tool, text) in saves { host.saves["\(tool)-save"] = text }
        host.info = text("docker-info.json")
        host.networks = text("docker-network-inspect.json")
        host.containers = text("docker-inspect.json")
        let ruleset = text("nft-ruleset.json")
        if !ruleset.isEmpty {
            host.ruleset = try JSONValue.parse(Array(ruleset.utf8))["nftables"]?.array ?? []
        }
        for (name, value) in settings { host.texts["/proc/sys/" + name.replacing(".", with: "/")] = value }
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
