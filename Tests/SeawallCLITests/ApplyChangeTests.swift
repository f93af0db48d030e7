import JSONC
import TestSupport
import Testing

/// What `seawall apply` says of what it changes in an nft table, and how long it took.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct ApplyChangeTests {
    /// Rules that drop what comes from some addresses.
    private func rules(_ addresses: [String]) -> String {
        """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER-USER - [0:0]
        -A FORWARD -j DOCKER-USER
        \(addresses.map { "-A DOCKER-USER -s \($0)/32 -j DROP" }.joined(separator: "\n"))
        COMMIT

        """
    }

    private func apply(
        _ addresses: [String], _ options: String..., in namespace: TestNamespace
    ) async throws -> ShellOutcome {
        try await withFolder { (folder: TestFolder) async throws in
            let file = try folder.write("rules.v4", rules(addresses))
            return try await run(
                Executable.path, ["apply", file, "--backend", "nft", "--netns", namespace.name] + options)
        }
    }

    @Test func saysWhatChanges() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let before = (1...20).map { "192.0.2.\($0 * 3)" }
            let after = before.dropFirst() + ["198.51.100.1"]
            let first = try await apply(before, in: namespace)
            #expect(
                first.output == """
                    loaded Imported into nft, table inet seawall: 1 rule
                      the whole table: it is not there yet
                    state 1 is in force

                    """, "\(first.summary)")
            #expect(
                try await apply(before, in: namespace).output
                    == "nothing to change for Imported in nft, table inet seawall: 1 rule\nstate 2 is in force\n")
            let planned = try await apply(Array(after), "--dry-run", in: namespace)
            #expect(
                planned.output.hasSuffix(
                    """
                    would change elements for Imported in nft, table inet seawall: 1 rule
                      2 elements of the set 'drop-saddr4-32-1': 1 added, 1 removed

                    """), "\(planned.output.suffix(300))")
            #expect(
                try await apply(Array(after), in: namespace).output == """
                    changed elements for Imported in nft, table inet seawall: 1 rule
                      2 elements of the set 'drop-saddr4-32-1': 1 added, 1 removed
                    state 3 is in force

                    """)
            #expect(
                try await apply(Array(after), "--replace", in: namespace).output == """
                    loaded Imported into nft, table inet seawall: 1 rule
                      the whole table: it was asked for
                    state 4 is in force

                    """)
        }
    }

    @Test func saysItAsJSON() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let addresses = (1...20).map { "192.0.2.\($0 * 3)" }
            let first = try JSONValue.parse(try await apply(addresses, "--json", in: namespace).output)
            #expect(
                first["results"]?.array?.first?["change"] == ["kind": "table", "reason": "it is not there yet"])
            #expect(first["timings"] == nil)
            let outcome = try await apply(addresses + ["198.51.100.1"], "--json", "--timings", in: namespace)
            let second = try JSONValue.parse(outcome.output)
            #expect(
                second["results"]?.array?.first?["change"]
                    == [
                        "kind": "elements",
                        "sets": [
                            [
                                "kind": "set", "name": "drop-saddr4-32-1", "added": 1, "removed": 0, "changed": 0,
                                "refilled": false,
                            ]
                        ],
                    ])
            guard case .object(let parts)? = second["timings"] else {
                Issue.record("\(outcome.output)")
                return
            }
            #expect(
                parts.map(\.key) == [
                    "compile", "facts", "proof", "listing", "comparing", "transaction", "reading_back",
                    "proof_of_live", "leftovers", "total",
                ])
            guard case .double(let transaction)? = second["timings"]?["transaction"] else { return }
            #expect(transaction > 0)
        }
    }

    @Test func saysHowLongItTook() async throws {
        try await withNamespace { (namespace: TestNamespace) async throws in
            let outcome = try await apply(["192.0.2.1"], "--timings", in: namespace)
            let lines = outcome.output.split(separator: "\n").dropFirst(3)
            #expect(lines.count == 10 && lines.allSatisfy { $0.hasPrefix("  ") && $0.hasSuffix(" ms") }, "\(lines)")
            #expect(lines.last?.hasPrefix("  total ") == true)
        }
    }

    @Test func replacingIsForNFT() async throws {
        let outcome = try await run(Executable.path, ["apply", "-", "--backend", "iptables", "--replace"], input: "")
        #expect(
            outcome.errors.contains("--replace is for nft: iptables' chains are always loaded whole"),
            "\(outcome.summary)")
    }
}
