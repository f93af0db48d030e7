internal import Diagnostics
internal import JSONC

extension HostFacts {
    /// Reads a host, or one of its network namespaces, and leaves no trace there.
    ///
    /// - Parameter sources: from where.
    /// - Returns: the facts; what is missing or fails is part of them.
    /// - Throws: `DiagnosticError` if the namespace cannot be entered, or if nothing at all can be read.
    package static func read(_ sources: FactSources) async throws -> HostFacts {
        async let asked = DockerAnswers.read(sources)
        async let listed = IPTablesFacts.readAll(sources)
        async let chains = NFTablesFacts.read(sources)
        let forwarding = try await ForwardingFacts.read(sources)
        let processes = DockerProcesses.read(sources)
        let nftables = try await chains
        let bridges = try await DockerRuleSigns.bridges(nftables, sources)
        let iptables = try await listed
        let rules = DockerRuleSigns(iptables, bridges: bridges)
        let docker = DockerFacts(try await asked, processes, rules, sources.files)
        let proxies = try await ProxyListeners.read(docker, processes, rules, sources)
        let facts = HostFacts(
            kernel: kernel(sources), nftables: nftables, iptables: iptables, docker: docker, forwarding: forwarding,
            proxyListeners: proxies.listeners, proxyNotes: proxies.notes)
        if facts.isBlank { throw DiagnosticError.nothingToSee() }
        return facts
    }

    private static func kernel(_ sources: FactSources) -> Fact<String> {
        guard let text = sources.files.text(of: "/proc/sys/kernel/osrelease") else {
            return .unknown("/proc/sys/kernel/osrelease cannot be read")
        }
        return .known(String(text.prefix { !$0.isWhitespace }))
    }

    /// Whether nothing at all is known.
    private var isBlank: Bool {
        kernel.value == nil && nftables.command.value == nil && nftables.chains.value == nil
            && iptables.allSatisfy { $0.rules.value == nil && $0.version.value == nil } && docker.version == nil
            && forwarding == ForwardingFacts()
    }
}

extension DiagnosticError {
    static func nothingToSee() -> DiagnosticError {
        DiagnosticError(
            .host, "no-facts", "nothing of this host can be read: neither /proc nor any tool for its firewall",
            notes: ["run seawall on the host itself, as root"])
    }
}
