import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// The printer and the reader against iptables-legacy, in namespaces of our own.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct IPTablesSyntaxKernelTests {
    private func tool(_ family: AddressFamily) -> String { family == .ip ? "iptables-legacy" : "ip6tables-legacy" }

    private func saved(_ host: TestNamespace, _ text: String, _ family: AddressFamily) async throws -> String {
        try await host.shell("\(tool(family))-restore; \(tool(family))-save -t filter", input: text)
    }

    private func withoutComments(_ text: String) -> String {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n") + "\n"
    }

    private func file(_ rules: [IPTablesRule], _ family: AddressFamily) -> IPTablesFile {
        var forward = IPTablesFileChain(name: "FORWARD", policy: .accept)
        forward.rules = rules.map { IPTablesFileRule(.rule($0)) }
        let chains = [
            IPTablesFileChain(name: "INPUT", policy: .accept), forward, IPTablesFileChain(name: "OUTPUT", policy: .accept),
            IPTablesFileChain(name: "USER-chain_1"),
        ]
        return IPTablesFile(name: "random", family: family, tables: [IPTablesTable(name: "filter", chains: chains)])
    }

    /// Random rules → text → kernel → text: the same bytes; read again, the same rules.
    @Test(arguments: AddressFamily.allCases, [1, 2, 3] as [UInt64])
    func whatIsPrintedIsWhatSavePrints(family: AddressFamily, seed: UInt64) async throws {
        var random = RandomIPTablesRules(seed: seed, family: family)
        let rules = (0..<400).map { _ in random.rule() }
        let text = file(rules, family).text
        try await withNamespace { host in
            let saved = try await saved(host, text, family)
            let ours = text.split(separator: "\n")
            let theirs = withoutComments(saved).split(separator: "\n")
            for (one, other) in zip(ours, theirs) where one != other { Issue.record("seed \(seed): \(one)\nis saved as \(other)") }
            #expect(ours.count == theirs.count)
            let reading = IPTablesReader.read(Array(saved.utf8), file: "saved", family: family)
            #expect(reading.diagnostics.map(\.text) == [])
            let read = try #require(reading.file(family))
            #expect(read.text == saved)
            let contents = read.table("filter")?.chain("FORWARD")?.rules.map(\.content) ?? []
            for (rule, content) in zip(rules, contents) where .rule(rule) != content {
                Issue.record("seed \(seed):\(rule.text)\nis read as \(content)")
            }
            #expect(contents.count == rules.count)
        }
    }

    /// What a real firewall saves comes back byte for byte, with its counters and all of its tables.
    @Test(arguments: RealisticFirewalls.all)
    func savedFirewallsComeBack(firewall: RealisticFirewalls.Firewall) async throws {
        try await withNamespace { host in
            let tool = tool(firewall.family)
            let saved = try await host.shell("\(tool)-restore; \(tool)-save -c", input: firewall.text)
            let reading = IPTablesReader.read(Array(saved.utf8), file: firewall.name, family: firewall.family)
            #expect(reading.diagnostics.map(\.text) == [])
            #expect(reading.file(firewall.family)?.text == saved)
            // And the text that was loaded is read as the kernel has read it.
            let loaded = IPTablesReader.read(Array(firewall.text.utf8), file: firewall.name, family: firewall.family)
            #expect(loaded.isComplete, "\(loaded.diagnostics.map(\.text))")
            for table in loaded.file(firewall.family)?.tables ?? [] where table.name == "filter" {
                let theirs = reading.file(firewall.family)?.table("filter")
                for chain in table.chains {
                    #expect(chain.rules.map(\.content) == theirs?.chain(chain.name)?.rules.map(\.content) ?? [], "\(chain.name)")
                }
            }
        }
    }
}
