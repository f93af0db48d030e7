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
