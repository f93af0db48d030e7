internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import PacketModel
internal import Semantics

/// The command `seawall status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether the host still treats packets as the applied policy does.",
        discussion: """
            What the kernel holds is compared by its meaning with the policy that was applied last: which traffic is treated \
            otherwise, by which rule, and how to put that right. Rules that are only written otherwise are a note. With \
            --policy and --backend another policy is expected. Nothing is changed. Needs root.

            The exit code is 0 in sync, 1 drifted, 4 if the host or what was applied cannot be read, 5 if it could not be found out.
            """)

    @OptionGroup var expected: NamedPolicyOptions

    @Option(help: ArgumentHelp("How many differences are listed; the others are counted.", valueName: "number"))
    var limit = 20

    @Option(
        help: ArgumentHelp(
            "How many edges the decision diagrams may have before the answer is 'undecided'.", valueName: "edges"))
    var budget = ProofOptions.usualBudget

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit: expected at least 1 difference") }
        guard budget > 0 else { throw ValidationError("--budget: expected at least 1 edge") }
    }

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        let (deployable, state) = try await expected.load(
            host, netns: kernel.netns, listeners: try await HostView.read(host).listeners)
        let status = try await Progress.during("comparing what is live with the policy") {
            try await HostStatus.read(
                deployable, state, on: host, ProofOptions(strictness: .reject, budget: budget), limit: limit)
        }
        let report = StatusReport(
            status: status, named: expected.policy, pending: try pending(host), netns: kernel.netns)
        try Terminal.write(output.json ? Report.text(report.json) : report.text)
        if report.outcome != .inSync { throw ExitCode(report.outcome.exitCode) }
    }

    /// A change that waits to be confirmed, or was cut short.
    private func pending(_ host: ManagedHost) throws -> String? {
        guard let change = try host.store.pendingChange() else { return nil }
        guard change.phase == .unconfirmed, let left = change.left(host.clock) else {
            return "the change to state \(change.target) was not finished: `seawall recover` finishes or undoes it"
        }
        return "state \(change.target) goes back in \(left.components.seconds) s unless `seawall confirm` keeps it"
    }
}
