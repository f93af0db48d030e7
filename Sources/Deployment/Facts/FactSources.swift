internal import Diagnostics
package import JSONC
package import NFTablesBackend

/// From where the facts of a host are read: its tools, libnftables, its files.
package struct FactSources: Sendable {
    /// The host's tools.
    package var tools: any HostToolRunner
    /// libnftables.
    package var nft: any NFTReader
    /// The host's files.
    package var files: any HostFiles
    /// Where the firewall is; the namespace of the process, if there is none.
    package var namespace: NetworkNamespace?

    /// Sources; those of this host, unless others are given.
    package init(
        tools: any HostToolRunner, nft: any NFTReader, files: any HostFiles = LocalFiles(),
        namespace: NetworkNamespace? = nil
    ) {
        self.tools = tools
        self.nft = nft
        self.files = files
        self.namespace = namespace
    }

    /// This host, or one of its network namespaces.
    package static func host(namespace: NetworkNamespace? = nil, timeout: Duration = .seconds(60)) -> FactSources {
        FactSources(
            tools: HostTools(timeout: timeout), nft: NFTProcessRunner(namespace: namespace), namespace: namespace)
    }

    /// What is read, or why it is not.
    ///
    /// - Throws: `DiagnosticError` if the namespace cannot be entered: then nothing else can be read there either.
    func fact<Value>(_ read: () async throws -> Value) async throws -> Fact<Value> {
        do {
            return .known(try await read())
        } catch let error as DiagnosticError {
            if error.diagnostics.contains(where: { $0.id == "bad-namespace" }) { throw error }
            return .unknown(error.diagnostics.map(\.message).joined(separator: "; "))
        }
    }
}

/// Reads of nftables what the facts of a host need.
package protocol NFTReader: NFTRunner {
    /// Lists the chains of all tables, without rules, sets and elements.
    ///
    /// - Returns: `{"nftables": [{"metainfo": …}, {"chain": …}, …]}`.
    /// - Throws: `DiagnosticError` if nothing can be listed on this host.
    func listChains() async throws -> JSONValue
}
