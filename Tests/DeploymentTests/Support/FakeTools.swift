import Deployment
import PacketModel

/// Tools that print what a test says, and remember what they were given.
actor FakeTools: HostToolRunner {
    nonisolated let isPrivileged: Bool
    nonisolated let missing: Set<String>
    private var listings: [String: [String]]
    private var results: [String: [HostToolResult]]
    /// The calls of the restore tools.
    private(set) var loads: [HostToolCall] = []

    /// - Parameters:
    ///   - listings: what each save tool prints, call by call; the last one again and again.
    ///   - results: what each restore tool answers, call by call; success again and again.
    ///   - missing: tools that the host does not have.
    ///   - isPrivileged: whether the process may change the firewall.
    init(
        listings: [String: [String]] = [:], results: [String: [HostToolResult]] = [:], missing: Set<String> = [],
        isPrivileged: Bool = true
    ) {
        self.listings = listings
        self.results = results
        self.missing = missing
        self.isPrivileged = isPrivileged
    }

    nonisolated func path(of tool: String) -> String? { missing.contains(tool) ? nil : "/usr/sbin/\(tool)" }

    func run(_ call: HostToolCall) async throws -> HostToolResult {
        if call.tool.hasSuffix("-save") {
            var texts = listings[call.tool] ?? [""]
            let text = texts.removeFirst()
            if !texts.isEmpty { listings[call.tool] = texts }
            return HostToolResult(output: Array(text.utf8))
        }
        loads.append(call)
        guard var answers = results[call.tool], !answers.isEmpty else { return HostToolResult() }
        let answer = answers.removeFirst()
        results[call.tool] = answers
        return answer
    }
}

/// Listings of the filter table.
enum Listings {
    /// A filter table with FORWARD, `DOCKER-USER` and further chains.
    static func filter(
        forward: [String] = ["-j DOCKER-USER"], input: [String] = [], _ chains: KeyValuePairs<String, [String]>
    ) -> String {
        var lines = ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"]
        lines += chains.map { ":\($0.key) - [0:0]" }
        lines += input.map { "[7:420] -A INPUT \($0)" }
        lines += forward.map { "[0:0] -A FORWARD \($0)" }
        for chain in chains { lines += chain.value.map { "[1:60] -A \(chain.key) \($0)" } }
        return (lines + ["COMMIT", ""]).joined(separator: "\n")
    }

    /// A host with an empty `DOCKER-USER`.
    static let docker = filter(["DOCKER-USER": []])
}
