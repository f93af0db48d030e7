internal import ArgumentParser
internal import Deployment

/// The command `seawall show facts`.
struct ShowFactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facts", abstract: "Show what Seawall sees of this host.",
        discussion: """
            Kernel and tools; Docker's version, backend, settings, networks and published ports; forwarding; and what else \
            judges the same packets. Reads alone, and leaves no trace. As root all of it; what cannot be read is said with \
            the reason. The docker command finds its daemon by itself (DOCKER_HOST).
            """)

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let facts = try await HostFacts.read(.host(namespace: kernel.namespace))
        try Terminal.write(output.json ? Report.text(facts.json) : facts.text)
    }
}
