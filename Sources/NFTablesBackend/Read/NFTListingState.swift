internal import JSONC

/// The tables as they are after the commands that were read.
struct NFTListingState {
    private(set) var listing = NFTListing()

    /// Carries out a command, or takes over an object of a listing, which has no command.
    mutating func run(_ json: JSONValue, _ path: String) throws(JSONError) {
        guard case .object(let members) = json, members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected a command or an object of a listing, found \(json.kind)")
        }
        let inner = "\(path).\(member.key)"
        switch member.key {
        case "metainfo": return
        case "add", "create": try add(try object(member.value, inner), inner, isInserted: false)
        case "insert": try add(try object(member.value, inner), inner, isInserted: true)
        case "delete", "destroy":
            try delete(try object(member.value, inner), inner, isDestroyed: member.key == "destroy")
        case "flush": try flush(try object(member.value, inner), inner)
        case "replace", "rename", "reset", "list", "monitor", "describe", "import", "export":
            throw JSONError(
                at: .path(inner),
                "the command '\(member.key)' needs what is loaded already: give what nft lists instead")
        default: try add(member, path, isInserted: false, isListed: true)
        }
    }

    private func object(_ json: JSONValue, _ path: String) throws(JSONError) -> JSONMember {
        guard case .object(let members) = json, members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected one object, found \(json.kind)")
        }
        return member
    }

    // MARK: - Adding

    private mutating func add(
        _ member: JSONMember, _ path: String, isInserted: Bool, isListed: Bool = false
    ) throws(JSONError) {
        let inner = "\(path).\(member.key)"
        switch member.key {
        case "table": try addTable(member.value, inner)
        case "chain": try addChain(member.value, inner)
        case "rule": try addRule(member.value, inner, isInserted: isInserted, isListed: isListed)
        case "set", "map", "meter": try addSet(member.value, inner, isMap: member.key == "map")
        case "element": try changeElements(member.value, inner, isAdded: true)
        // Only rules that name them give these a meaning, and such rules are not understood.
        case "flowtable", "counter", "quota", "limit", "secmark", "synproxy", "ct helper", "ct timeout",
            "ct expectation", "tunnel":
            return
        default: throw JSONError(at: .path(inner), "the object '\(member.key)' is unknown to this version of Seawall")
        }
    }

    private mutating func addTable(_ json: JSONValue, _ path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let name = try reader.tableName("name")
        let flags = try reader.flags("flags")
        reader.drop("handle", "comment")
        try reader.finish()
        if let flag = flags.first(where: { !["dormant", "owner", "persist"].contains($0) }) {
            throw JSONError(
                at: .path("\(path).flags"),
                "the flag '\(flag)' is not known: nft before 1.1 lists that of a dormant table wrongly")
        }
        guard place(of: name) == nil, !isOther(name) else { return }
        guard let family = NFTFamily(rawValue: name.family) else {
            listing.others.append(NFTOtherTable(name, "its family sees other packets"))
            return
        }
        if flags.contains("dormant") {
            listing.others.append(NFTOtherTable(name, "it is dormant, and sees no packet"))
            return
        }
        listing.tables.append(NFTTable(family: family, name: name.name, chains: []))
    }

    private mutating func addChain(_ json: JSONValue, _ path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let table = try reader.tableName("table")
        let name = try reader.string("name")
        let hook = try reader.hook(path)
        reader.drop("handle", "comment", "dev", "flags")
        try reader.finish()
        guard let place = try self.place(of: table, path) else { return }
        if let old = listing.tables[place].chains.firstIndex(where: { $0.name == name }) {
            if let hook { listing.tables[place].chains[old].hook = hook }
        } else {
            listing.tables[place].chains.append(NFTChain(name: name, hook: hook, rules: []))
        }
    }

    private mutating func addRule(
        _ json: JSONValue, _ path: String, isInserted: Bool, isListed: Bool
    ) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let table = try reader.tableName("table")
        let name = try reader.string("chain")
        let comment = try reader.optionalString("comment") ?? ""
        let expressions = try reader.array("expr")
        let statements = expressions.enumerated().map {
            NFTStatementReader.statement($0.element, "\(path).expr[\($0.offset)]")
        }
        reader.drop("handle")
        let index = try reader.optionalInteger("index")
        let position = try reader.optionalInteger("position")
        if index != nil || position != nil {
            throw JSONError(
                at: .path(path), "a rule at a place among others is not known: write the rules in their order")
        }
        try reader.finish()
        guard let place = try self.place(of: table, path) else { return }
        guard let chain = listing.tables[place].chains.firstIndex(where: { $0.name == name }) else {
            throw JSONError(at: .path(path), "there is no chain '\(name)' in the table \(table)")
        }
        noteChangedSets(expressions, place)
        var rule = NFTRule(statements, comment: comment)
        // What Seawall itself wrote is listed as it is.
        if isListed, !listing.tables[place].isOurs, listing.tables[place].family == .inet,
            let reason = rule.hiddenFamily
        {
            rule.statements.insert(.unknown(NFTUnknown(json, reason)), at: 0)
        }
        if isInserted {
            listing.tables[place].chains[chain].rules.insert(rule, at: 0)
        } else {
            listing.tables[place].chains[chain].rules.append(rule)
        }
    }

    /// Marks the sets and maps to which a rule adds elements, or from which it takes some.
    ///
    /// nft 1.0.6 lists a set without the flag `dynamic`, so that its rules alone tell.
    private mutating func noteChangedSets(_ expressions: [JSONValue], _ place: Int) {
        for expression in expressions {
            guard let name = (expression["set"]?["set"] ?? expression["map"]?["map"])?.string, name.hasPrefix("@")
            else {
                continue
            }
            NFTElements.noteChange(of: String(name.dropFirst()), in: &listing.tables[place])
        }
    }

    private mutating func addSet(_ json: JSONValue, _ path: String, isMap: Bool) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let table = try reader.tableName("table")
        let set = try NFTSetReader(&reader, path, isMap: isMap)
        guard let place = try self.place(of: table, path) else { return }
        switch set.content {
        case .set(let set):
            guard !listing.tables[place].sets.contains(where: { $0.name == set.name }) else { return }
            listing.tables[place].sets.append(set)
        case .map(let map):
            guard !listing.tables[place].maps.contains(where: { $0.name == map.name }) else { return }
            listing.tables[place].maps.append(map)
        }
    }

    private mutating func changeElements(
        _ json: JSONValue, _ path: String, isAdded: Bool
    ) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let table = try reader.tableName("table")
        let name = try reader.string("name")
        let elements = try reader.require("elem")
        try reader.finish()
        guard let place = try self.place(of: table, path) else { return }
        var target = NFTElements(table: listing.tables[place], name: name)
        let list = elements.array ?? [elements]
        if isAdded { try target.add(list, "\(path).elem") } else { try target.remove(list, "\(path).elem") }
        listing.tables[place] = target.table
    }

    // MARK: - Removing

    private mutating func delete(_ member: JSONMember, _ path: String, isDestroyed: Bool) throws(JSONError) {
        let inner = "\(path).\(member.key)"
        switch member.key {
        case "table":
            var reader = try JSONObjectReader(member.value, path: inner)
            let name = try reader.tableName("name")
            reader.drop("handle")
            try reader.finish()
            listing.others.removeAll { $0.name == name }
            guard let place = place(of: name) else {
                if isDestroyed { return }
                throw JSONError(at: .path(inner), "there is no table \(name)")
            }
            listing.tables.remove(at: place)
        case "element": try changeElements(member.value, inner, isAdded: false)
        default:
            throw JSONError(
                at: .path(inner), "removing one '\(member.key)' is not known: give what nft lists instead")
        }
    }

    private mutating func flush(_ member: JSONMember, _ path: String) throws(JSONError) {
        let inner = "\(path).\(member.key)"
        if member.key == "ruleset" {
            listing = NFTListing()
            return
        }
        var reader = try JSONObjectReader(member.value, path: inner)
        let table = try reader.tableName(member.key == "table" ? "name" : "table")
        let name = member.key == "table" ? nil : try reader.string("name")
        try reader.finish()
        guard let place = try self.place(of: table, inner) else { return }
        switch member.key {
        case "table", "chain":
            for index in listing.tables[place].chains.indices
            where name == nil || listing.tables[place].chains[index].name == name {
                listing.tables[place].chains[index].rules = []
            }
        case "set", "map":
            for index in listing.tables[place].sets.indices where listing.tables[place].sets[index].name == name {
                listing.tables[place].sets[index].elements = []
            }
            for index in listing.tables[place].maps.indices where listing.tables[place].maps[index].name == name {
                listing.tables[place].maps[index].elements = []
            }
        default: throw JSONError(at: .path(inner), "flushing '\(member.key)' is not known")
        }
    }

    // MARK: - Tables

    private func place(of name: NFTTableName) -> Int? {
        listing.tables.firstIndex { $0.family.rawValue == name.family && $0.name == name.name }
    }

    private func isOther(_ name: NFTTableName) -> Bool { listing.others.contains { $0.name == name } }

    /// Where a table is; `nil` for one that is not read.
    private func place(of name: NFTTableName, _ path: String) throws(JSONError) -> Int? {
        if let place = place(of: name) { return place }
        // A listing of one chain, or of one rule, names a table that it does not list.
        guard isOther(name) || NFTFamily(rawValue: name.family) == nil else {
            throw JSONError(at: .path(path), "there is no table \(name) before this")
        }
        return nil
    }
}
