import IPTablesBackend
import JSONC
import NFTablesBackend
import PacketModel
import Testing

@testable import Deployment

/// The rule that accepts the mark of a migration, and rules of others that use marks.
@Suite struct MarkTests {
    private let mark = SaveRule(words: ["-m", "mark", "--mark", "0x2/0x2", "-j", "ACCEPT"])

    @Test(
        "the rule comes to the top, chain and jump where they are missing",
        arguments: [
            (
                [],
                "*filter\n:DOCKER-USER - [0:0]\n-I DOCKER-USER 1 -m mark --mark 0x2/0x2 -j ACCEPT\n-I FORWARD 1 -j DOCKER-USER\nCOMMIT\n"
            ),
            (
                [":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN"],
                "*filter\n-I DOCKER-USER 1 -m mark --mark 0x2/0x2 -j ACCEPT\nCOMMIT\n"
            ),
            (
                [
                    ":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN",
                    "-A DOCKER-USER -m mark --mark 0x2/0x2 -j ACCEPT",
                ],
                "*filter\n-D DOCKER-USER -m mark --mark 0x2/0x2 -j ACCEPT\n-I DOCKER-USER 1 -m mark --mark 0x2/0x2 -j ACCEPT\nCOMMIT\n"
            ),
            (
                [
                    ":DOCKER-USER - [0:0]", "-A FORWARD -j DOCKER-USER",
                    "-A DOCKER-USER -m mark --mark 0x2/0x2 -j ACCEPT",
                    "-A DOCKER-USER -j RETURN",
                ], nil
            ),
        ] as [([String], String?)])
    func rule(_ lines: [String], _ text: String?) throws {
        let listing = (["*filter", ":FORWARD ACCEPT [0:0]"] + lines + ["COMMIT", ""]).joined(separator: "\n")
        #expect(MarkRule.text(mark, try IPTablesFilter(.legacy, .ip, listing: listing)) == text)
    }

    private func conflict(_ statements: [JSONValue], in table: NFTTableName, hook: String, _ priority: Int) -> String? {
        let listing: JSONValue = [
            "nftables": [
                [
                    "chain": [
                        "family": .string(table.family), "table": .string(table.name), "name": "c",
                        "hook": .string(hook), "prio": .integer(Int64(priority)),
                    ]
                ], ["rule": ["chain": "c", "handle": 4, "expr": .array(statements)]],
            ]
        ]
        return NFTMarkUse.all(in: listing, of: table).lazy.compactMap { $0.conflict(value: 2, mask: 2) }.first
    }

    private static let meta: JSONValue = ["meta": ["key": "mark"]]
    private static func match(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        ["match": ["op": "==", "left": left, "right": right]]
    }
    private static func set(_ value: JSONValue) -> JSONValue { ["mangle": ["key": meta, "value": value]] }

    @Test(
        "bits that are asked for, set, or cleared in between",
        arguments: [
            (match(meta, 5), "a rule of the chain 'c' asks for bits of it (handle 4)"),
            (match(["&": [meta, 2]], 0), "a rule of the chain 'c' asks for bits of it (handle 4)"),
            (match(["&": [meta, 0xf0]], 0x10), nil), (match(["ct": ["key": "mark"]], 2), nil),
            (set(["|": [meta, 3]]), "a rule of the chain 'c' sets bits of it (handle 4)"),
            (set(["|": [meta, 0x10]]), nil),
            (set(["^": [["&": [meta, 0xffff_ff00]], 0x10]]), nil),
            (set(["ct": ["key": "mark"]]), "a rule of the chain 'c' sets bits of it (handle 4)"),
            (
                ["mangle": ["key": ["ct": ["key": "mark"]], "value": meta]],
                "a rule of the chain 'c' asks for bits of it (handle 4)"
            ), (set(0x10), nil), (["counter": .null], nil),
        ] as [(JSONValue, String?)])
    func uses(_ statement: JSONValue, _ what: String?) {
        let table = NFTTableName(family: "inet", name: "shaping")
        #expect(conflict([statement], in: table, hook: "prerouting", -150) == what)
    }

    @Test("between our chain and Docker's, clearing counts; Docker's own rule for the mark is meant")
    func between() {
        let table = NFTTableName(family: "inet", name: "shaping")
        let sets = "a rule of the chain 'c' sets bits of it (handle 4)"
        #expect(conflict([Self.set(0x10)], in: table, hook: "forward", -5) == sets)
        #expect(conflict([Self.set(0x10)], in: table, hook: "forward", 10) == nil)
        let docker = NFTTableName(family: "ip", name: "docker-bridges")
        let accept: JSONValue = ["accept": .null]
        #expect(
            conflict([Self.match(["&": [Self.meta, 2]], 2), accept], in: docker, hook: "forward", 0) == nil)
        #expect(
            conflict([Self.match(["&": [Self.meta, 3]], 3), accept], in: docker, hook: "forward", 0)
                == "a rule of the chain 'c' asks for bits of it (handle 4)")
    }
}
