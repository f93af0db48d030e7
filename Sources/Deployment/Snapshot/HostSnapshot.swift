internal import Diagnostics
internal import IPTablesBackend
package import JSONC
package import NFTablesBackend
package import PacketModel

/// All that Seawall may change on a host, as it was at one moment: enough to bring it back.
package struct HostSnapshot: Hashable, Sendable {
    /// What the save tool of one variant and family printed of all its tables, with counters.
    package struct IPTables: Hashable, Sendable {
        /// The variant.
        package var variant: IPTablesVariant
        /// The family.
        package var family: AddressFamily
        /// The text.
        package var text: String
    }

    /// The variants and families that the host has, legacy and IPv4 first.
    package var iptables: [IPTables]
    /// What `ipset save` printed of our sets; empty without any.
    package var sets: String
    /// The listing of the table `inet seawall`; nothing, if there is none.
    package var table: JSONValue?
    /// The rules of others that a migration takes out of `DOCKER-USER`; none without one.
    package var taken: [TakenRules] = []
    /// Where a change gives FORWARD another policy, or takes the jump to `DOCKER-USER` away or puts it back; elsewhere neither
    /// is touched, whatever becomes of it.
    package var readied: [ReadiedPlace] = []

    /// The parts of a snapshot.
    package init(iptables: [IPTables], sets: String = "", table: JSONValue? = nil) {
        self.iptables = iptables
        self.sets = sets
        self.table = table
    }
}

/// Reads snapshots of a host, or of one of its network namespaces; leaves no trace there.
package struct HostSnapshotReader: Sendable {
    let tools: any HostToolRunner
    let nft: any NFTRunner
    let namespace: NetworkNamespace?

    /// A reader of a host.
    package init(tools: any HostToolRunner, nft: any NFTRunner, namespace: NetworkNamespace?) {
        self.tools = tools
        self.nft = nft
        self.namespace = namespace
    }

    /// Reads all of it; the parts are read side by side.
    ///
    /// - Throws: `DiagnosticError` without the privilege, or if a part cannot be read: what is not known cannot be put back.
    package func read() async throws -> HostSnapshot {
        async let table = nft.list(.seawall, terse: false)
        async let sets = ownSets()
        let iptables = try await iptables()
        return HostSnapshot(iptables: iptables, sets: try await sets, table: try await table)
    }

    /// All that can be read; a filter table with rules of nft's own is nothing that Seawall would change.
    private func iptables() async throws -> [HostSnapshot.IPTables] {
        try await withThrowingTaskGroup(of: (Int, HostSnapshot.IPTables).self) { group in
            var place = 0
            for variant in IPTablesVariant.allCases {
                for family in AddressFamily.allCases where tools.path(of: variant.saveTool(family)) != nil {
                    let index = place
                    place += 1
                    group.addTask {
                        let text = try await IPTablesFilter.listing(variant, family, tools: tools, in: namespace)
                        return (index, HostSnapshot.IPTables(variant: variant, family: family, text: text))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                .filter { !IPTablesFilter.isIncompatible($0.text) }
        }
    }

    /// The lines of `ipset save` that are about sets of ours.
    private func ownSets() async throws -> String {
        guard tools.path(of: "ipset") != nil else { return "" }
        let result = try await tools.run(HostToolCall("ipset", ["save"], in: namespace))
        guard result.code == 0 else { throw DiagnosticError.toolFailed("ipset", result) }
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").filter { line in
            let words = line.split(separator: " ", maxSplits: 2)
            return words.count > 1 && IPSetNames.isOwn(String(words[1]))
        }.map { $0 + "\n" }.joined()
    }
}

extension HostSnapshot.IPTables {
    /// The filter table; empty, if there is none.
    ///
    /// - Throws: `DiagnosticError` if the text cannot be read.
    func filter() throws -> IPTablesFilter { try IPTablesFilter(variant, family, listing: text) }
}

extension HostSnapshot {
    /// The snapshot as JSON.
    package var json: JSONValue {
        var members = [
            JSONMember(
                "iptables",
                .array(
                    iptables.map {
                        [
                            "variant": .string($0.variant.rawValue), "family": .string($0.family.rawValue),
                            "text": .string($0.text),
                        ]
                    })), JSONMember("sets", .string(sets)),
        ]
        if let table { members.append(JSONMember("table", table)) }
        if !taken.isEmpty { members.append(JSONMember("taken", .array(taken.map(\.json)))) }
        if !readied.isEmpty { members.append(JSONMember("readied", .array(readied.map(\.json)))) }
        return .object(members)
    }

    /// Reads a snapshot.
    package init(json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        self.init(
            iptables: try reader.array("iptables") { (value, path) throws(JSONError) in
                var part = try JSONObjectReader(value, path: path)
                let variant = try word(IPTablesVariant.self, try part.string("variant"), path)
                let family = try word(AddressFamily.self, try part.string("family"), path)
                return HostSnapshot.IPTables(variant: variant, family: family, text: try part.string("text"))
            }, sets: try reader.string("sets"), table: reader.take("table"))
        taken =
            try reader.optional("taken") { (value, path) throws(JSONError) in
                try TakenRules.all(json: value, path: path)
            } ?? []
        readied =
            try reader.optional("readied") { (value, path) throws(JSONError) in
                try ReadiedPlace.all(json: value, path: path)
            } ?? []
        try reader.finish()
    }
}
