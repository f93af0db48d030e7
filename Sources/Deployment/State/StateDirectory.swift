internal import Glibc
package import NFTablesBackend

/// Where Seawall keeps what it did to this host: `/var/lib/seawall`, or what `SEAWALL_STATE_DIR` names.
package struct StateDirectory: Hashable, Sendable {
    /// The folder.
    package let path: String

    /// A folder; it need not exist.
    package init(_ path: String) { self.path = path }

    /// The folder that the environment of this process names; of a network namespace one of its own in it.
    package static func ofEnvironment(_ namespace: NetworkNamespace? = nil) -> StateDirectory {
        let named = getenv("SEAWALL_STATE_DIR").map { String(cString: $0) } ?? ""
        let base = named.isEmpty ? "/var/lib/seawall" : absolute(named)
        guard let namespace else { return StateDirectory(base) }
        return StateDirectory("\(base)/netns/\(namespace.name.replacing("/", with: "_"))")
    }

    /// Held by whoever changes the host.
    var lock: String { path + "/lock" }
    /// Which states are in force and confirmed.
    var head: String { path + "/head.json" }
    /// The states, a folder each.
    var states: String { path + "/states" }
    /// The change that is under way.
    var change: String { path + "/change.json" }
    /// What the host held before that change.
    var before: String { path + "/before.json" }

    /// There, where a migration wrote the systemd units.
    var unitsOfMigration: String { path + "/units-of-migration" }
    /// Which process watches over that change.
    var watchdog: String { path + "/watchdog.json" }
    /// What the watchdog has to say.
    package var log: String { path + "/watchdog.log" }

    /// The folder of a state.
    func state(_ number: Int) -> String {
        let digits = String(number)
        return "\(states)/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
