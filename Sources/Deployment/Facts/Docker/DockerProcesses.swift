internal import NFTablesBackend

/// The processes of Docker that work in the network namespace in question.
struct DockerProcesses: Hashable, Sendable {
    /// A daemon.
    struct Daemon: Hashable, Sendable {
        /// The number of the process.
        var pid: String
        /// Its arguments, without its name.
        var arguments: [String]
        /// Where it looks for programs; nothing, if that cannot be read.
        var path: String?
    }

    /// The daemons.
    var daemons: [Daemon] = []
    /// The arguments of each docker-proxy, without its name.
    var proxies: [[String]] = []

    /// The only daemon; nothing if there is none, or more than one.
    var daemon: Daemon? { daemons.count == 1 ? daemons.first : nil }
}

extension DockerProcesses {
    /// Looks through `/proc`.
    ///
    /// A process counts only if it is root's and its program bears the right name, whatever it calls itself: anybody can name
    /// a process `docker-proxy`.
    static func read(_ sources: FactSources) -> DockerProcesses {
        let files = sources.files
        guard let namespace = files.status(of: sources.namespace?.path ?? "/proc/self/ns/net") else {
            return DockerProcesses()
        }
        var found = DockerProcesses()
        let numbers = files.names(in: "/proc").filter { $0.utf8.allSatisfy { (48...57).contains($0) } }
        for pid in numbers.sorted(by: { ($0.count, $0) < ($1.count, $1) }) {
            guard let name = files.text(of: "/proc/\(pid)/comm")?.split(separator: "\n").first,
                name == "dockerd" || name == "docker-proxy",
                files.status(of: "/proc/\(pid)")?.owner == 0,
                program(files.target(of: "/proc/\(pid)/exe")) == name,
                files.status(of: "/proc/\(pid)/ns/net")?.number == namespace.number
            else { continue }
            let arguments = words(files, "/proc/\(pid)/cmdline").dropFirst()
            if name == "docker-proxy" {
                found.proxies.append(Array(arguments))
            } else {
                let path = words(files, "/proc/\(pid)/environ").first { $0.hasPrefix("PATH=") }
                found.daemons.append(
                    Daemon(pid: pid, arguments: Array(arguments), path: path.map { String($0.dropFirst(5)) }))
            }
        }
        return found
    }

    /// The name of the file of a program, which may have been replaced since.
    private static func program(_ path: String?) -> Substring? {
        guard var path = path.map({ $0[...] }) else { return nil }
        if path.hasSuffix(" (deleted)") { path = path.dropLast(" (deleted)".count) }
        return path.split(separator: "/").last
    }

    private static func words(_ files: any HostFiles, _ path: String) -> [String] {
        (files.contents(of: path) ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension DockerProcesses.Daemon {
    /// The value of an option: `--name=value`, `--name value`, or `true` for a bare `--name`.
    func option(_ name: String, isFlag: Bool = false) -> String? {
        for (index, word) in arguments.enumerated() {
            if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
            if word == "--\(name)" {
                if isFlag { return "true" }
                return index + 1 < arguments.count ? arguments[index + 1] : nil
            }
        }
        return nil
    }
}
