internal import Diagnostics
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// A rule of others in nft that asks for bits of the packet mark, or sets them.
package struct NFTMarkUse: Hashable, Sendable {
    /// The table: `inet mangle`.
    package var table: String
    /// The chain.
    package var chain: String
    /// The number by which `nft -a list table` names the rule.
    package var handle: Int64
    /// The bits that it asks for.
    package var asked: UInt32 = 0
    /// The bits that it may set, or clear where that matters.
    package var touched: UInt32 = 0
    /// Of a rule of Docker's own that accepts a mark: the mark, which is there to be met.
    package var accepted: (value: UInt32, mask: UInt32)?

    package static func == (a: NFTMarkUse, b: NFTMarkUse) -> Bool {
        a.table == b.table && a.chain == b.chain && a.handle == b.handle && a.asked == b.asked
            && a.touched == b.touched
            && a.accepted.map { [$0.value, $0.mask] } == b.accepted.map { [$0.value, $0.mask] }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        hasher.combine(handle)
    }

    /// Whether the rule is about bits of a mark, and what it does with them.
    package func conflict(value: UInt32, mask: UInt32) -> String? {
        if let accepted, accepted == (value, mask) { return nil }
        if touched & mask != 0 { return "a rule of the chain '\(chain)' sets bits of it (handle \(handle))" }
        return asked & mask != 0 ? "a rule of the chain '\(chain)' asks for bits of it (handle \(handle))" : nil
    }
}

extension NFTMarkUse {
    /// Reads all tables but ours, and but those that the tools of iptables-nft print.
    ///
    /// - Parameters:
    ///   - sources: from where.
    ///   - tables: the names of the tables of both families that these tools print: `ip mangle`.
    /// - Returns: the rules, in the order of the listings.
    /// - Throws: `DiagnosticError` if a table cannot be listed: what is not known may use any mark.
    package static func read(_ sources: FactSources, besides tables: Set<String>) async throws -> [NFTMarkUse] {
        let chains = (try await sources.nft.listChains()["nftables"]?.array ?? []).compactMap { $0["chain"] }
        var names: [NFTTableName] = []
        for chain in chains {
            guard let family = chain["family"]?.string, let table = chain["table"]?.string else { continue }
            let name = NFTTableName(family: family, name: table)
            if name != .seawall, !tables.contains(name.description), !names.contains(name) { names.append(name) }
        }
        var uses: [NFTMarkUse] = []
        for name in names {
            guard let listing = try await sources.nft.list(name, terse: true) else { continue }
            uses += all(in: listing, of: name)
        }
        return uses
    }

    /// The rules of a table.
    static func all(in listing: JSONValue, of table: NFTTableName) -> [NFTMarkUse] {
        let objects = listing["nftables"]?.array ?? []
        // Bits that are cleared before our chain are no harm, and behind Docker's nobody asks any more.
        let isBetween = objects.compactMap { $0["chain"] }.contains { chain in
            chain["hook"]?.string == "forward" && (-10...0).contains(Int(chain["prio"]?.integer ?? 0))
        }
        return objects.compactMap { $0["rule"] }.compactMap { rule in
            var use = NFTMarkUse(
                table: table.description, chain: rule["chain"]?.string ?? "", handle: rule["handle"]?.integer ?? 0)
            let statements = rule["expr"]?.array ?? []
            for statement in statements { use.take(statement, countsCleared: isBetween) }
            if table.name == NFTTableName.dockerBridges, statements.contains(where: { $0["accept"] != nil }) {
                use.accepted = statements.lazy.compactMap(Self.accepted).first
            }
            return use.asked | use.touched == 0 ? nil : use
        }
    }

    private mutating func take(_ statement: JSONValue, countsCleared: Bool) {
        guard let mangle = statement["mangle"] else {
            asked |= Self.asked(by: statement)
            return
        }
        let value = mangle["value"] ?? .null
        if mangle["key"].map(Self.isMark) == true {
            let change = Self.change(value)
            touched |= change.set | (countsCleared ? ~change.kept : 0)
        } else {
            // For one the mark of the connection: what is saved may be brought back later.
            asked |= Self.asked(by: value)
        }
    }

    /// The bits that an expression asks for, at any depth.
    private static func asked(by value: JSONValue) -> UInt32 {
        if isMark(value) { return .max }
        switch value {
        case .array(let items): return items.reduce(0) { $0 | asked(by: $1) }
        case .object(let members):
            if members.count == 1, let member = members.first, member.key == "&", let operands = member.value.array,
                operands.count == 2, isMark(operands[0]), let mask = operands[1].integer
            {
                return UInt32(truncatingIfNeeded: mask)
            }
            return members.reduce(0) { $0 | asked(by: $1.value) }
        default: return 0
        }
    }

    /// What becomes of the mark: which bits are kept, and which may be set.
    private static func change(_ value: JSONValue) -> (kept: UInt32, set: UInt32) {
        if isMark(value) { return (.max, 0) }
        if let number = value.integer { return (0, UInt32(truncatingIfNeeded: number)) }
        for sign in ["&", "|", "^"] {
            guard let operands = value[sign]?.array, operands.count == 2, let number = operands[1].integer else {
                continue
            }
            let (kept, set) = change(operands[0])
            let bits = UInt32(truncatingIfNeeded: number)
            return sign == "&" ? (kept & bits, set & bits) : (kept & ~bits, set | bits)
        }
        return (0, .max)
    }

    private static func isMark(_ value: JSONValue) -> Bool { value["meta"]?["key"]?.string == "mark" }

    private static func accepted(_ statement: JSONValue) -> (value: UInt32, mask: UInt32)? {
        guard let match = statement["match"], let value = match["right"]?.integer, let left = match["left"] else {
            return nil
        }
        if isMark(left) { return (UInt32(truncatingIfNeeded: value), .max) }
        guard let operands = left["&"]?.array, operands.count == 2, isMark(operands[0]), let mask = operands[1].integer
        else { return nil }
        return (UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: mask))
    }
}
