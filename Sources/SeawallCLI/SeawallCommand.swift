internal import ArgumentParser
internal import Seawall

/// The command line: arguments in, text or JSON out; no logic of its own.
struct SeawallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seawall",
        abstract: "A policy compiler for the firewall of Docker hosts.",
        discussion: """
            A policy is written once, in Swift, for IPv4 and IPv6. It becomes iptables rules in DOCKER-USER, or an nft table \
            of its own.

            POLICY is a Swift file, a folder with a policy or a policy package, a policy document (JSON), rules that somebody \
            else wrote (iptables-save, iptables commands, nft as JSON or text), or '-' for one of these on standard input.

            Exit codes: 0 done, 1 findings, 2 usage or unreadable input, 3 refused, 4 host error, 5 undecided.
            """,
        version: "seawall \(seawallVersion)",
        subcommands: [
            InitCommand.self, CheckCommand.self, CompileCommand.self, ExplainCommand.self, ProveCommand.self,
            DiffCommand.self, ImportCommand.self, PlanCommand.self, ApplyCommand.self, ConfirmCommand.self,
            RollbackCommand.self, HistoryCommand.self, RecoverCommand.self, BootCommand.self, InstallCommand.self,
            UninstallCommand.self, MigrateCommand.self, StatusCommand.self, CountersCommand.self, ShowCommand.self,
            CompletionsCommand.self,
        ])
}
