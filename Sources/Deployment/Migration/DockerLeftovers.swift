package import Diagnostics
internal import IPTablesBackend
package import PacketModel

/// What of an iptables backend of Docker's stays behind in FORWARD, and is Seawall's to take away.
package struct DockerLeftovers: Sendable {
    /// A place, with the table as it is.
    package struct Part: Sendable {
        /// What is done there.
        package var place: ReadiedPlace
        /// The table.
        package var filter: IPTablesFilter
        /// Whether Docker keeps its rules there now.
        package var isLive: Bool
    }

    /// What is done, legacy and IPv4 first.
    package var parts: [Part]
    /// What stays, and why.
    package var left: [Diagnostic]
    /// The interfaces that are Docker's: names, and beginnings with `*`.
    package var docker: [String]
    /// Interfaces that these mean as well, and that are not Docker's.
    package var others: [String]
    /// The bridges of Docker's that there are now.
    package var bridges: [String] = []
    /// Of these, those that nothing enters or leaves (`--internal`).
    package var closed: [String] = []
    /// Of these, those without IPv6: of its packets Docker's rules say nothing.
    package var withoutIPv6: [String] = []

    /// Interfaces that are not Docker's for a family, though they are named like those that are.
    package func others(_ family: AddressFamily) -> [String] {
        family == .ip ? others : Set(others + withoutIPv6).sorted()
    }

    /// Reads a host.
    ///
    /// - Parameters:
    ///   - host: the host.
    ///   - facts: what is known of it.
    /// - Returns: what there is to do.
    /// - Throws: `DiagnosticError` if the tables cannot be read, or if it is not known where Docker's rules stand.
    package static func read(_ host: ManagedHost, _ facts: HostFacts) async throws -> DockerLeftovers {
        var filters: [IPTablesFilter] = []
        for variant in IPTablesVariant.allCases {
            for family in AddressFamily.allCases where host.tools.path(of: variant.saveTool(family)) != nil {
                let text = try await IPTablesFilter.listing(variant, family, tools: host.tools, in: host.namespace)
                guard !IPTablesFilter.isIncompatible(text) else { continue }
                filters.append(try IPTablesFilter(variant, family, listing: text))
            }
        }
        return try find(facts, filters, links: try await links(host))
    }

    /// What there is to do on a host.
    ///
    /// - Parameters:
    ///   - facts: what is known of it.
    ///   - filters: its filter tables.
    ///   - links: the names of its interfaces.
    /// - Returns: what there is to do.
    /// - Throws: `DiagnosticError` if it is not known where Docker's rules stand.
    package static func find(
        _ facts: HostFacts, _ filters: [IPTablesFilter], links: [String]
    ) throws(DiagnosticError) -> DockerLeftovers {
        guard let version = facts.docker.version else { throw .dockerSilent() }
        guard let backend = facts.docker.backend.backend else { throw .dockerUndecided(facts.docker.backend) }
        let bridges = facts.docker.networks.compactMap(\.bridge)
        let docker = Set(usual + bridges).sorted()
        var result = DockerLeftovers(
            parts: [], left: [], docker: docker,
            others: links.filter { $0.hasPrefix("br-") && !bridges.contains($0) }.sorted(), bridges: bridges.sorted())
        result.closed = facts.docker.networks.filter(\.isInternal).compactMap(\.bridge).sorted()
        let with = facts.docker.networks.filter(\.hasIPv6).compactMap(\.bridge)
        result.withoutIPv6 = result.bridges.filter { !with.contains($0) }
        for filter in filters where filter.exists {
            let isLive = backend.variant == filter.variant
            var part = Part(
                place: ReadiedPlace(
                    variant: filter.variant, family: filter.family, opensPolicy: false, dockerUser: nil),
                filter: filter, isLive: isLive)
            let needing = isLive && (version.major ?? 29) < 29 ? version : nil
            result.decidePolicy(&part, needing, isClosed: isLive || facts.hasDockersRules(backend, filter.family))
            result.decideDockerUser(&part, needing)
            if part.place.opensPolicy || part.place.dockerUser != nil { result.parts.append(part) }
        }
        return result
    }

    /// `docker0`, and what Docker calls the bridges that it makes.
    private static let usual = ["br-*", "docker0", "docker_gwbridge"]

    private static func links(_ host: ManagedHost) async throws -> [String] {
        // Without the names, a bridge of somebody else's would count as Docker's.
        guard host.tools.path(of: "ip") != nil else { throw DiagnosticError.toolMissing("ip") }
        let result = try await host.tools.run(HostToolCall("ip", ["-o", "link", "show"], in: host.namespace))
        guard result.code == 0 else { throw DiagnosticError.toolFailed("ip", result) }
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").compactMap { line in
            // 3: eth0@if2: <BROADCAST,…
            line.split(separator: " ").dropFirst().first?.split(whereSeparator: { $0 == "@" || $0 == ":" }).first
                .map(String.init)
        }
    }
}

// MARK: - One table

extension DockerLeftovers {
    private mutating func decidePolicy(_ part: inout Part, _ needing: DockerVersion?, isClosed: Bool) {
        let filter = part.filter
        guard filter.forwardPolicy == "DROP" else { return }
        let chains = filter.table.chains.map(\.name)
        if let needing {
            left.append(.leftPolicy(part, "Docker \(needing) keeps its rules there, and has no others"))
        } else if chains.contains(where: { $0.hasPrefix("ufw-") }) {
            left.append(
                .leftPolicy(
                    part, "ufw sets it again whenever it is loaded (DEFAULT_FORWARD_POLICY in /etc/default/ufw)"))
        } else if !chains.contains(where: { ForwardGuard.isDockers($0) }) {
            left.append(.leftPolicy(part, "nothing of Docker's stands beside it, so it may be somebody else's"))
        } else if !isClosed {
            let family = part.place.family.displayName
            left.append(
                .leftPolicy(
                    part,
                    "Docker's own rules for \(family) are not there, and nothing else closes its containers: restart the daemon"
                ))
        } else {
            part.place.opensPolicy = true
        }
    }

    private mutating func decideDockerUser(_ part: inout Part, _ needing: DockerVersion?) {
        let name = IPTablesNames.dockerUser
        let table = part.filter.table
        guard table.chain(name) != nil, needing == nil else { return }
        let contents = DockerUserRules(table)
        let others = contents.rules(of: .foreign) + contents.rules(of: .seawall)
        guard others.isEmpty else {
            return left.append(
                .leftDockerUser(part, others.map { IPTablesLine.appendWords(name, words: $0.words).text }))
        }
        let leading = table.chains.flatMap { chain in
            chain.rules.filter { $0.target?.name == name }.map { (chain.name, $0) }
        }
        let isPlain = leading.allSatisfy { $0.0 == ReadiedPlace.forward && $0.1.words == ReadiedPlace.jump }
        guard isPlain, leading.count < 2 else {
            return left.append(
                .leftDockerUser(part, leading.map { IPTablesLine.appendWords($0.0, words: $0.1.words).text }))
        }
        part.place.dockerUser = ReadiedPlace.DockerUser(
            position: part.filter.jumpPosition, rules: contents.rules)
    }
}

extension HostFacts {
    /// Whether Docker's rules stand where they have to be, so that they close containers by themselves.
    fileprivate func hasDockersRules(_ backend: DockerBackend, _ family: AddressFamily) -> Bool {
        // Without a network with IPv6 no bridge counts as Docker's there.
        if family == .ip6, !docker.networks.contains(where: { $0.hasIPv6 && $0.bridge != nil }) { return true }
        guard let variant = backend.variant else {
            return nftables.chains.value?.contains {
                $0.owner == .docker && $0.hook == .forward && $0.family == family.rawValue
            } == true
        }
        return iptables.contains {
            $0.variant == variant && $0.family == family && $0.rules.value?.hasDockerChains == true
        }
    }
}

// MARK: - What is said

extension Diagnostic {
    fileprivate static func leftPolicy(_ part: DockerLeftovers.Part, _ reason: String) -> Diagnostic {
        Diagnostic(
            "docker-nft-left", .warning, at: nil,
            "the policy DROP of FORWARD of \(part.place.name) stays: \(reason)")
    }

    fileprivate static func leftDockerUser(_ part: DockerLeftovers.Part, _ rules: [String]) -> Diagnostic {
        Diagnostic(
            "docker-nft-left", .warning, at: nil,
            "DOCKER-USER of \(part.place.name) stays, with its jump: there are rules of others",
            notes: HostFindings.shortened(rules).map { Note($0) })
    }
}

extension DiagnosticError {
    fileprivate static func dockerSilent() -> DiagnosticError {
        DiagnosticError(
            .host, "docker-nft-engine", "no daemon answers, so it is not known which rules and interfaces are Docker's",
            notes: ["start Docker first; nothing was changed"])
    }

    fileprivate static func dockerUndecided(_ finding: DockerBackendFinding) -> DiagnosticError {
        DiagnosticError(
            .host, "docker-backend-unclear",
            "where Docker's rules stand cannot be told, so neither can what is left behind",
            notes: finding.signs.map(\.text) + ["nothing was changed"])
    }
}
