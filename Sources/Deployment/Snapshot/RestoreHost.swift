internal import Diagnostics
internal import IPTablesBackend
internal import JSONC
package import NFTablesBackend
internal import PacketModel

/// Brings a host back to a snapshot; called again after it was cut short, it does what is left.
package struct RestoreHost: Sendable {
    let tools: any HostToolRunner
    let nft: any NFTRunner
    let namespace: NetworkNamespace?
    let steps: any DeploymentSteps

    /// The way back on a host.
    package init(
        tools: any HostToolRunner, nft: any NFTRunner, namespace: NetworkNamespace?,
        steps: any DeploymentSteps = NoDeploymentSteps()
    ) {
        self.tools = tools
        self.nft = nft
        self.namespace = namespace
        self.steps = steps
    }

    private var reader: HostSnapshotReader { HostSnapshotReader(tools: tools, nft: nft, namespace: namespace) }

    /// Brings back what was, reads it back and compares.
    ///
    /// What comes back is loaded before what goes is taken away: in between a packet has to pass both.
    ///
    /// - Throws: `DiagnosticError` if a part cannot be brought back, or is not as it was afterwards.
    package func run(_ former: HostSnapshot) async throws {
        let now = try await reader.read()
        try await restoreSets(former, now)
        try await steps.reached(.setsRestored)
        // A policy that stopped what our table stops in its place comes back before the table goes.
        try await closePolicies(former, now)
        if former.table != nil { try await restoreTable(former, now) }
        for part in former.iptables {
            let present = now.iptables.first { $0.variant == part.variant && $0.family == part.family }
            guard let present else { continue }
            try await restore(try part.filter(), now: try present.filter(), former)
        }
        if former.table == nil { try await restoreTable(former, now) }
        try await removeSets(former)
        let differences = try await reader.read().differences(from: former)
        guard differences.isEmpty else { throw DiagnosticError.notAsBefore(differences) }
        try await steps.reached(.restoreProved)
    }

    private func closePolicies(_ former: HostSnapshot, _ now: HostSnapshot) async throws {
        for place in former.readied where place.opensPolicy {
            let pair = try [former, now].compactMap { snapshot in
                try snapshot.iptables.first { $0.variant == place.variant && $0.family == place.family }?.filter()
            }
            guard pair.count == 2, pair[0].forwardPolicy == "DROP", pair[1].forwardPolicy == "ACCEPT" else { continue }
            var undo = IPTablesUndo()
            undo.setPolicy(ReadiedPlace.forward, "DROP", pair[0].table.chain(ReadiedPlace.forward)?.counters)
            try await load(undo.text, place.tool)
        }
    }

    private func load(_ text: String, _ tool: String) async throws {
        let options = ["--noflush", "--counters", "--wait", "30"]
        let result = try await tools.run(HostToolCall(tool, options, input: text, in: namespace))
        guard result.code == 0 else { throw DiagnosticError.restoreRefused(tool, result) }
    }

    private func restore(_ former: IPTablesFilter, now: IPTablesFilter, _ snapshot: HostSnapshot) async throws {
        let restoration = FilterRestoration(
            former: former, now: now, taken: snapshot.taken.first { $0.isOf(former) },
            readied: snapshot.readied.first { $0.isOf(former) })
        if let text = restoration.text { try await load(text, former.variant.restoreTool(former.family)) }
        try await steps.reached(former.family == .ip ? .rulesRestored : .rules6Restored)
    }

    private func restoreTable(_ former: HostSnapshot, _ now: HostSnapshot) async throws {
        if !HostSnapshot.isSame(former.table, now.table) {
            if let table = former.table {
                _ = try await nft.transact(NFTReload.commands(table), check: false)
            } else {
                try await NFTApplier(runner: nft).remove()
            }
        }
        try await steps.reached(.tableRestored)
    }

    // MARK: - Sets of addresses

    /// A name stands for one content for good, so a set that is there is right.
    private func restoreSets(_ former: HostSnapshot, _ now: HostSnapshot) async throws {
        let missing = former.setNames.subtracting(now.setNames)
        guard !missing.isEmpty else { return }
        let lines = former.sets.split(separator: "\n").filter { line in
            let words = line.split(separator: " ", maxSplits: 2)
            return words.count > 1 && missing.contains(String(words[1]))
        }
        let text = lines.map { $0 + "\n" }.joined()
        let result = try await tools.run(HostToolCall("ipset", ["restore"], input: text, in: namespace))
        guard result.code == 0 else { throw DiagnosticError.ipsetRefused(result) }
    }

    private func removeSets(_ former: HostSnapshot) async throws {
        let now = try await reader.read()
        let obsolete = now.setNames.subtracting(former.setNames).sorted()
        await IPTablesApplier(tools: tools, namespace: namespace).remove(obsolete)
    }
}
