internal import IPTablesBackend

/// Which iptables a daemon finds in its `PATH`.
///
/// The links are followed, and nothing is run: who can start a daemon's program has not chosen what Seawall runs as root.
struct DaemonPath {
    private let files: any HostFiles
    private let daemon: DockerProcesses.Daemon

    init(_ daemon: DockerProcesses.Daemon, files: any HostFiles) {
        self.daemon = daemon
        self.files = files
    }

    /// The sign, if the name of the program behind the links tells.
    var sign: DockerBackendSign? {
        guard let (link, program) = resolved else { return nil }
        let text = "dockerd finds \(link), which is \(program)"
        if program.contains("legacy") { return DockerBackendSign(.path, [.legacy, .nftables], text) }
        if program.contains("nft") { return DockerBackendSign(.path, [.nft, .nftables], text) }
        return nil
    }

    /// The first `iptables` in the path, and the name of the file in which its links end.
    private var resolved: (String, Substring)? {
        // The daemon may see other files than we do.
        let root = "/proc/\(daemon.pid)/root"
        for folder in (daemon.path ?? "").split(separator: ":") {
            let link = "\(folder)/iptables"
            guard files.status(of: root + link) != nil || files.target(of: root + link) != nil else { continue }
            var path = link
            for _ in 0..<16 {
                guard let target = files.target(of: root + path) else { break }
                let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
                path = target.hasPrefix("/") ? target : "\(parent)/\(target)"
            }
            return path.split(separator: "/").last.map { (link, $0) }
        }
        return nil
    }
}
