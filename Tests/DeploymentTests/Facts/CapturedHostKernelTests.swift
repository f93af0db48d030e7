import Diagnostics
import JSONC
import NFTablesBackend
import PacketModel
import TestSupport
import Testing

@testable import Deployment

/// The tables of captured hosts in namespaces of this kernel, read back by the real tools.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason)) struct CapturedHostKernelTests {
    @Test("the kernel tells what was captured, and the same stands in the way", arguments: CapturedHost.all)
    func isReadBack(_ host: CapturedHost) async throws {
        let fake = try host.fake()
        let captured = try await HostFacts.read(fake.sources)
        try await withNamespace { namespace in
            try await host.load(into: namespace)
            let live = try await HostFacts.read(
                FactSources(
                    tools: CapturedTools(fake: fake, namespace: namespace.namespace),
                    nft: CapturedNFT(namespace: namespace.namespace), files: fake))
            for (a, b) in zip(captured.iptables, live.iptables) {
                // The order of tables is that in which the kernel made them.
                #expect(a.rules.map(\.tables).value?.sorted() == b.rules.map(\.tables).value?.sorted(), "\(a.name)")
                #expect(a.rules.map { $0.apart() } == b.rules.map { $0.apart() }, "\(a.name)")
            }
            #expect(others(captured) == others(live))
            #expect(captured.docker.backend.outcome == live.docker.backend.outcome)
            #expect(captured.docker.backend.signs == live.docker.backend.signs)
            #expect(captured.docker == live.docker)
            #expect(captured.forwarding == live.forwarding)
            #expect(
                DockerNFTablesReadiness.find(captured, files: fake) == DockerNFTablesReadiness.find(live, files: fake))
            #expect(try account(captured, try filters(of: host)) == account(live, try await filters(in: namespace)))
        }
    }

    @Test("what is found on each, and what would be taken away, is as recorded")
    func isAsRecorded() async throws {
        var lines: [String] = []
        for host in CapturedHost.all {
            let fake = try host.fake()
            let facts = try await HostFacts.read(fake.sources)
            lines.append("\(host.name): \(facts.docker.backend.backend?.description ?? "undecided")")
            lines += DockerNFTablesReadiness.find(facts, files: fake).map { "  \($0.severity.rawValue): \($0.message)" }
            lines += try account(facts, try filters(of: host)).map { "  " + $0 }
        }
        let mismatch = Golden.mismatch(lines.joined(separator: "\n") + "\n", "Host/captured.txt")
        #expect(mismatch == nil, "\(mismatch ?? "")")
    }

    /// The chains of nft; the tools of iptables-nft make more of their own than are listed.
    private func others(_ facts: HostFacts) -> [HookChain] {
        (facts.nftables.chains.value ?? []).filter { $0.owner != .iptables }
    }

    private func filters(of host: CapturedHost) throws -> [IPTablesFilter] {
        try host.saves.map { tool, text in
            try IPTablesFilter(
                tool.hasSuffix("nft") ? .nft : .legacy, tool.hasPrefix("ip6") ? .ip6 : .ip, listing: text)
        }
    }

    private func filters(in namespace: TestNamespace) async throws -> [IPTablesFilter] {
        var result: [IPTablesFilter] = []
        for variant in IPTablesVariant.allCases {
            for family in AddressFamily.allCases {
                result.append(
                    try await IPTablesFilter.read(
                        variant, family, tools: HostTools(executable: TestExecutable.path), in: namespace.namespace))
            }
        }
        return result
    }

    /// What `--fix` would take away, and what it would leave.
    private func account(_ facts: HostFacts, _ filters: [IPTablesFilter]) throws -> [String] {
        let found: DockerLeftovers
        do {
            found = try DockerLeftovers.find(facts, filters, links: ["lo", "eth0", "docker0", "br-app", "br-lan"])
        } catch {
            return error.diagnostics.map { "refused: \($0.message)" }
        }
        let fixes = found.parts.map { part in
            let policy = part.place.opensPolicy ? ["policy"] : []
            let chain = part.place.dockerUser == nil ? [] : ["DOCKER-USER"]
            return "fix \(part.place.name): \((policy + chain).joined(separator: ", "))"
        }
        return fixes + found.left.map { "left: \($0.message)" }
            + ["interfaces: \(found.docker.joined(separator: " ")) but \(found.others.joined(separator: " "))"]
    }
}

extension CapturedHost {
    /// Loads its tables and settings into a namespace, with the tools that had printed them.
    fileprivate func load(into namespace: TestNamespace) async throws {
        for (name, value) in settings { try await namespace.shell("sysctl -qw \(name)=\(value)") }
        for (tool, text) in saves where !text.isEmpty {
            try await namespace.shell("\(tool)-restore", input: text)
        }
        let tables = text("nft-ruleset.txt")
        guard !tables.isEmpty else { return }
        try await namespace.shell("nft -f -", input: ListedTables.loadable(tables))
    }
}

/// The tools of this host in a namespace; Docker answers what was captured.
private struct CapturedTools: HostToolRunner {
    let fake: FakeHost
    let namespace: NetworkNamespace

    var isPrivileged: Bool { true }

    func path(of tool: String) -> String? {
        tool == "docker" ? "/usr/bin/docker" : HostTools(executable: TestExecutable.path).path(of: tool)
    }

    func run(_ call: HostToolCall) async throws -> HostToolResult {
        if call.tool == "docker" || call.tool == "ip" { return try await fake.run(call) }
        var call = call
        if call.arguments != ["--version"] { call.namespace = namespace }
        return try await HostTools(executable: TestExecutable.path).run(call)
    }
}

/// libnftables in a namespace.
private struct CapturedNFT: NFTReader {
    let runner: NFTProcessRunner

    init(namespace: NetworkNamespace) {
        runner = NFTProcessRunner(executable: TestExecutable.path, namespace: namespace)
    }

    func listChains() async throws -> JSONValue { try await runner.listChains() }

    func list(_ table: NFTTableName, terse: Bool) async throws -> JSONValue? {
        try await runner.list(table, terse: terse)
    }

    func run(_ commands: JSONValue, check: Bool) async throws -> NFTResult {
        throw DiagnosticError(.host, "not-a-reader", "facts are read, and nothing is changed")
    }
}

extension IPTablesRuleFacts {
    /// The facts without the names of the tables.
    fileprivate func apart() -> IPTablesRuleFacts {
        var facts = self
        facts.tables = []
        return facts
    }
}
