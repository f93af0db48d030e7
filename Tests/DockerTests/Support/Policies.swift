import FoundationEssentials
import TestSupport

/// The policy of the tests, compiled once.
actor Policies {
    static let shared = Policies()

    private static let folder = TestEnvironment.stateFolder + "-docker-policies"
    private var document: Task<String, any Error>?

    /// The file of its document.
    func fence() async throws -> String {
        let task = document ?? Task { try await Self.compile() }
        document = task
        return try await task.value
    }

    /// Removes it again.
    func remove() {
        document = nil
        try? FileManager.default.removeItem(atPath: Self.folder)
    }

    private static func compile() async throws -> String {
        let folder = TestFolder(path: Self.folder)
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let source = try folder.write("Fence.swift", fence)
        let outcome = try await Executable.run("compile", source, "--document")
        guard outcome.status == 0 else { throw ShellFailure(description: outcome.errors) }
        return try folder.write("Fence.json", outcome.output)
    }

    /// The client may come to what is published, the stranger not everywhere; one network does not get out to the stranger.
    private static let fence = """
        import Seawall

        let friends: AddressSet = ["198.51.100.10", "2001:db8:1::10"]

        @main
        struct Fence: Policy {
            var body: PolicyContent {
                Containers {
                    Inbound(on: "eth0", direct: .pass) {
                        Allow(.tcp(8080), .tcp(9090), from: friends)
                        Drop(.tcp(8080))
                        Reject(.tcp(9090), with: .tcpReset)
                        Drop(.tcp(8443), from: "198.51.100.66")
                    }
                    Outbound(via: "eth0", from: .network("10.78.0.0/24")) { Drop(to: "198.51.100.66") }
                }
            }
        }

        """
}
