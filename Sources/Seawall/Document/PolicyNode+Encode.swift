internal import JSONC

extension PolicyNode {
    var json: JSONValue {
        switch self {
        case .block(let block): ["block": block.json(withChildren: true)]
        case .chain(let chain):
            [
                "chain": [
                    "id": .string(chain.id), "name": .string(chain.name), "content": .array(chain.children.map(\.json)),
                ]
            ]
        case .scope(let scope): ["scope": scope.json(withChildren: true)]
        case .group(let group):
            [
                "group": [
                    "id": .string(group.id), "name": .string(group.name), "content": .array(group.children.map(\.json)),
                ]
            ]
        case .rule(let rule): ["rule": rule.json]
        case .expectation(let expectation): ["expect": expectation.json]
        }
    }
}

/// Members of an object: what says nothing is left out.
struct Members {
    private(set) var list: [JSONMember] = []

    mutating func add(_ key: String, _ value: JSONValue) {
        if value != .null { list.append(JSONMember(key, value)) }
    }
    mutating func add(_ key: String, _ text: String?) {
        if let text { list.append(JSONMember(key, .string(text))) }
    }
    mutating func add(_ key: String, _ flag: Bool) {
        if flag { list.append(JSONMember(key, true)) }
    }
    mutating func add(_ key: String, _ elements: [JSONValue]) {
        if !elements.isEmpty { list.append(JSONMember(key, .array(elements))) }
    }
    var json: JSONValue { .object(list) }
}

extension BlockNode {
    func json(withChildren: Bool) -> JSONValue {
        var members = Members()
        if withChildren { members.add("id", id) }
        members.add("hook", hook.rawValue)
        members.add("families", families.map(JSONValue.string))
        members.add("policy", policy.rawValue)
        if withChildren { members.add("content", .array(children.map(\.json))) }
        return members.json
    }
}

extension ScopeNode {
    func json(withChildren: Bool) -> JSONValue {
        var members = Members()
        if withChildren { members.add("id", id) }
        members.add("kind", kind.rawValue)
        members.add("in", inInterface.json)
        members.add("out", outInterface.json)
        members.add("from", from.json)
        members.add("related", related.rawValue)
        members.add("invalid", invalid.rawValue)
        members.add("untracked", untracked.rawValue)
        members.add("direct", direct.rawValue)
        if withChildren { members.add("content", .array(children.map(\.json))) }
        return members.json
    }
}

extension RuleNode {
    var json: JSONValue {
        var members = Members()
        if !id.isEmpty { members.add("id", id) }
        members.add("verdict", verdict.json)
        members.add("default", isDefault)
        members.add("lowLevel", isLowLevel)
        members.add("services", services.map(\.json))
        members.add("from", from.json)
        members.add("to", to.json)
        members.add("containerPort", containerPort.json)
        members.add("containerAddress", containerAddress.json)
        members.add("matches", matches.map(\.json))
        members.add("limit", limit?.json ?? .null)
        members.add("log", log?.json ?? .null)
        members.add("effects", effects.map(\.json))
        members.add("comment", comment)
        members.add("until", until)
        members.add("allowedLints", allowedLints.map { .string($0.rawValue) })
        return members.json
    }
}

extension ServiceNode {
    var json: JSONValue {
        var members = Members()
        members.add("protocol", protocolName)
        members.add("ports", ports.json)
        if let icmp {
            members.add("icmpType", .integer(Int64(icmp.type)))
            if let code = icmp.code { members.add("icmpCode", .integer(Int64(code))) }
        }
        return members.json
    }
}

extension RateNode {
    var json: JSONValue {
        var members = Members()
        members.add("count", .integer(Int64(count)))
        members.add("per", unit)
        if let burst { members.add("burst", .integer(Int64(burst))) }
        return members.json
    }
}

extension LogNode {
    var json: JSONValue {
        var members = Members()
        members.add("prefix", prefix)
        members.add("level", level)
        members.add("flags", flags.map(JSONValue.string))
        members.add("limit", limit?.json ?? .null)
        return members.json
    }
}

extension ExpectationNode {
    var json: JSONValue {
        var members = Members()
        if !id.isEmpty { members.add("id", id) }
        members.add("outcome", outcome)
        members.add("services", connections.services.map(\.json))
        members.add("from", connections.from.json)
        members.add("to", connections.to.json)
        members.add("in", connections.inInterface.json)
        members.add("out", connections.outInterface.json)
        members.add("containerPort", connections.containerPort.json)
        members.add("containerAddress", connections.containerAddress.json)
        members.add("published", connections.isPublished.map { JSONValue.bool($0) } ?? .null)
        return members.json
    }
}
