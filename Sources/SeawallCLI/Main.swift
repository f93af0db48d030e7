internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import Glibc
internal import NFTablesBackend
internal import PolicyLoading

@main
enum Main {
    /// Runs a child of our own if the first word names one, and the command line otherwise.
    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        let rest = Array(words.dropFirst())
        switch words.first {
        case PolicySandbox.command: PolicySandbox.run(rest)
        case NFTChild.command: NFTChild.run()
        case NamespaceChild.command: NamespaceChild.run(rest)
        default: exit(await run())
        }
    }

    private static func run() async -> Int32 {
        // A reader that goes away (`| head`) is told of by an error of the write, not by the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try SeawallCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            return Failure.report(error)
        }
    }
}
