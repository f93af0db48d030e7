internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import JSONC

/// The command `seawall boot`.
struct BootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boot", abstract: "Load the last confirmed state: what the boot unit calls.",
        discussion: """
            With iptables DOCKER-USER and its jump are made where Docker has not made them yet. A change that nobody confirmed \
            before the host went down is forgotten. Without a confirmed state nothing is done. Needs root.
            """)

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = ManagedHost(kernel.namespace)
        let booted = try await Interruption.heldOff {
            try await BootHost(host).run { state in
                var watch = Stopwatch()
                let deployable = try await Deployable.stored(state, host.store, &watch)
                _ = try await LoadRules(deployable: deployable, host: host, withoutDocker: true).run(
                    basis: nil, &watch)
                try await LiveProof(deployable: deployable, host: host).run()
                // Only behind the table: it sets the mark that the rule accepts.
                if let mark = state.settings.acceptMark, let way = try MigrateBack.inForce(host) {
                    try await MarkRule(host).restore(mark, way.taken)
                }
            }
        }
        if output.json {
            let number: JSONValue = booted.map { .integer(Int64($0.number)) } ?? .null
            let report: JSONValue = ["outcome": booted == nil ? "nothing" : "loaded", "state": number]
            return try Terminal.write(Report.text(report))
        }
        guard let booted else { return try Terminal.write("no state is confirmed: nothing was loaded\n") }
        try Terminal.write("state \(booted.number) (\(booted.policy)) is in force\n")
    }
}
