internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import JSONC

/// The command `seawall confirm`.
struct ConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Keep what 'apply --confirm-within' loaded.",
        discussion: """
            Confirm from a new connection: one that was open before says nothing of whether another can be made. With --probe \
            it is confirmed only if this host can open a TCP connection to the address first, of a machine that has to be \
            reached. Needs root.
            """)

    @Option(
        help: ArgumentHelp(
            "Confirm only if a TCP connection to this address can be opened: 192.0.2.1:443, [2001:db8::1]:22.",
            valueName: "address:port"))
    var probe: ProbeArgument?

    @Option(help: ArgumentHelp("How long that may take: 5s.", valueName: "time"))
    var probeWithin = DurationArgument(.seconds(5))

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        let state = try await Interruption.heldOff {
            try await ConfirmChange(host).run {
                guard let probe else { return }
                let connection = ConnectionProbe(probe.address, probe.port, within: probeWithin.duration)
                try await connection.run(in: host.namespace)
            }
        }
        if output.json {
            let report: JSONValue = [
                "outcome": "confirmed", "state": .integer(Int64(state.number)), "policy": .string(state.policy),
            ]
            return try Terminal.write(Report.text(report))
        }
        try Terminal.write("state \(state.number) (\(state.policy)) is confirmed: it stays, also over a reboot\n")
    }
}
