import FoundationEssentials
import Glibc
import Testing

@testable import Deployment

/// A daemon of Docker's in a namespace of its own, with nothing but its own folder on disk.
struct DockerDaemon {
    /// Whether this machine has what it takes.
    static var isInstalled: Bool {
        let programs: [String] = ["/usr/sbin/dockerd", "/bin/busybox", "/usr/bin/nsenter"]
        return programs.allSatisfy { access($0, X_OK) == 0 }
    }
    static let reason: Comment = "needs the Debian packages docker.io and busybox-static"

    let folder: String
    let host: TestNamespace

    /// The socket, as `DOCKER_HOST` names it.
    var socket: String { "unix://\(folder)/sock" }

    /// Runs the docker command.
    @discardableResult
    func docker(_ command: String) async throws -> String {
        try await shell("docker -H \(socket) \(command)")
    }

    /// Runs `seawall` with this daemon as Docker's.
    func seawall(_ command: String) async throws -> String {
        try await shell("DOCKER_HOST=\(socket) '\(TestExecutable.path)' \(command)")
    }

    fileprivate func shell(_ script: String) async throws -> String {
        let process = HostProcess(executable: "/bin/sh", arguments: ["-ec", script], timeout: .seconds(60))
        let outcome = try await process.run()
        let isDone = outcome.termination == .exited(0)
        try #require(isDone, "\(script): \(outcome.termination) \(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }

    /// Starts the daemon with one of the variants of iptables first in its path, and makes an image `box`.
    fileprivate func start(variant: IPTablesVariant, options: String) async throws {
        _ = try await shell(
            """
            cd '\(folder)'; mkdir -p bin root/bin; cp /bin/busybox root/bin/
            for tool in iptables ip6tables; do
                for end in '' -save -restore; do ln -s "/usr/sbin/$tool-\(variant.rawValue)$end" "bin/$tool$end"; done
            done
            ip netns exec \(host.name) ip link set lo up
            PATH="\(folder)/bin:$PATH" setsid nsenter --net=/run/netns/\(host.name) dockerd --data-root "\(folder)/data" \
                --exec-root "\(folder)/exec" --pidfile "\(folder)/pid" -H \(socket) --storage-driver=overlay2 \
                \(options) >log 2>&1 &
            for i in $(seq 120); do docker -H \(socket) info >/dev/null 2>&1 && break; sleep 0.25; done
            tar -C root -c . | docker -H \(socket) import - box >/dev/null || { tail -3 log >&2; exit 1; }
            """)
    }

    /// Removes its containers, and ends the daemon by the number that it has written down.
    fileprivate func stop() async throws {
        _ = try await shell(
            """
            for id in $(docker -H \(socket) ps -aq 2>/dev/null); do docker -H \(socket) rm -f "$id" >/dev/null; done
            pid=$(cat '\(folder)/pid' 2>/dev/null) || exit 0
            kill "$pid"; for i in $(seq 100); do [ -e '\(folder)/pid' ] || exit 0; sleep 0.1; done; kill -9 "$pid"
            """)
    }
}

/// Starts a daemon, and takes everything away whatever happens.
func withDocker<T>(
    variant: IPTablesVariant, options: String = "", _ body: (DockerDaemon) async throws -> T
) async throws -> T {
    try await withFolder { folder in
        try await withNamespace { host in
            let daemon = DockerDaemon(folder: folder.path, host: host)
            let result: Result<T, any Error>
            do {
                try await daemon.start(variant: variant, options: options)
                result = .success(try await body(daemon))
            } catch {
                result = .failure(error)
            }
            try await daemon.stop()
            return try result.get()
        }
    }
}
