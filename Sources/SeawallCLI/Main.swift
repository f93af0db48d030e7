internal import ArgumentParser
internal import CLinux
internal import Deployment
internal import Diagnostics
internal import Glibc

@main
enum Main {
    /// Serves a call of the executable to itself, or runs the command line.
    static func main() async {
        ChildCommands.runIfCalled()
        if CommandLine.arguments.dropFirst().first == WatchdogProcess.command {
            exit(await WatchdogChild.run(Array(CommandLine.arguments.dropFirst(2))))
        }
        seawall_use_few_arenas()
        exit(await run())
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
