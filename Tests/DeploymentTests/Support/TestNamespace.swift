import Glibc
import NFTablesBackend
import Testing

@testable import Deployment

/// Tests that load rules run as root, in network namespaces of their own; elsewhere they are skipped, in CI they fail.
enum KernelTests {
    static let areEnabled = geteuid() == 0 || getenv("CI").map { String(cString: $0) } == "true"
    static let reason: Comment = "needs root, to make a network namespace of its own"
}

/// A network namespace that lives as long as a test.
struct TestNamespace: Sendable {
    let name: String

    var namespace: NetworkNamespace { NetworkNamespace(name) }

    /// Runs a shell script in the namespace and gives its output.
    @discardableResult
    func shell(_ script: String, input: String = "") async throws -> String {
        try await run("/sbin/ip", ["netns", "exec", name, "sh", "-ec", script], input: input)
    }

    /// Everything that the namespace holds: both variants of iptables, both families, and nftables.
    func state() async throws -> String {
        try await shell(
            """
            for tool in iptables-legacy ip6tables-legacy iptables-nft ip6tables-nft; do
                echo "== $tool"; $tool-save 2>/dev/null | grep -v '^#' || true
            done
            echo "== nft"; nft list table inet seawall 2>/dev/null || true
            """)
    }

    fileprivate func run(_ tool: String, _ arguments: [String], input: String = "") async throws -> String {
        let process = HostProcess(
            executable: tool, arguments: arguments, input: Array(input.utf8), timeout: .seconds(240))
        let outcome = try await process.run()
        let isDone = outcome.termination == .exited(0)
        try #require(isDone, "\(arguments): \(outcome.termination) \(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }
}

/// Makes a namespace, and removes it whatever happens.
func withNamespace<T>(_ body: (TestNamespace) async throws -> T) async throws -> T {
    let host = TestNamespace(name: "seawall-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    _ = try await host.run("/sbin/ip", ["netns", "add", host.name])
    let result: Result<T, any Error>
    do {
        result = .success(try await body(host))
    } catch {
        result = .failure(error)
    }
    _ = try await host.run("/sbin/ip", ["netns", "delete", host.name])
    return try result.get()
}
