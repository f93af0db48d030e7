/// What the author expects of one new connection.
///
/// It is carried in the document; `seawall check` does not evaluate it yet, and says so.
///
/// ```swift
/// Expect(.allowed, .tcp(443), from: "203.0.113.9", on: "eth0")
/// ```
public struct Expect: PolicyComponent {
    /// What is expected.
    public enum Outcome: String, Hashable, Sendable {
        /// Handed on to Docker's own rules, or accepted.
        case allowed
        /// Dropped in silence.
        case dropped
        /// Dropped with an answer.
        case rejected
    }

    /// The expectation.
    public let content: PolicyContent

    /// Expects an outcome for a new connection.
    ///
    /// - Parameters:
    ///   - outcome: what should become of it.
    ///   - service: what is dialled; one port.
    ///   - from: the address of the client.
    ///   - to: the address that is dialled, if it matters.
    ///   - interface: where the packet enters, if it matters.
    ///   - via: where the packet leaves, if it matters.
    ///   - file: the policy's file; the compiler fills it in.
    ///   - line: the line in it; the compiler fills it in.
    public init(
        _ outcome: Outcome, _ service: Service, from: String, to: String? = nil, on interface: String? = nil,
        via: String? = nil, file: String = #filePath, line: Int = #line
    ) {
        content = PolicyContent([
            .expectation(
                ExpectationNode(
                    location: NodeLocation(file: file, line: line), outcome: outcome.rawValue, service: service.node,
                    from: from, to: to, inInterface: interface, outInterface: via))
        ])
    }
}
