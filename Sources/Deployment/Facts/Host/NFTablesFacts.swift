internal import Diagnostics
internal import JSONC
internal import NFTablesBackend

/// nft, libnftables, and the base chains of nftables.
package struct NFTablesFacts: Hashable, Sendable {
    /// The version of the command `nft`; that there is none is stated as such.
    package var command: Fact<String>
    /// The version of libnftables, which takes and prints JSON.
    package var library: Fact<String>
    /// The base chains at the hooks `forward` and `input`, sorted; those of iptables-nft are among its own.
    package var chains: Fact<[HookChain]>

    /// Facts.
    package init(command: Fact<String>, library: Fact<String>, chains: Fact<[HookChain]>) {
        self.command = command
        self.library = library
        self.chains = chains
    }
}

/// A chain that the kernel asks by itself, at the forward or the input hook.
package struct HookChain: Hashable, Sendable, Comparable {
    /// Whose it is.
    package enum Owner: String, Hashable, Sendable {
        /// Docker's own nft tables.
        case docker
        /// Seawall's table.
        case seawall
        /// Of the tools of iptables-nft.
        case iptables
        /// Somebody else's.
        case other
    }

    /// The hook.
    package enum Hook: String, Hashable, Sendable {
        case forward, input
    }

    /// `inet`, `ip`, `ip6`, `bridge`.
    package var family: String
    /// The table.
    package var table: String
    /// The chain.
    package var name: String
    /// The hook.
    package var hook: Hook
    /// `filter`, `nat`.
    package var type: String
    /// The priority: a smaller one is asked earlier.
    package var priority: Int
    /// `accept` or `drop`.
    package var policy: String
    /// Whose it is.
    package var owner: Owner

    /// A chain.
    package init(
        family: String, table: String, name: String, hook: Hook, type: String = "filter", priority: Int = 0,
        policy: String = "accept", owner: Owner = .other
    ) {
        self.family = family
        self.table = table
        self.name = name
        self.hook = hook
        self.type = type
        self.priority = priority
        self.policy = policy
        self.owner = owner
    }

    /// In the order in which they are asked; the forward hook first.
    package static func < (a: HookChain, b: HookChain) -> Bool {
        let (left, right) = ([a.hook, b.hook].map(\.rawValue), [a.family + " " + a.table, b.family + " " + b.table])
        if left[0] != left[1] { return left[0] < left[1] }
        if a.priority != b.priority { return a.priority < b.priority }
        return right[0] == right[1] ? a.name < b.name : right[0] < right[1]
    }

    /// `inet firewalld filter_FORWARD`.
    package var path: String { "\(family) \(table) \(name)" }
}

extension NFTablesFacts {
    /// Reads versions and chains; no rule, no set and no element.
    static func read(_ sources: FactSources) async throws -> NFTablesFacts {
        let listing = try await sources.fact { try await sources.nft.listChains() }
        let version = listing.map { $0["nftables"]?.array?.first?["metainfo"]?["version"]?.string ?? "unknown" }
        return NFTablesFacts(
            command: try await command(sources), library: version,
            chains: listing.map { listing in
                (listing["nftables"]?.array ?? []).compactMap { $0["chain"] }.compactMap { HookChain($0) }.sorted()
            })
    }

    private static func command(_ sources: FactSources) async throws -> Fact<String> {
        guard sources.tools.path(of: "nft") != nil else { return .unknown("there is no command 'nft'") }
        return try await sources.fact {
            let call = HostToolCall("nft", ["--version"])
            let result = try await sources.tools.run(call)
            guard result.code == 0 else { throw DiagnosticError.toolFailed(call.tool, result) }
            let words = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            let version = words.first { $0.hasPrefix("v") && $0.dropFirst().first?.isNumber == true }
            return version.map { String($0.dropFirst()) } ?? "unknown"
        }
    }
}

extension HookChain {
    /// A chain of a listing, if it stands at one of the hooks.
    fileprivate init?(_ chain: JSONValue) {
        guard let family = chain["family"]?.string, let table = chain["table"]?.string,
            let name = chain["name"]?.string,
            let hook = chain["hook"]?.string.flatMap(Hook.init)
        else { return nil }
        self.init(
            family: family, table: table, name: name, hook: hook, type: chain["type"]?.string ?? "",
            priority: Int(chain["prio"]?.integer ?? 0), policy: chain["policy"]?.string ?? "accept")
        owner = Self.owner(family, table, name)
    }

    private static func owner(_ family: String, _ table: String, _ name: String) -> Owner {
        if NFTTableName(family: family, name: table) == .seawall { return .seawall }
        guard family == "ip" || family == "ip6" else { return .other }
        if table == NFTTableName.dockerBridges { return .docker }
        let isBuiltIn = ["FORWARD", "INPUT"].contains(name)
        return isBuiltIn && ["filter", "mangle", "nat", "raw", "security"].contains(table) ? .iptables : .other
    }
}

extension NFTTableName {
    /// The table that Docker's own nft backend has in the families `ip` and `ip6`.
    static let dockerBridges = "docker-bridges"
}
