package import Diagnostics
package import FirewallIR
internal import PacketModel
package import Seawall

/// Turns a description of connections into the packets that it means: what tests of a policy speak of.
package enum ResolveConnections {
    /// Resolves a description as it is resolved in a policy.
    ///
    /// - Parameters:
    ///   - connections: the description.
    ///   - location: where it stands.
    ///   - files: the files that it may name, with their contents.
    /// - Returns: the packets that the side which opened the connections sends.
    /// - Throws: `DiagnosticError` with all that is wrong with the description.
    package static func run(
        _ connections: ConnectionsNode, at location: NodeLocation, files: [PolicyDocument.File]
    ) throws(DiagnosticError) -> [Box] {
        var document = PolicyDocument(policy: "", content: [])
        document.files = files
        var resolver = PolicyResolver(document: document)
        let packets = resolver.packets(of: connections, at: location)
        guard resolver.diagnostics.isEmpty else { throw DiagnosticError(.findings, resolver.diagnostics) }
        return packets
    }
}
