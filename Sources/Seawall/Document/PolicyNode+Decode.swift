internal import JSONC
internal import PacketModel

extension PolicyNode {
    init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        if let value = reader.take("block") {
            self = .block(try BlockNode(json: value, path: "\(path).block", locations: locations))
        } else if let value = reader.take("chain") {
            self = .chain(try ChainNode(json: value, path: "\(path).chain", locations: locations))
        } else if let value = reader.take("scope") {
            self = .scope(try ScopeNode(json: value, path: "\(path).scope", locations: locations))
        } else if let value = reader.take("group") {
            self = .group(try GroupNode(json: value, path: "\(path).group", locations: locations))
        } else if let value = reader.take("rule") {
            self = .rule(try RuleNode(json: value, path: "\(path).rule", locations: locations))
        } else if let value = reader.take("expect") {
            self = .expectation(try ExpectationNode(json: value, path: "\(path).expect", locations: locations))
        } else {
            throw JSONError(at: .path(path), "expected one of the keys block, chain, scope, group, rule and expect")
        }
        try reader.finish()
    }
}

extension JSONObjectReader {
    fileprivate mutating func set<Leaf>(_ key: String) throws(JSONError) -> SetExpression<Leaf> {
        try optional(key) { (value, path) throws(JSONError) in try SetExpression<Leaf>(json: value, path: path) }
            ?? .any
    }

    fileprivate mutating func services() throws(JSONError) -> [ServiceNode] {
        try array("services") { (value, path) throws(JSONError) in try ServiceNode(json: value, path: path) }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, as type: Value.Type
    ) throws(JSONError) -> Value where Value.RawValue == String {
        let text = try string(key)
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONError(at: .path("\(path).\(key)"), "expected one of \(known), found '\(text)'")
        }
        return value
    }

    /// The name of a node; names of chains and comments are made of it, so it can be nothing but what Seawall gives.
    fileprivate mutating func identifier() throws(JSONError) -> String {
        let id = try string("id")
        guard id.utf8.count == 8, id.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 122) }) else {
            throw JSONError(at: .path("\(path).id"), "expected eight of the characters 0-9 and a-z, found '\(id)'")
        }
        return id
    }

    fileprivate mutating func children(_ locations: NodeLocations) throws(JSONError) -> [PolicyNode] {
        try array("content") { (value, path) throws(JSONError) in
            try PolicyNode(json: value, path: path, locations: locations)
        }
    }
}

extension BlockNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        hook = try reader.choice("hook", as: Hook.self)
        families = try reader.array("families") { (value, path) throws(JSONError) in
            try JSONObjectReader.string(value, path: path)
        }
        policy = try reader.choice("policy", as: Policy.self)
        children = try reader.children(locations)
        try reader.finish()
    }
}

extension ChainNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        name = try reader.string("name")
        children = try reader.children(locations)
        try reader.finish()
    }
}

extension ScopeNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        kind = try reader.choice("kind", as: Kind.self)
        inInterface = try reader.set("in")
        outInterface = try reader.set("out")
        from = try reader.set("from")
        related = try reader.choice("related", as: Treatment.self)
        invalid = try reader.choice("invalid", as: Treatment.self)
        untracked = try reader.choice("untracked", as: Treatment.self)
        direct = try reader.choice("direct", as: Treatment.self)
        children = try reader.children(locations)
        try reader.finish()
    }
}

extension GroupNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        name = try reader.string("name")
        children = try reader.children(locations)
        try reader.finish()
    }
}

extension RuleNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        verdict = try VerdictNode(json: try reader.require("verdict"), path: "\(path).verdict")
        isDefault = try reader.flag("default")
        isLowLevel = try reader.flag("lowLevel")
        services = try reader.services()
        from = try reader.set("from")
        to = try reader.set("to")
        containerPort = try reader.set("containerPort")
        containerAddress = try reader.set("containerAddress")
        matches = try reader.array("matches") { (value, path) throws(JSONError) in
            try MatchNode(json: value, path: path)
        }
        limit = try reader.optional("limit") { (value, path) throws(JSONError) in try RateNode(json: value, path: path)
        }
        log = try reader.optional("log") { (value, path) throws(JSONError) in try LogNode(json: value, path: path) }
        effects = try reader.array("effects") { (value, path) throws(JSONError) in
            try EffectNode(json: value, path: path)
        }
        comment = try reader.optionalString("comment")
        until = try reader.optionalString("until")
        allowedLints = try reader.array("allowedLints") { (value, path) throws(JSONError) in
            let name = try JSONObjectReader.string(value, path: path)
            guard let lint = PolicyLint(rawValue: name) else {
                let known = PolicyLint.allCases.map(\.rawValue).joined(separator: ", ")
                throw JSONError(at: .path(path), "expected one of \(known), found '\(name)'")
            }
            return lint
        }
        try reader.finish()
    }
}

extension ServiceNode {
    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        protocolName = try reader.string("protocol")
        ports = try reader.set("ports")
        let type = try reader.optionalInteger("icmpType")
        let code = try reader.optionalInteger("icmpCode")
        icmp = type.map { ICMPNode(type: $0, code: code) }
        try reader.finish()
    }
}

extension RateNode {
    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        count = try reader.integer("count")
        unit = try reader.string("per")
        burst = try reader.optionalInteger("burst")
        try reader.finish()
    }
}

extension LogNode {
    init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        prefix = try reader.string("prefix")
        level = try reader.string("level")
        flags = try reader.array("flags") { (value, path) throws(JSONError) in
            try JSONObjectReader.string(value, path: path)
        }
        limit = try reader.optional("limit") { (value, path) throws(JSONError) in try RateNode(json: value, path: path)
        }
        try reader.finish()
    }
}

extension ExpectationNode {
    fileprivate init(json: JSONValue, path: String, locations: NodeLocations) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        id = try reader.identifier()
        location = try locations.location(of: id, path: path)
        outcome = try reader.string("outcome")
        connections = ConnectionsNode(
            services: try reader.services(), from: try reader.set("from"), to: try reader.set("to"),
            inInterface: try reader.set("in"), outInterface: try reader.set("out"),
            containerPort: try reader.set("containerPort"), containerAddress: try reader.set("containerAddress"),
            isPublished: try reader.optionalFlag("published"))
        // Documents of 0.1.0 name one service.
        if let service = reader.take("service") {
            connections.services.append(try ServiceNode(json: service, path: "\(path).service"))
        }
        try reader.finish()
    }
}
