internal import Deployment
internal import NFTablesBackend
internal import PolicyLoading

/// The commands in which the executable calls itself; no part of the command line.
enum ChildCommands {
    /// Serves such a call and ends the process; comes back from every other call.
    static func runIfCalled(_ arguments: [String] = CommandLine.arguments) {
        switch arguments.dropFirst().first {
        case NFTChild.command: NFTChild.run()
        case PolicySandbox.command: PolicySandbox.run(Array(arguments.dropFirst(2)))
        case ConnectionProbe.command: ConnectionProbe.serve(Array(arguments.dropFirst(2)))
        case NamespaceChild.command: NamespaceChild.run(Array(arguments.dropFirst(2)))
        default: return
        }
    }
}
