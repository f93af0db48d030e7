internal import Diagnostics
package import JSONC

/// Our table as a document makes it or as nft lists it, in a form in which the same is equal.
///
/// Both are read by `ReadNFTListing`, and each value and statement is put into one of the spellings that nft has for it.
/// Handles, the figures of counters and the order of chains and elements are no part of it.
package struct NFTTableImage: Hashable, Sendable {
    /// A chain.
    struct Chain: Hashable, Sendable {
        var hook: NFTChain.Hook?
        var rules: [NFTRule]
    }

    /// A set or map with its elements.
    package struct Content: Hashable, Sendable {
        package var declaration: NFTSetDeclaration
        /// In the order in which they were read; each key once.
        package var elements: [NFTElement]
    }

    /// The chains by their names.
    var chains: [String: Chain]
    /// The sets and maps by their names.
    package var sets: [String: Content]

    /// Reads a document or a listing.
    ///
    /// - Parameter json: `{"nftables": [ … ]}`; all of it is about our table.
    /// - Throws: `NFTIncomparable` if anything in it has no form here, so that nobody takes it for equal.
    package init(_ json: JSONValue) throws(NFTIncomparable) {
        let table = try Self.table(json)
        for rule in table.chains.flatMap(\.rules) {
            for case .unknown(let unknown) in rule.statements { throw NFTIncomparable(unknown.reason) }
        }
        var chains: [String: Chain] = [:]
        for chain in table.chains {
            chains[chain.name] = Chain(hook: chain.hook, rules: chain.rules.map(\.canonical))
        }
        self.chains = chains
        sets = try Self.contents(table, try Self.declarations(json))
    }

    /// Whether everything but the elements of sets is the same.
    package func hasSameRules(as other: NFTTableImage) -> Bool {
        chains == other.chains && sets.mapValues(\.declaration) == other.sets.mapValues(\.declaration)
    }

    /// Whether everything is the same; of elements whose order decides, whether they are there.
    package func isSame(as other: NFTTableImage) -> Bool {
        hasSameRules(as: other)
            && sets.allSatisfy { name, content in other.sets[name].map(content.holdsTheSame) ?? false }
    }

    private static func table(_ json: JSONValue) throws(NFTIncomparable) -> NFTTable {
        let listing: NFTListing
        do throws(DiagnosticError) {
            listing = try ReadNFTListing.run(json, file: "")
        } catch {
            throw NFTIncomparable(error.diagnostics.first?.message ?? "it cannot be read")
        }
        guard listing.others.isEmpty, listing.tables.count == 1, listing.tables[0].isOurs else {
            throw NFTIncomparable("it is not the one table '\(NFTTableName.seawall)'")
        }
        return listing.tables[0]
    }

    private static func contents(
        _ table: NFTTable, _ declarations: [String: NFTSetDeclaration]
    ) throws(NFTIncomparable) -> [String: Content] {
        var result: [String: Content] = [:]
        let volatile = table.sets.compactMap(\.volatility) + table.maps.compactMap(\.volatility)
        if let reason = volatile.first { throw NFTIncomparable(reason) }
        for set in table.sets {
            guard let declaration = declarations[set.name] else { continue }
            result[set.name] = Content(declaration, set.elements.map { NFTElement($0) })
        }
        for map in table.maps {
            guard let declaration = declarations[map.name] else { continue }
            result[map.name] = Content(declaration, map.elements.map { NFTElement($0.key, $0.verdict) })
        }
        return result
    }
}

extension NFTTableImage.Content {
    /// Each key once, in its one spelling.
    init(_ declaration: NFTSetDeclaration, _ elements: [NFTElement]) {
        self.declaration = declaration
        let kind = declaration.kind
        var known: Set<NFTElement> = []
        self.elements = elements.map { $0.canonical(kind) }.filter { known.insert($0).inserted }
    }

    /// Whether the same values lead to the same, however a set of intervals is cut up.
    func holdsTheSame(as other: NFTTableImage.Content) -> Bool {
        Set(elements) == Set(other.elements) || isUnion(of: other)
    }

    /// Whether both are sets of intervals that hold the same values.
    func isUnion(of other: NFTTableImage.Content) -> Bool {
        guard declaration.isInterval, !declaration.isMap, let mine = union, let others = other.union else {
            return false
        }
        return mine == others
    }

    /// The values of a set of single intervals, neighbours as one.
    private var union: [NFTSpan]? {
        let spans = elements.compactMap { $0.key.flatMap(NFTSpan.init) }
        return spans.count == elements.count ? NFTSpan.union(spans) : nil
    }
}

// MARK: - What the reader of listings passes over

extension NFTTableImage {
    /// The sets and maps that are declared: the flags are no part of a table as it is read.
    private static func declarations(_ json: JSONValue) throws(NFTIncomparable) -> [String: NFTSetDeclaration] {
        var result: [String: NFTSetDeclaration] = [:]
        for command in json["nftables"]?.array ?? [] {
            guard case .object(let members) = command, let member = members.first else { continue }
            guard let object = object(member) else { continue }
            switch object.key {
            case "metainfo", "table", "chain", "rule", "element": continue
            case "set", "map":
                let declaration = try declaration(object.value, isMap: object.key == "map")
                result[declaration.name] = result[declaration.name] ?? declaration
            default: throw NFTIncomparable("it holds an object '\(object.key)'")
            }
        }
        return result
    }

    /// What is added or listed; nothing for another command.
    private static func object(_ member: JSONMember) -> JSONMember? {
        switch member.key {
        case "add", "create", "insert": if case .object(let inner) = member.value { inner.first } else { nil }
        case "delete", "flush", "destroy": nil
        default: member
        }
    }

    private static func declaration(_ json: JSONValue, isMap: Bool) throws(NFTIncomparable) -> NFTSetDeclaration {
        guard case .object(let members) = json, let name = json["name"]?.string else {
            throw NFTIncomparable("it holds a set without a name")
        }
        if let other = members.first(where: { !known.contains($0.key) }) {
            throw NFTIncomparable("the set '\(name)' has '\(other.key)'")
        }
        guard let types = words(json["type"] ?? []), let flags = words(json["flags"] ?? []) else {
            throw NFTIncomparable("the type of the set '\(name)' is not known")
        }
        return NFTSetDeclaration(name: name, types: types, isMap: isMap, flags: flags.sorted())
    }

    private static func words(_ json: JSONValue) -> [String]? {
        let words = (json.array ?? [json]).map(\.string)
        return words.contains(nil) ? nil : words.compactMap { $0 }
    }

    /// What a set may be listed with that decides nothing, or is compared.
    private static let known: Set = ["family", "table", "name", "type", "map", "flags", "elem", "handle", "count"]
}

/// Why a table is not compared with another.
package struct NFTIncomparable: Error, Hashable, Sendable {
    /// The reason, as what is said of "it".
    package var reason: String

    /// A reason.
    package init(_ reason: String) { self.reason = reason }
}
