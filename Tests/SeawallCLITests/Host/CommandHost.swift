import TestSupport

/// A network namespace that stands for a host with Docker, and a folder for what Seawall keeps of it.
struct CommandHost {
    let namespace: TestNamespace
    let folder: TestFolder
    /// `legacy` or `nft`.
    let variant: String

    /// The tools of the variant, IPv4 first.
    var tools: [String] { ["iptables-\(variant)", "ip6tables-\(variant)"] }

    /// What Docker makes: `DOCKER-USER` and its jump, with rules of others in it.
    func docker(_ rules: [String] = [], ip6 others: [String] = []) async throws {
        for (tool, rules) in zip(tools, [rules, others]) {
            let lines =
                ["*filter", ":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER"]
                + rules.map { "-A DOCKER-USER \($0)" } + ["COMMIT", ""]
            try await namespace.must("\(tool)-restore --noflush", input: lines.joined(separator: "\n"))
        }
    }

    /// Runs a command of ours about this host.
    func seawall(_ arguments: String...) async throws -> ShellOutcome {
        try await run(
            Executable.path, arguments + ["--netns", namespace.name],
            environment: ["SEAWALL_STATE_DIR": folder.path + "/state"], folder: folder.path)
    }

    /// Runs a command that has to succeed.
    @discardableResult
    func must(_ arguments: String...) async throws -> String {
        let outcome = try await run(
            Executable.path, arguments + ["--netns", namespace.name],
            environment: ["SEAWALL_STATE_DIR": folder.path + "/state"], folder: folder.path)
        guard outcome.status == 0 else { throw ShellFailure(description: "\(arguments): \(outcome.summary)") }
        return outcome.output
    }

    /// Everything that a command could have changed: both iptables and which tables are there, nftables, sysctls, and what is kept.
    func everything() async throws -> String {
        try await namespace.must(
            """
            cat /proc/net/ip_tables_names /proc/net/ip6_tables_names
            for tool in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
                echo "== $tool"; $tool-save -c 2>/dev/null | grep -v '^#' || true
            done
            nft list ruleset 2>/dev/null
            sysctl -a 2>/dev/null | grep -E '^net\\..*(forward|bridge|nf_conntrack_max|route_localnet|rp_filter)'
            find '\(folder.path)' -type f -exec sha256sum {} + | sort
            find '\(folder.path)' -printf '%p %m %T@\\n' | sort
            """)
    }
}

/// Makes a host, and removes it whatever happens.
func withHost(_ variant: String = "legacy", _ body: (CommandHost) async throws -> Void) async throws {
    try await withNamespace { (namespace: TestNamespace) async throws in
        try await withFolder { (folder: TestFolder) async throws in
            try await body(CommandHost(namespace: namespace, folder: folder, variant: variant))
        }
    }
}

extension TestPolicy {
    /// Drops a network, allows HTTPS, allows 8080 from an office, and drops the rest.
    static func office(blocked: String = "192.0.2.0/24", from office: String = "203.0.113.0/24") -> TestPolicy {
        TestPolicy(
            #""verdict":"drop","from":"\#(blocked)","comment":"blocklist""#,
            #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#,
            #""verdict":"allow","services":[{"protocol":"tcp","ports":8080}],"from":"\#(office)""#,
            #""verdict":"drop","default":true"#)
    }
}
