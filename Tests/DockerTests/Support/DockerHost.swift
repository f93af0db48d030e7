import PacketLab
import TestSupport
import Testing

/// The host of a lab as Seawall manages it, as fresh as Docker left it.
struct DockerHost {
    typealias Variant = DockerDaemon.Variant

    let lab: DockerLab
    let folder: TestFolder

    /// A fresh host.
    static func with<T>(_ variant: Variant, _ body: (DockerHost) async throws -> T) async throws -> T {
        let labs = try #require(DockerLabsTrait.labs)
        let lab = try await labs.lab(variant)
        return try await withFolder { folder in
            let host = DockerHost(lab: lab, folder: folder)
            try await host.reset()
            return try await body(host)
        }
    }

    /// Takes away what the test before has left: the table, our chains and the rules that lead there, and what is in
    /// `DOCKER-USER`.
    private func reset() async throws {
        let left = try await shell(
            """
            nft delete table inet seawall 2>/dev/null || true
            for tool in iptables-\(lab.daemon.variant) ip6tables-\(lab.daemon.variant); do
                $tool-save -t filter >'\(folder.path)/rules'
                {
                    echo '*filter'
                    sed -n 's/^:\\(SEAWALL[^ ]*\\).*/:\\1 - [0:0]/p' '\(folder.path)/rules'
                    grep -v '^-A SEAWALL' '\(folder.path)/rules' | sed -n 's/^-A \\(.* -[gj] SEAWALL.*\\)/-D \\1/p'
                    sed -n 's/^:\\(SEAWALL[^ ]*\\).*/-X \\1/p' '\(folder.path)/rules'
                    echo COMMIT
                } | $tool-restore --noflush
            done
            \(iptables) -w -F DOCKER-USER; \(iptables) -w -A DOCKER-USER -j RETURN
            ip6="ip6tables-\(lab.daemon.variant) -w"
            if $ip6 -D FORWARD -j DOCKER-USER 2>/dev/null; then $ip6 -F DOCKER-USER; $ip6 -X DOCKER-USER; fi
            { iptables-\(lab.daemon.variant)-save; ip6tables-\(lab.daemon.variant)-save; nft list ruleset; } 2>/dev/null \
                | grep -i -e seawall -e sw: || true
            """)
        try #require(left.isEmpty, "\(left)")
    }

    /// The command for IPv4.
    var iptables: String { "iptables-\(lab.daemon.variant)" }

    /// Runs a shell script on the host, which has to succeed.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        let outcome = try await run(
            "/sbin/ip", ["netns", "exec", lab.daemon.host.name, "sh", "-ec", script])
        try #require(outcome.status == 0, "\(script): \(outcome.errors)")
        return outcome.output
    }

    /// Waits until our table is there.
    func waitForTable() async throws {
        try await shell(
            """
            for i in $(seq 400); do nft list table inet seawall >/dev/null 2>&1 && exit 0; sleep 0.05; done; exit 1
            """)
    }

    // MARK: - Commands

    /// Runs `seawall` on the host.
    @discardableResult
    func seawall(_ arguments: String...) async throws -> ShellOutcome { try await seawall(arguments) }

    /// Runs `seawall`, which has to succeed; gives what it wrote.
    @discardableResult
    func must(_ arguments: String...) async throws -> String {
        let outcome = try await seawall(arguments)
        try #require(outcome.status == 0, "\(arguments): \(outcome.status) \(outcome.errors)\(outcome.output)")
        return outcome.output
    }

    func seawall(_ arguments: [String]) async throws -> ShellOutcome {
        var variables = lab.daemon.environment
        variables["SEAWALL_STATE_DIR"] = folder.path + "/state"
        return try await run(
            Executable.path, arguments + ["--netns", lab.daemon.host.name], environment: variables)
    }
}
