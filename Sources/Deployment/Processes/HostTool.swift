package import NFTablesBackend

/// A call of one of the host's tools.
package struct HostToolCall: Hashable, Sendable {
    /// The tool's name: `iptables-legacy-save`.
    package var tool: String
    /// Its arguments.
    package var arguments: [String]
    /// Its standard input.
    package var input: String
    /// Where it runs; the namespace of the process, if there is none.
    package var namespace: NetworkNamespace?

    /// A call.
    package init(_ tool: String, _ arguments: [String] = [], input: String = "", in namespace: NetworkNamespace? = nil)
    {
        self.tool = tool
        self.arguments = arguments
        self.input = input
        self.namespace = namespace
    }
}

/// What a tool answered.
package struct HostToolResult: Hashable, Sendable {
    /// Its exit code.
    package var code: Int32
    /// Its standard output.
    package var output: [UInt8]
    /// Its standard error.
    package var errors: String

    /// A result.
    package init(code: Int32 = 0, output: [UInt8] = [], errors: String = "") {
        self.code = code
        self.output = output
        self.errors = errors
    }
}

/// Runs the host's tools.
package protocol HostToolRunner: Sendable {
    /// Whether this process may change the firewall (CAP_NET_ADMIN).
    var isPrivileged: Bool { get }

    /// The path of a tool, if the host has it.
    func path(of tool: String) -> String?

    /// Runs a tool to its end.
    ///
    /// - Throws: `DiagnosticError` if it is missing, cannot be started, takes too long, or dies by a signal; an exit
    ///   code other than 0 is a result.
    func run(_ call: HostToolCall) async throws -> HostToolResult
}
