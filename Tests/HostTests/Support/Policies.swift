import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport

/// The policies of the trials, compiled once.
actor Policies {
    static let shared = Policies()

    struct Paths {
        var old: String
        var new: String
    }

    private var paths: Task<Paths, any Error>?

    /// The file of a policy's document.
    func path(_ policy: any KeyPath<Paths, String> & Sendable) async throws -> String {
        let task = paths ?? Task { try await Self.compile() }
        paths = task
        return try await task.value[keyPath: policy]
    }

    private static func compile() async throws -> Paths {
        let folder = TestFolder(path: TestEnvironment.stateFolder + "-policies")
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        async let old = document("Old", "Drop(.tcp(9090))", folder)
        async let new = document("New", "Reject(.tcp(9090), with: .tcpReset)", folder)
        return Paths(old: try await old, new: try await new)
    }

    /// Both let the client come to port 8080 and nobody else; the rule for port 9090 differs, and so do the addresses.
    private static func document(_ name: String, _ rule: String, _ folder: TestFolder) async throws -> String {
        let client = AddressFamily.allCases.map { "\"\(Host.client.addressText($0))\"" }.joined(separator: ", ")
        let net = name == "Old" ? "192.0.2.0/25" : "192.0.2.128/25"
        let source = try folder.write(
            name + ".swift",
            """
            import Seawall

            @main
            struct \(name): Policy {
                var body: PolicyContent {
                    Containers {
                        Inbound(on: "eth0") {
                            Drop(from: ["\(net)", "198.51.100.7", "198.51.100.9", "2001:db8:bad::/48", "2001:db8:bad:1::1"])
                            Allow(.tcp(8080), from: [\(client)])
                            Drop(.tcp(8080))
                            \(rule)
                        }
                    }
                }
            }

            """)
        let outcome = try await Executable.run("compile", source, "--document")
        guard outcome.status == 0 else { throw ShellFailure(description: outcome.errors) }
        return try folder.write(name + ".json", outcome.output)
    }
}
