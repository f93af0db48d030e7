import TestSupport
import Testing

/// What is written for boot services loads as the first thing, with their own commands, and closes nothing by itself.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct BootFileTests {
    @Test(arguments: ["sysconfig", "netfilter-persistent"]) func iptablesFilesAreAFirstLoad(service: String)
        async throws
    {
        try await withNamespace { (namespace: TestNamespace) async throws in
            for (family, tool) in [("ip", "iptables-legacy"), ("ip6", "ip6tables-legacy")] {
                let text = try await compile("--for", service, "--family", family)
                let listing = try await namespace.must("\(tool)-restore; \(tool)-save -t filter", input: text)
                let lines = listing.split(separator: "\n").filter { !$0.hasPrefix("#") }
                #expect(
                    lines.contains(":INPUT ACCEPT [0:0]") && lines.contains(":FORWARD ACCEPT [0:0]")
                        && lines.contains(":OUTPUT ACCEPT [0:0]"))
                #expect(lines.contains("-A FORWARD -j DOCKER-USER"))
                #expect(lines.count { $0.hasPrefix("-A DOCKER-USER ") } == 4)
            }
        }
    }

    @Test func aPolicyOfABuiltInChainStays() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let text = try await compile("--for", "sysconfig", "--family", "ip")
            let listing = try await namespace.must(
                "iptables-legacy -P FORWARD DROP; iptables-legacy-restore; iptables-legacy-save -t filter", input: text)
            #expect(listing.contains(":FORWARD DROP"))
        }
    }

    @Test func theTableIsAFirstLoadAndAReload() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let text = try await compile("--for", "nftables-service")
            try await withFolder { (folder: TestFolder) async throws in
                let file = try folder.write("seawall.nft", text)
                let first = try await namespace.must("nft -f '\(file)'; nft list ruleset")
                #expect(first.contains("type filter hook forward priority filter - 10; policy accept;"))
                #expect(try await namespace.must("nft -f '\(file)'; nft list ruleset") == first)
            }
        }
    }

    @Test func rulesInAChainOfTheirOwnLeaveTheOthersAlone() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let outcome = try await run(
                Executable.path, ["compile", "-", "--backend", "iptables", "--family", "ip", "--layout", "own-chain"],
                input: TestPolicy.simple.document)
            let listing = try await namespace.must(
                """
                iptables-legacy -N DOCKER-USER; iptables-legacy -A DOCKER-USER -s 192.0.2.1 -j DROP
                iptables-legacy-restore --noflush; iptables-legacy-save -t filter
                """, input: outcome.output)
            let user = listing.split(separator: "\n").filter { $0.hasPrefix("-A DOCKER-USER") }
            #expect(
                user == [
                    "-A DOCKER-USER -m comment --comment \"sw:jump\" -j SEAWALL",
                    "-A DOCKER-USER -s 192.0.2.1/32 -j DROP",
                ])
        }
    }

    private func compile(_ options: String...) async throws -> String {
        let outcome = try await run(Executable.path, ["compile", "-"] + options, input: TestPolicy.simple.document)
        #expect(outcome.summary == "exit 0\n")
        return outcome.output
    }
}
