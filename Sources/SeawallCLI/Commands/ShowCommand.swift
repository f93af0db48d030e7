internal import ArgumentParser

/// The command `seawall show`.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what of Seawall's is loaded in the kernel, or what Seawall sees of the host.",
        discussion: "Reads, and changes nothing. Without a subcommand it shows what is loaded.",
        subcommands: [ShowLoadedCommand.self, ShowFactsCommand.self], defaultSubcommand: ShowLoadedCommand.self)
}
