internal import IPTablesBackend
internal import JSONC

/// Decides by several signs together where Docker's rules stand; contradicting ones are reported, never outvoted.
///
/// What the daemon says binds. Translations of ports and the daemon's `PATH` are alive: they change with the backend. The jump
/// to `DOCKER-USER` and the table `docker-bridges` are remains: they decide only what the others leave open.
struct DecideDockerBackend {
    /// The signs.
    let signs: [DockerBackendSign]
    private let writesRules: Bool

    init(_ answers: DockerAnswers, _ rules: DockerRuleSigns, _ settings: DockerSettings, path: DockerBackendSign?) {
        var signs: [DockerBackendSign] = []
        writesRules = settings.writesRules.value
        if !writesRules {
            signs.append(
                DockerBackendSign(
                    .configuration, Set(DockerBackend.allCases),
                    "the daemon is told --iptables=false, and writes no rules"))
        }
        signs += Self.daemon(answers, settings).map { [$0] } ?? []
        signs += Self.translations(rules)
        signs += path.map { [$0] } ?? []
        signs += rules.jumps.map { variant in
            DockerBackendSign(
                .jump, [variant.backend], "FORWARD of iptables-\(variant.rawValue) leads to DOCKER-USER")
        }
        if rules.hasBridgesTable {
            signs.append(DockerBackendSign(.table, [.nftables], "there is a table docker-bridges"))
        }
        self.signs = signs
    }

    /// What the signs tell together.
    var finding: DockerBackendFinding { DockerBackendFinding(outcome, signs: signs) }

    private var outcome: DockerBackendFinding.Outcome {
        if signs.isEmpty || !writesRules { return .unknown }
        let (live, remains) = (signs.filter { !$0.isRemains }, signs.filter(\.isRemains))
        var candidates = Set(DockerBackend.allCases)
        for sign in live { candidates.formIntersection(sign.backends) }
        if candidates.isEmpty || live.count(where: { $0.kind == .translations }) > 1 { return .ambiguous }
        if let only = candidates.first, candidates.count == 1 {
            return contradicts(remains, only) ? .ambiguous : .decided(only)
        }
        candidates.formIntersection(remains.flatMap(\.backends))
        if let only = candidates.first, candidates.count == 1 { return .decided(only) }
        // Nothing but the daemon's word that it is one of two, or remains of more than one.
        return candidates.isEmpty ? .unknown : .ambiguous
    }

    /// Whether what is left behind stands elsewhere, and nothing of the kind where the rules should be.
    private func contradicts(_ remains: [DockerBackendSign], _ backend: DockerBackend) -> Bool {
        if backend == .nftables { return false }
        let jumps = remains.filter { $0.kind == .jump }
        return !jumps.isEmpty && !jumps.contains { $0.backends.contains(backend) }
    }

    // MARK: - Signs

    private static let iptables: Set<DockerBackend> = [.legacy, .nft]

    private static func daemon(_ answers: DockerAnswers, _ settings: DockerSettings) -> DockerBackendSign? {
        guard let info = answers.info else {
            guard let word = settings.firewallBackend.value else { return nil }
            return sign(.configuration, word, "the daemon is told --firewall-backend=\(word)")
        }
        if let driver = info["FirewallBackend"]?["Driver"]?.string, !driver.isEmpty {
            return sign(.daemon, driver, "docker info says \(driver)")
        }
        let version = DockerVersion(info["ServerVersion"]?.string ?? "")
        guard let major = version.major, major < 29 else { return nil }
        return DockerBackendSign(.version, iptables, "Docker \(version) has no nft tables of its own")
    }

    /// A sign from a word such as `iptables+firewalld`.
    private static func sign(_ kind: DockerBackendSign.Kind, _ word: String, _ text: String) -> DockerBackendSign? {
        switch word.split(separator: "+").first {
        case "nftables": DockerBackendSign(kind, [.nftables], text)
        case "iptables": DockerBackendSign(kind, iptables, text)
        default: nil
        }
    }

    private static func translations(_ rules: DockerRuleSigns) -> [DockerBackendSign] {
        var signs = rules.translating.map { variant in
            DockerBackendSign(
                .translations, [variant.backend], "published ports are translated in iptables-\(variant.rawValue)")
        }
        if rules.bridgesTranslate {
            signs.append(
                DockerBackendSign(.translations, [.nftables], "published ports are translated in docker-bridges"))
        }
        return signs
    }
}

extension DockerBackendSign {
    /// Whether it stays behind when the backend is changed.
    fileprivate var isRemains: Bool { kind == .jump || kind == .table }
}

extension IPTablesVariant {
    /// The backend that uses it.
    var backend: DockerBackend { self == .legacy ? .legacy : .nft }
}
