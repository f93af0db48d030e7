internal import Glibc
internal import PacketModel

/// A Docker host in miniature: a router between outside clients and containers, each in a network namespace of its own.
///
/// ```
/// client 192.168.0.1 ──┐                          ┌── web 172.18.0.2
///                      ├── eth0 router docker0 ───┤
/// stranger 192.168.0.99┘   eth1        br-db ──┐  └── peer 172.18.0.3
/// neighbour 192.168.1.1 ────┘                  └── database 172.19.0.2
/// ```
///
/// The router forwards both families, publishes ports by DNAT as Docker does, and holds an empty `DOCKER-USER` in
/// iptables-legacy. Nothing of it touches the namespace of the host.
package final class Lab: Sendable {
    /// The ports that the router publishes.
    package let published: [PublishedPort]
    /// A folder for files of the lab; it is removed with the lab.
    package let folder: String
    let servers: Servers
    let sniffers: [Host: Sniffer]
    private let namespace: @Sendable (Host) -> Namespace
    private let reaper: Reaper

    /// Builds a lab; if that fails half way, nothing stays.
    ///
    /// - Parameters:
    ///   - name: what the names of its namespaces begin with.
    ///   - published: the ports that the router publishes.
    /// - Throws: `LabError` of the step that failed.
    package init(name: String = Lab.newName(), publishing published: [PublishedPort] = PublishedPort.usual) throws {
        self.published = published
        folder = "/tmp/" + name
        let reaper = try Reaper(namespaces: Host.allCases.map { "\(name)-\($0.rawValue)" }, folder: folder)
        self.reaper = reaper
        let namespace = { @Sendable (host: Host) in
            Namespace(name: "\(name)-\(host.rawValue)", lifeline: reaper.lifeline)
        }
        self.namespace = namespace
        do {
            _ = try check(mkdir(folder, 0o700), "create \(folder)")
            try Wiring(namespace: namespace).build()
            servers = try Servers(published: published, namespace: namespace)
            sniffers = try Dictionary(
                uniqueKeysWithValues: Host.allCases.filter { $0 != .router && $0 != .wire }
                    .map { ($0, try Sniffer(in: namespace($0))) })
        } catch {
            reaper.finish()
            throw error
        }
        do { try resetFirewall() } catch {
            reaper.finish()
            throw error
        }
    }

    /// Removes the lab: namespaces, and with them links, rules and sockets' traffic, and the folder.
    package func close() { reaper.finish() }

    /// The namespace of a machine.
    package subscript(host: Host) -> Namespace { namespace(host) }

    /// A name that no other lab has: `seawall-` and a random word.
    package static func newName() -> String { "seawall-" + String(UInt32.random(in: 0 ... .max), radix: 36) }

    /// Whether this process may make namespaces.
    package static var isPossible: Bool { geteuid() == 0 }
}
