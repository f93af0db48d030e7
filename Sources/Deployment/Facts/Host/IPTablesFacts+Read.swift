internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

extension IPTablesFacts {
    /// Reads all four with the save tools alone: listing with `iptables-legacy` would make the tables that it lists.
    static func readAll(_ sources: FactSources) async throws -> [IPTablesFacts] {
        var all: [IPTablesFacts] = []
        for variant in IPTablesVariant.allCases {
            for family in AddressFamily.allCases { all.append(try await read(variant, family, sources)) }
        }
        return all
    }

    private static func read(
        _ variant: IPTablesVariant, _ family: AddressFamily, _ sources: FactSources
    ) async throws -> IPTablesFacts {
        let tool = variant.saveTool(family)
        guard sources.tools.path(of: tool) != nil else {
            let reason = "there is no command '\(tool)'"
            return IPTablesFacts(
                variant: variant, family: family, version: .unknown(reason), rules: .unknown(reason))
        }
        return IPTablesFacts(
            variant: variant, family: family, version: try await version(tool, sources),
            rules: try await sources.fact {
                guard sources.tools.isPrivileged else {
                    throw DiagnosticError.notPrivileged("reading the rules of iptables")
                }
                return IPTablesRuleFacts(try await listing(tool, family, sources), family: family)
            })
    }

    private static func version(_ tool: String, _ sources: FactSources) async throws -> Fact<String> {
        try await sources.fact {
            let call = HostToolCall(tool, ["--version"])
            let result = try await sources.tools.run(call)
            guard result.code == 0 else { throw DiagnosticError.toolFailed(tool, result) }
            let words = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            let version = words.first { $0.hasPrefix("v") && $0.dropFirst().first?.isNumber == true }
            return version.map { String($0.dropFirst()) } ?? "unknown"
        }
    }

    private static func listing(
        _ tool: String, _ family: AddressFamily, _ sources: FactSources
    ) async throws -> SaveListing {
        // Without -t, which makes a table that is not there.
        let result = try await sources.tools.run(HostToolCall(tool, in: sources.namespace))
        guard result.code == 0 else { throw DiagnosticError.toolFailed(tool, result) }
        if String(decoding: result.output, as: UTF8.self).contains("# Table `filter' is incompatible") {
            throw DiagnosticError.foreignFilterTable(tool, family)
        }
        do {
            return try SaveListing.parse(result.output)
        } catch {
            throw DiagnosticError.unreadableListing(tool, "\(error)")
        }
    }
}

extension IPTablesRuleFacts {
    /// What a listing says.
    init(_ listing: SaveListing, family: AddressFamily) {
        self.init()
        tables = listing.tables.map(\.name)
        for table in listing.tables where Self.filtering.contains(table.name) {
            for name in ["FORWARD", "INPUT"] {
                guard let chain = table.chain(name), let policy = chain.policy else { continue }
                let others = chain.rules.count { !Self.isKnown($0) }
                builtIns.append(
                    BuiltIn(
                        table: table.name, chain: name, policy: policy, rules: chain.rules.count, otherRules: others))
            }
        }
        if let filter = listing.table("filter") { readFilter(filter) }
        if let nat = listing.table("nat") {
            let rules = nat.rules(of: "DOCKER").filter { $0.target?.name == "DNAT" }
            dockerTranslations = rules.count
            translations = rules.compactMap { DockerTranslation($0.words) }
        }
    }

    /// The tables whose chains FORWARD and INPUT may let packets pass or not.
    private static let filtering = ["mangle", "filter", "security"]

    private mutating func readFilter(_ table: SaveTable) {
        dockerUser = table.reach(of: IPTablesNames.dockerUser)
        hasDockerChains = table.chains.contains { $0.name == "DOCKER" }
        foreignRules = DockerUserRules(table).rules(of: .foreign).map {
            IPTablesLine.appendWords(IPTablesNames.dockerUser, words: $0.words).text
        }
        let accepting = table.rules(of: "DOCKER-FORWARD").first {
            $0.words.prefix(3) == ["-m", "mark", "--mark"] && $0.target?.name == "ACCEPT"
        }
        dockerAcceptMark = accepting?.words.dropFirst(3).first
    }

    /// Whether a rule of a built-in chain is Docker's or Seawall's: by its target, or by the bridge that it speaks of.
    private static func isKnown(_ rule: SaveRule) -> Bool {
        guard let target = rule.target?.name else { return false }
        if target == "DOCKER" || target.hasPrefix("DOCKER-") || IPTablesFilter.isOwn(target) { return true }
        if rule.comment.map(IPTablesNames.isOwnComment) == true { return true }
        // Docker 20.10 has rules for each bridge in FORWARD itself.
        return target == "ACCEPT" && dockerForwards.contains { words in matches(rule.words, words) }
    }

    private static let dockerForwards = [
        ["-o", "?", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"],
        ["-i", "?", "!", "-o", "?", "-j", "ACCEPT"], ["-i", "?", "-o", "?", "-j", "ACCEPT"],
    ]

    private static func matches(_ words: [String], _ pattern: [String]) -> Bool {
        guard words.count == pattern.count else { return false }
        let bridges = Set(zip(words, pattern).filter { $0.1 == "?" }.map(\.0))
        let isBridge = bridges.count == 1 && bridges.allSatisfy { $0.hasPrefix("br-") || $0.hasPrefix("docker") }
        return isBridge && zip(words, pattern).allSatisfy { $0.1 == "?" || $0.0 == $0.1 }
    }
}

extension DockerTranslation {
    /// The words of `-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80`.
    fileprivate init?(_ words: [String]) {
        func value(_ option: String) -> String? {
            guard let place = words.firstIndex(of: option), place + 1 < words.count else { return nil }
            return words[place + 1]
        }
        guard let transport = value("-p").flatMap({ IPProtocol(name: $0) }),
            let port = value("--dport").flatMap({ UInt16($0) }),
            let target = value("--to-destination").flatMap(Self.endpoint)
        else { return nil }
        let address = value("-d").flatMap { $0.split(separator: "/").first }.flatMap { IPAddress($0) }
        self.init(
            transport: transport, address: address, port: port, container: target.0, containerPort: target.1)
    }

    /// The parts of `172.17.0.2:80` or `[fd00::2]:80`.
    static func endpoint(_ text: String) -> (IPAddress, UInt16)? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[colon...].dropFirst()) else { return nil }
        var address = text[..<colon]
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        return IPAddress(address).map { ($0, port) }
    }
}
