internal import Diagnostics
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// Takes all that is Seawall's out of a host, or out of one backend; what others made stays.
package struct RemoveOwnRules: Sendable {
    let tools: any HostToolRunner
    let nft: any NFTRunner
    let namespace: NetworkNamespace?

    /// The removal on a host.
    package init(_ host: ManagedHost) {
        tools = host.tools
        nft = host.nft
        namespace = host.namespace
    }

    /// Removes the table `inet seawall`.
    package func fromNFTables() async throws { try await NFTApplier(runner: nft).remove() }

    /// Removes our chains, the jumps to them, our rules in `DOCKER-USER`, and our sets, in both variants.
    package func fromIPTables() async throws {
        let reader = HostSnapshotReader(tools: tools, nft: nft, namespace: namespace)
        let now = try await reader.read()
        for part in now.iptables {
            let filter = try part.filter()
            guard let text = FilterRestoration(former: filter.withoutOwnRules, now: filter).text else { continue }
            let tool = part.variant.restoreTool(part.family)
            let call = HostToolCall(
                tool, ["--noflush", "--counters", "--wait", "30"], input: text, in: namespace)
            let result = try await tools.run(call)
            guard result.code == 0 else { throw DiagnosticError.restoreRefused(tool, result) }
        }
        await IPTablesApplier(tools: tools, namespace: namespace).remove(now.setNames.sorted())
    }
}

extension IPTablesFilter {
    /// The table as if we had never been there; a `DOCKER-USER` that we made stays, empty.
    var withoutOwnRules: IPTablesFilter {
        var filter = self
        filter.table.chains.removeAll { Self.isOwn($0.name) }
        for index in filter.table.chains.indices {
            let name = filter.table.chains[index].name
            if name == IPTablesNames.dockerUser {
                filter.table.chains[index].rules = DockerUserRules(table).others
            } else if Self.builtIn.contains(name) {
                filter.table.chains[index].rules.removeAll { Self.isOwn($0) }
            }
        }
        return filter
    }
}
