internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import PacketModel

/// The command `seawall counters`.
struct CountersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counters", abstract: "Say how many packets each rule of the applied policy has seen.",
        discussion: """
            Packets and bytes for each line of the policy, in its order, both families together, since the rules were loaded. \
            Lines whose rules became one share a counter, and stand together. Under nft rules count only if they were applied with \
            '--counters rule'. Nothing is changed. Needs root.
            """)

    @OptionGroup var expected: NamedPolicyOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        let (deployable, _) = try await expected.load(host, netns: kernel.netns)
        let report = CountersReport(
            counters: try await read(deployable, host), policy: deployable.pipeline.ruleset.name)
        if output.json {
            try Terminal.write(Report.text(report.json))
        } else {
            Terminal.show(report.warnings)
            try Terminal.write(report.text)
        }
    }

    private func read(_ deployable: Deployable, _ host: ManagedHost) async throws -> PolicyCounters {
        switch deployable.emission {
        case .iptables(let programs):
            let filters = try await LiveRules.filters(
                programs.map(\.family).sorted(), variant: deployable.settings.variant, tools: host.tools,
                in: host.namespace)
            return PolicyCounters(
                LiveCount.all(filters), deployable, places: filters.map { $0.variant.name($0.family) })
        case .nft:
            return PolicyCounters(try await LiveCount.all(runner: host.nft), deployable, places: ["nft"])
        }
    }
}
