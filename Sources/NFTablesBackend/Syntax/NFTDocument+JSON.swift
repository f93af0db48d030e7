package import JSONC
internal import PacketModel

extension NFTDocument {
    /// The transaction for libnftables: the table is made if it is not there, removed, and made anew; sets and chains come
    /// before the rules that name them (1.0.6 demands it of chains).
    package var json: JSONValue {
        var commands: [JSONValue] = []
        forEachCommand { commands.append($0) }
        return ["nftables": .array(commands)]
    }

    /// The text of the same, made command by command, so that ten thousand rules do not stand in memory as a tree.
    package var jsonText: String {
        var text = ""
        forEachCommand { text += (text.isEmpty ? "{\"nftables\":[" : ",\n") + $0.text() }
        return text + "]" + (sources.isEmpty ? "" : ",\n\"\(NFTSources.key)\":" + sources.json.text()) + "}\n"
    }

    private func forEachCommand(_ body: (JSONValue) -> Void) {
        let name: [JSONMember] = [
            JSONMember("family", .string(table.family.rawValue)), JSONMember("name", .string(table.name)),
        ]
        body(["metainfo": ["json_schema_version": 1]])
        body(["add": ["table": .object(name)]])
        body(["delete": ["table": .object(name)]])
        body(["add": ["table": .object(name)]])
        for set in table.sets { body(["add": ["set": set.json(in: table)]]) }
        for chain in table.chains { body(["add": ["chain": chain.json(in: table)]]) }
        for map in table.maps { body(["add": ["map": map.json(in: table)]]) }
        for chain in table.chains {
            for rule in chain.rules { body(["add": ["rule": rule.json(in: table, chain: chain.name)]]) }
        }
    }
}

extension NFTSet {
    fileprivate func json(in table: NFTTable) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", .string(table.family.rawValue)), JSONMember("table", .string(table.name)),
            JSONMember("name", .string(name)), JSONMember("type", kind.json),
        ]
        if isInterval { members.append(JSONMember("flags", ["interval"])) }
        // nft takes no empty list.
        if !elements.isEmpty { members.append(JSONMember("elem", .array(elements.map(\.json)))) }
        return .object(members)
    }
}

extension NFTChain {
    fileprivate func json(in table: NFTTable) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", .string(table.family.rawValue)), JSONMember("table", .string(table.name)),
            JSONMember("name", .string(name)),
        ]
        if let hook {
            members += [
                JSONMember("type", .string(hook.type)), JSONMember("hook", .string(hook.hook)),
                JSONMember("prio", .integer(Int64(hook.priority))), JSONMember("policy", .string(hook.policy)),
            ]
        }
        return .object(members)
    }
}

extension NFTRule {
    fileprivate func json(in table: NFTTable, chain: String) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", .string(table.family.rawValue)), JSONMember("table", .string(table.name)),
            JSONMember("chain", .string(chain)),
        ]
        if !comment.isEmpty { members.append(JSONMember("comment", .string(comment))) }
        return .object(members + [JSONMember("expr", .array(statements.map(\.json)))])
    }
}

extension NFTMap {
    fileprivate func json(in table: NFTTable) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", .string(table.family.rawValue)), JSONMember("table", .string(table.name)),
            JSONMember("name", .string(name)), JSONMember("type", kind.json), JSONMember("map", "verdict"),
        ]
        if elements.contains(where: { $0.key?.isInterval ?? false }) {
            members.append(JSONMember("flags", ["interval"]))
        }
        // nft takes no empty list.
        if !elements.isEmpty { members.append(JSONMember("elem", .array(elements.map(\.json)))) }
        return .object(members)
    }
}

extension NFTSet.Kind {
    fileprivate var json: JSONValue { names.count == 1 ? .string(names[0]) : .array(names.map(JSONValue.string)) }
}

extension NFTVerdictMapElement {
    var json: JSONValue { [key?.json ?? "*", verdict.json] }
}

extension NFTStatement {
    var json: JSONValue {
        switch self {
        case .match(let left, let op, let right):
            return ["match": ["op": .string(op.rawValue), "left": left.json, "right": right.json]]
        case .limit(let count, let unit, let burst, let isOver):
            var members: [JSONMember] = [
                JSONMember("rate", .integer(Int64(count))), JSONMember("per", .string(unit.rawValue)),
            ]
            // Up to 1.0.8 a burst was written through a pointer of the wrong width; 5 is the default.
            if burst != 5 { members.append(JSONMember("burst", .integer(Int64(burst)))) }
            if isOver { members.append(JSONMember("inv", true)) }
            return ["limit": .object(members)]
        case .quota(let bytes): return ["quota": ["val": .integer(Int64(bytes)), "val_unit": "bytes"]]
        case .log(let prefix, let level, let flags):
            var members: [JSONMember] = []
            if !prefix.isEmpty { members.append(JSONMember("prefix", .string(prefix))) }
            if level != .warning { members.append(JSONMember("level", .string(level.rawValue))) }
            if !flags.isEmpty { members.append(JSONMember("flags", .array(flags.map { .string($0.rawValue) }))) }
            return ["log": members.isEmpty ? .null : .object(members)]
        case .netlinkLog(let log): return ["log": log.json]
        case .setMark(let value, let mask): return Self.change(["meta": ["key": "mark"]], value, mask)
        case .setConnectionMark(let value, let mask): return Self.change(["ct": ["key": "mark"]], value, mask)
        case .saveMark: return ["mangle": ["key": ["ct": ["key": "mark"]], "value": ["meta": ["key": "mark"]]]]
        case .restoreMark: return ["mangle": ["key": ["meta": ["key": "mark"]], "value": ["ct": ["key": "mark"]]]]
        case .counter: return ["counter": .null]
        case .accept: return ["accept": .null]
        case .drop: return ["drop": .null]
        case .return: return ["return": .null]
        case .continue: return ["continue": .null]
        case .jump(let chain): return ["jump": ["target": .string(chain)]]
        case .goto(let chain): return ["goto": ["target": .string(chain)]]
        case .reject(let type, let code):
            return [
                "reject": .object(
                    [JSONMember("type", .string(type))] + (code.map { [JSONMember("expr", .string($0))] } ?? []))
            ]
        case .verdictMap(let key, let map): return ["vmap": ["key": key.json, "data": map.json]]
        case .unknown(let unknown): return unknown.json
        }
    }

    /// `mark = (mark & ~mask) ^ value`, with `|` where that is the same.
    private static func change(_ mark: JSONValue, _ value: UInt32, _ mask: UInt32) -> JSONValue {
        let number = JSONValue.integer(Int64(value))
        let kept: JSONValue = ["&": [mark, .integer(Int64(~mask))]]
        let isInside = value & ~mask == 0
        let changed: JSONValue = mask == .max ? number : isInside ? ["|": [kept, number]] : ["^": [kept, number]]
        return ["mangle": ["key": mark, "value": changed]]
    }
}

extension NFTNetlinkLog {
    fileprivate var json: JSONValue {
        var members: [JSONMember] = []
        if !prefix.isEmpty { members.append(JSONMember("prefix", .string(prefix))) }
        members.append(JSONMember("group", .integer(Int64(group))))
        if let snaplen { members.append(JSONMember("snaplen", .integer(Int64(snaplen)))) }
        if let threshold { members.append(JSONMember("queue-threshold", .integer(Int64(threshold)))) }
        return .object(members)
    }
}

extension NFTVerdictMap {
    fileprivate var json: JSONValue {
        switch self {
        case .named(let name): .string("@" + name)
        case .elements(let elements): ["set": .array(elements.map(\.json))]
        }
    }
}

extension NFTExpression {
    var json: JSONValue {
        switch self {
        case .meta(let key): ["meta": ["key": .string(key.rawValue)]]
        case .payload(let proto, let field): ["payload": ["protocol": .string(proto), "field": .string(field)]]
        case .ct(let key, let original):
            original
                ? ["ct": ["key": .string(key.rawValue), "dir": "original"]] : ["ct": ["key": .string(key.rawValue)]]
        case .addressType(let side, let interface):
            [
                "fib": [
                    "result": "type", "flags": .array(([side] + (interface.map { [$0] } ?? [])).map(JSONValue.string)),
                ]
            ]
        case .and(let inner, let mask): ["&": [inner.json, .integer(Int64(mask))]]
        case .network(let inner, let length): ["&": [inner.json, .string(inner.maskText(length))]]
        case .concat(let parts): ["concat": .array(parts.map(\.json))]
        }
    }
}

extension NFTValue {
    var json: JSONValue {
        switch self {
        case .keyword(let word): .string(word)
        case .interface(let pattern): .string(pattern.description)
        case .number(let number): .integer(number)
        case .address(let address): .string(address.description)
        case .prefix(let prefix):
            ["prefix": ["addr": .string(prefix.address.description), "len": .integer(Int64(prefix.length))]]
        case .mac(let address): .string(macText(address))
        case .concat(let parts): ["concat": .array(parts.map(\.json))]
        case .range(let first, let last): ["range": [.integer(first), .integer(last)]]
        case .addressRange(let first, let last): ["range": [.string(first.description), .string(last.description)]]
        case .set(let elements): ["set": .array(elements.map(\.json))]
        case .flags(let names): names.count == 1 ? .string(names[0]) : .array(names.map(JSONValue.string))
        case .named(let name): .string("@" + name)
        }
    }
}
