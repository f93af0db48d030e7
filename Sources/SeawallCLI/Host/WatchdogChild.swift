internal import Deployment
internal import NFTablesBackend

/// The hidden command `seawall __watchdog FOLDER STATE [NAMESPACE]`: brings the host back unless the state is confirmed.
enum WatchdogChild {
    /// Does it; gives the exit code.
    static func run(_ arguments: [String]) async -> Int32 {
        guard (2...3).contains(arguments.count), let target = Int(arguments[1]) else { return 2 }
        WatchdogProcess.leaveSession()
        var host = ManagedHost(arguments.count == 3 ? NetworkNamespace(arguments[2]) : nil)
        host.store = StateStore(StateDirectory(arguments[0]))
        do {
            try await WatchdogDuty(host, target: target).run()
            return 0
        } catch {
            // The log in the state directory says why; nobody listens here.
            return 4
        }
    }
}
