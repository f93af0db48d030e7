internal import ArgumentParser
internal import JSONC

/// The command `seawall completions`.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Write the completion script of a shell.",
        discussion: "For bash: seawall completions bash > /etc/bash_completion.d/seawall")

    /// The shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup var output: OutputOptions

    func run() throws {
        let script = SeawallCommand.completionScript(for: CompletionShell(rawValue: shell.rawValue) ?? .bash)
        try Terminal.write(
            output.json
                ? Report.text(["outcome": "ok", "shell": .string(shell.rawValue), "script": .string(script)])
                : script + "\n")
    }
}
