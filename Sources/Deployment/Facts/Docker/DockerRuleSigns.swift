internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// What the rules of a host say of Docker, wherever they stand.
struct DockerRuleSigns: Hashable, Sendable {
    /// In which variants FORWARD leads to `DOCKER-USER`.
    var jumps: [IPTablesVariant] = []
    /// In which variants Docker's chain `DOCKER` of nat translates ports.
    var translating: [IPTablesVariant] = []
    /// In which variants Docker's chains stand.
    var chains: [IPTablesVariant] = []
    /// Whether there is a table `docker-bridges`.
    var hasBridgesTable = false
    /// Whether that table translates ports.
    var bridgesTranslate = false
    /// The mark on which a rule of Docker's accepts packets.
    var acceptMark: String?
    /// Docker's translations in either variant.
    var translations: [DockerTranslation] = []
}

extension DockerRuleSigns {
    /// What iptables and the listings of the tables `docker-bridges` say.
    init(_ iptables: [IPTablesFacts], bridges: [JSONValue]) {
        for variant in IPTablesVariant.allCases {
            let rules = iptables.filter { $0.variant == variant }.compactMap(\.rules.value)
            if rules.contains(where: \.hasDockerUserJump) { jumps.append(variant) }
            if rules.contains(where: { $0.dockerTranslations > 0 }) { translating.append(variant) }
            if rules.contains(where: \.hasDockerChains) { chains.append(variant) }
            acceptMark = acceptMark ?? rules.lazy.compactMap(\.dockerAcceptMark).first
            translations += rules.flatMap(\.translations)
        }
        hasBridgesTable = !bridges.isEmpty
        for rule in bridges.flatMap({ $0["nftables"]?.array ?? [] }).compactMap({ $0["rule"] }) {
            let statements = rule["expr"]?.array ?? []
            if statements.contains(where: { $0["dnat"] != nil }) { bridgesTranslate = true }
            if rule["comment"]?.string == "ALLOW FW MARK", acceptMark == nil {
                acceptMark = statements.lazy.compactMap(Self.mark).first
            }
        }
    }

    /// Reads the tables `docker-bridges`, if the chains show that there are any, without the elements of their sets.
    static func bridges(_ nftables: NFTablesFacts, _ sources: FactSources) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        for family in AddressFamily.allCases {
            let chains = nftables.chains.value ?? []
            guard chains.contains(where: { $0.owner == .docker && $0.family == family.rawValue }) else { continue }
            let name = NFTTableName(family: family.rawValue, name: NFTTableName.dockerBridges)
            if let listing = try await sources.fact({ try await sources.nft.list(name, terse: true) }).value ?? nil {
                found.append(listing)
            }
        }
        return found
    }

    /// The mark of `meta mark & 0x1 == 0x1`.
    private static func mark(_ statement: JSONValue) -> String? {
        guard let match = statement["match"], let value = match["right"]?.integer else { return nil }
        if match["left"]?["meta"]?["key"]?.string == "mark" { return hex(value) }
        guard let operands = match["left"]?["&"]?.array, operands.first?["meta"]?["key"]?.string == "mark",
            let mask = operands.last?.integer
        else { return nil }
        return "\(hex(value))/\(hex(mask))"
    }

    private static func hex(_ value: Int64) -> String { "0x" + String(value, radix: 16) }
}
