internal import ArgumentParser
internal import Deployment

/// The command `seawall show loaded`, which `seawall show` alone means.
struct ShowLoadedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loaded", abstract: "Show what of Seawall's is loaded in the kernel.",
        discussion: "Reads with the -save tools and libnftables, and changes nothing. Needs root.")

    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let namespace = kernel.namespace
        let state = try await LoadedState.read(
            tools: HostTools(), nft: NFTProcessRunner(namespace: namespace), namespace: namespace)
        try Terminal.write(output.json ? Report.text(state.json) : state.text)
    }
}
