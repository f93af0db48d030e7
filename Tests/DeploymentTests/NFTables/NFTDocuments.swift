import JSONC

/// Documents of the shape that the backend makes.
enum NFTDocuments {
    static let table: JSONValue = ["family": "inet", "name": "seawall"]

    /// A document that replaces our table by chains, each with the comments of its rules.
    static func replacing(_ chains: [(name: String, comments: [String])], policy: String = "accept") -> JSONValue {
        var commands: [JSONValue] = [
            ["add": ["table": table]], ["delete": ["table": table]], ["add": ["table": table]],
        ]
        for chain in chains { commands.append(["add": ["chain": self.chain(chain.name, policy: policy)]]) }
        for chain in chains { commands += chain.comments.map { ["add": ["rule": rule(chain.name, $0)]] } }
        return ["nftables": .array(commands)]
    }

    /// A document with a set of addresses, and a rule that counts and drops what comes from them.
    static func blocking(
        _ addresses: [String], named name: String = "blocked", flags: [String] = [], elements: [JSONValue]? = nil,
        comment: String? = "sw:a one"
    ) -> JSONValue {
        var set: [JSONMember] = [
            JSONMember("family", "inet"), JSONMember("table", "seawall"), JSONMember("name", .string(name)),
            JSONMember("type", "ipv4_addr"),
        ]
        if !flags.isEmpty { set.append(JSONMember("flags", .array(flags.map(JSONValue.string)))) }
        set.append(JSONMember("elem", .array(elements ?? addresses.map(JSONValue.string))))
        var commands = replacing([("forward4", [])])["nftables"]?.array ?? []
        commands.insert(["add": ["set": .object(set)]], at: 3)
        if let comment {
            let match: JSONValue = [
                "match": [
                    "op": "==", "left": ["payload": ["protocol": "ip", "field": "saddr"]], "right": .string("@" + name),
                ]
            ]
            commands.append([
                "add": [
                    "rule": [
                        "family": "inet", "table": "seawall", "chain": "forward4", "comment": .string(comment),
                        "expr": [match, ["counter": .null], ["drop": .null]],
                    ]
                ]
            ])
        }
        return ["nftables": .array(commands)]
    }

    /// A set without its elements; every other object as it is.
    static func terse(_ object: JSONValue) -> JSONValue {
        guard case .object(let members)? = object["set"] else { return object }
        return ["set": .object(members.filter { $0.key != "elem" })]
    }

    static func chain(_ name: String, policy: String = "accept") -> JSONValue {
        [
            "family": "inet", "table": "seawall", "name": .string(name), "type": "filter", "hook": "forward",
            "prio": -10,
            "policy": .string(policy),
        ]
    }

    static func rule(_ chain: String, _ comment: String, _ statement: JSONValue = ["drop": .null]) -> JSONValue {
        [
            "family": "inet", "table": "seawall", "chain": .string(chain), "comment": .string(comment),
            "expr": [["match": ["op": "==", "left": ["meta": ["key": "iifname"]], "right": "eth0"]], statement],
        ]
    }
}
