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
        return text + "]}\n"
    }

    private func forEachCommand(_ body: (JSONValue) -> Void) {
        let name: [JSONMember] = [JSONMember("family", "inet"), JSONMember("name", .string(table.name))]
        body(["metainfo": ["json_schema_version": 1]])
        body(["add": ["table": .object(name)]])
        body(["delete": ["table": .object(name)]])
        body(["add": ["table": .object(name)]])
        for set in table.sets { body(["add": ["set": set.json(in: table.name)]]) }
        for chain in table.chains { body(["add": ["chain": chain.json(in: table.name)]]) }
        for chain in table.chains {
            for rule in chain.rules { body(["add": ["rule": rule.json(in: table.name, chain: chain.name)]]) }
        }
    }
}

extension NFTSet {
    fileprivate func json(in table: String) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", "inet"), JSONMember("table", .string(table)), JSONMember("name", .string(name)),
            JSONMember("type", .string(kind.rawValue)),
        ]
        if isInterval { members.append(JSONMember("flags", ["interval"])) }
        members.append(JSONMember("elem", .array(elements.map(\.json))))
        return .object(members)
    }
}

extension NFTChain {
    fileprivate func json(in table: String) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("family", "inet"), JSONMember("table", .string(table)), JSONMember("name", .string(name)),
        ]
        if let hook {
            members += [
                JSONMember("type", "filter"), JSONMember("hook", .string(hook.hook)),
                JSONMember("prio", .integer(Int64(hook.priority))), JSONMember("policy", .string(hook.policy)),
            ]
        }
        return .object(members)
    }
}

extension NFTRule {
    fileprivate func json(in table: String, chain: String) -> JSONValue {
        [
            "family": "inet", "table": .string(table), "chain": .string(chain), "comment": .string(comment),
            "expr": .array(statements.map(\.json)),
        ]
    }
}

extension NFTStatement {
    var json: JSONValue {
        switch self {
        case .match(let left, let op, let right):
            return ["match": ["op": .string(op.rawValue), "left": left.json, "right": right.json]]
        case .limit(let count, let unit, let burst):
            var members: [JSONMember] = [
                JSONMember("rate", .integer(Int64(count))), JSONMember("per", .string(unit.rawValue)),
            ]
            // Up to 1.0.8 a burst was written through a pointer of the wrong width; 5 is the default.
            if burst != 5 { members.append(JSONMember("burst", .integer(Int64(burst)))) }
            return ["limit": .object(members)]
        case .quota(let bytes): return ["quota": ["val": .integer(Int64(bytes)), "val_unit": "bytes"]]
        case .log(let prefix, let level):
            var members: [JSONMember] = []
            if !prefix.isEmpty { members.append(JSONMember("prefix", .string(prefix))) }
            if level != .warning { members.append(JSONMember("level", .string(level.rawValue))) }
            return ["log": members.isEmpty ? .null : .object(members)]
        case .setMark(let value, let mask):
            let mark: JSONValue = ["meta": ["key": "mark"]]
            let kept: JSONValue = ["&": [mark, .integer(Int64(~mask))]]
            return [
                "mangle": [
                    "key": mark,
                    "value": mask == .max ? .integer(Int64(value)) : ["|": [kept, .integer(Int64(value))]],
                ]
            ]
        case .counter: return ["counter": .null]
        case .accept: return ["accept": .null]
        case .drop: return ["drop": .null]
        case .return: return ["return": .null]
        case .jump(let chain): return ["jump": ["target": .string(chain)]]
        case .goto(let chain): return ["goto": ["target": .string(chain)]]
        case .reject(let type, let code):
            return [
                "reject": .object(
                    [JSONMember("type", .string(type))] + (code.map { [JSONMember("expr", .string($0))] } ?? []))
            ]
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
        case .range(let first, let last): ["range": [.integer(first), .integer(last)]]
        case .addressRange(let first, let last): ["range": [.string(first.description), .string(last.description)]]
        case .set(let elements): ["set": .array(elements.map(\.json))]
        case .flags(let names): names.count == 1 ? .string(names[0]) : .array(names.map(JSONValue.string))
        case .named(let name): .string("@" + name)
        }
    }
}
