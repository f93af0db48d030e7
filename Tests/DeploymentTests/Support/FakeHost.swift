import Deployment
import Diagnostics
import JSONC
import NFTablesBackend
import PacketModel

/// A host made of texts: what its tools print, what its files hold.
struct FakeHost: HostToolRunner, NFTReader, HostFiles {
    /// What each save tool prints, and `ip` with its options; a tool that is not named prints nothing.
    var saves: [String: String] = [:]
    /// Tools that the host does not have.
    var missing: Set<String> = []
    /// What `docker info` prints; without it there is no daemon.
    var info: String?
    /// What `docker network inspect` prints.
    var networks = "[]"
    /// What `docker inspect` prints.
    var containers = "[]"
    /// What nft lists of all tables: the objects.
    var ruleset: [JSONValue] = []
    /// The files.
    var texts: [String: String] = ["/proc/sys/kernel/osrelease": "6.18.44\n"]
    /// Symbolic links.
    var links: [String: String] = [:]
    /// Owners and numbers of files.
    var statuses: [String: HostFileStatus] = [:]
    var isPrivileged = true

    var sources: FactSources { FactSources(tools: self, nft: self, files: self) }

    // MARK: - Tools

    func path(of tool: String) -> String? { missing.contains(tool) ? nil : "/usr/sbin/\(tool)" }

    func run(_ call: HostToolCall) async throws -> HostToolResult {
        if call.arguments == ["--version"] { return answer("\(call.tool) v1.8.9 (some)\n") }
        if call.tool == "docker" { return docker(call.arguments) }
        let name = call.tool == "ip" ? "ip \(call.arguments[1])" : call.tool
        return answer(saves[name] ?? "")
    }

    private func docker(_ arguments: [String]) -> HostToolResult {
        switch arguments.first {
        case "info":
            guard let info else {
                return HostToolResult(
                    code: 1, output: Array(#"{"ServerVersion":"","ServerErrors":["cannot connect"]}"#.utf8))
            }
            return answer(info)
        case "network": return answer(arguments[1] == "ls" ? names(in: networks) : networks)
        case "ps": return answer(names(in: containers))
        default: return answer(containers)
        }
    }

    private func names(in listing: String) -> String {
        let objects = (try? JSONValue.parse(Array(listing.utf8)))?.array ?? []
        return objects.compactMap { $0["Id"]?.string }.map { $0 + "\n" }.joined()
    }

    private func answer(_ text: String) -> HostToolResult { HostToolResult(output: Array(text.utf8)) }

    // MARK: - nftables

    func listChains() async throws -> JSONValue {
        guard isPrivileged else { throw DiagnosticError(.host, "not-privileged", "reading nftables needs root") }
        let chains = ruleset.filter { $0["chain"] != nil }
        return ["nftables": .array([["metainfo": ["version": "1.0.6"]]] + chains)]
    }

    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        let objects = ruleset.filter { object in
            guard case .object(let members) = object, let value = members.first?.value else { return false }
            return value["family"]?.string == table.family && value["table"]?.string == table.name
        }
        return ["nftables": .array(objects)]
    }

    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult {
        throw DiagnosticError(.host, "not-a-reader", "facts are read, and nothing is changed")
    }

    // MARK: - Files

    func contents(of path: String) -> [UInt8]? { texts[path].map { Array($0.utf8) } }

    func names(in folder: String) -> [String] {
        let inner = texts.keys.filter { $0.hasPrefix(folder + "/") }.map { $0.dropFirst(folder.count + 1) }
        return Set(inner.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
    }

    func target(of link: String) -> String? { links[link] }

    func status(of path: String) -> HostFileStatus? { statuses[path] }
}

extension FakeHost {
    /// Adds a process of root's in the namespace of the host.
    mutating func addProcess(
        _ pid: Int, _ name: String, _ arguments: [String], path: String = "/usr/sbin", owner: UInt32 = 0,
        program: String? = nil, namespace: UInt64 = 1
    ) {
        statuses["/proc/self/ns/net"] = HostFileStatus(owner: 0, number: 1)
        texts["/proc/\(pid)/comm"] = "\(name)\n"
        texts["/proc/\(pid)/cmdline"] = ([name] + arguments).map { $0 + "\0" }.joined()
        texts["/proc/\(pid)/environ"] = "HOME=/root\0PATH=\(path)\0"
        links["/proc/\(pid)/exe"] = program ?? "/usr/bin/\(name)"
        statuses["/proc/\(pid)"] = HostFileStatus(owner: owner, number: 0)
        statuses["/proc/\(pid)/ns/net"] = HostFileStatus(owner: 0, number: namespace)
    }

    /// Adds a docker-proxy.
    mutating func addProxy(_ pid: Int, _ transport: String, _ host: String, _ port: Int, _ target: String, _ to: Int) {
        addProcess(
            pid, "docker-proxy",
            [
                "-proto", transport, "-host-ip", host, "-host-port", "\(port)", "-container-ip", target,
                "-container-port", "\(to)", "-use-listen-fd",
            ])
    }
}
