internal import ArgumentParser
internal import Deployment
internal import JSONC

/// The command `seawall recover`.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Finish or undo a change that was cut short.",
        discussion: """
            After a crash the host holds the former rules, the new ones, or the rules of one family from each. This brings it \
            to one end, and says to which: back to what was before, unless the change had been confirmed. Needs root.
            """)

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        let outcome = try await Interruption.heldOff { try await RecoverHost(host).run() }
        try Terminal.write(output.json ? Report.text(json(outcome)) : text(outcome))
    }

    private func text(_ outcome: RecoverHost.Outcome) -> String {
        switch outcome {
        case .nothing: "nothing to recover: no change of this host was cut short\n"
        case .waiting(let target, let left):
            "nothing to recover: state \(target) waits to be confirmed, \(left.seconds) s are left\n"
        case .finished(let target): "state \(target) had been confirmed: it stays\n"
        case .undone(let target): "state \(target) is undone: the host is as it was before\n"
        case .forgotten(let target):
            "state \(target) was of a former boot, and is forgotten: `seawall boot` loads the last confirmed state\n"
        }
    }

    private func json(_ outcome: RecoverHost.Outcome) -> JSONValue {
        switch outcome {
        case .nothing: ["outcome": "nothing"]
        case .waiting(let target, let left):
            ["outcome": "waiting", "state": .integer(Int64(target)), "secondsLeft": .integer(left.seconds)]
        case .finished(let target): ["outcome": "finished", "state": .integer(Int64(target))]
        case .undone(let target): ["outcome": "undone", "state": .integer(Int64(target))]
        case .forgotten(let target): ["outcome": "forgotten", "state": .integer(Int64(target))]
        }
    }
}
