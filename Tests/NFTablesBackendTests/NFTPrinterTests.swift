import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// Each node of the syntax is printed as its documentation says, in both forms.
struct NFTPrinterTests {
    private static let address = IPAddress("192.0.2.1") ?? .v4(0)

    static let statements: [(statement: NFTStatement, text: String, json: String)] = [
        (
            .match(.meta(.iifname), .equal, .interface(.prefix("br-"))), "iifname \"br-*\"",
            #"{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"br-*"}}"#
        ),
        (
            .match(.meta(.oifname), .notEqual, .set([.interface(.exact("a")), .interface(.exact("b"))])),
            "oifname != { \"a\", \"b\" }",
            #"{"match":{"op":"!=","left":{"meta":{"key":"oifname"}},"right":{"set":["a","b"]}}}"#
        ),
        (
            .match(.payload("ip", "saddr"), .equal, .named("addr4-1")), "ip saddr @addr4-1",
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@addr4-1"}}"#
        ),
        (
            .match(.payload("ip", "daddr"), .equal, .addressRange(address, address)), "ip daddr 192.0.2.1-192.0.2.1",
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"range":["192.0.2.1","192.0.2.1"]}}}"#
        ),
        (
            .match(.payload("tcp", "dport"), .notEqual, .range(80, 90)), "tcp dport != 80-90",
            #"{"match":{"op":"!=","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"range":[80,90]}}}"#
        ),
        (
            .match(.ct(.protoDestination, original: true), .equal, .number(80)), "ct original proto-dst 80",
            #"{"match":{"op":"==","left":{"ct":{"key":"proto-dst","dir":"original"}},"right":80}}"#
        ),
        (
            .match(.ct(.ipSource, original: true), .equal, .address(address)), "ct original ip saddr 192.0.2.1",
            #"{"match":{"op":"==","left":{"ct":{"key":"ip saddr","dir":"original"}},"right":"192.0.2.1"}}"#
        ),
        (
            .match(.ct(.state, original: false), .anyOf, .flags(["new", "related"])), "ct state new,related",
            #"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["new","related"]}}"#
        ),
        (
            .match(.ct(.status, original: false), .anyOf, .flags(["dnat"])), "ct status dnat",
            #"{"match":{"op":"in","left":{"ct":{"key":"status"}},"right":"dnat"}}"#
        ),
        (
            .match(.and(.payload("tcp", "flags"), 0x12), .equal, .number(2)), "tcp flags & 0x12 == 2",
            #"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},18]},"right":2}}"#
        ),
        (
            .match(.addressType(side: "daddr", interface: "iif"), .equal, .keyword("local")),
            "fib daddr . iif type local",
            #"{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr","iif"]}},"right":"local"}}"#
        ),
        (
            .match(.meta(.time), .less, .number(1_800_000_000)), "meta time < 1800000000",
            #"{"match":{"op":"<","left":{"meta":{"key":"time"}},"right":1800000000}}"#
        ),
        (
            .limit(count: 10, unit: .minute, burst: 5), "limit rate 10/minute burst 5 packets",
            #"{"limit":{"rate":10,"per":"minute"}}"#
        ),
        (
            .limit(count: 10, unit: .hour, burst: 7), "limit rate 10/hour burst 7 packets",
            #"{"limit":{"rate":10,"per":"hour","burst":7}}"#
        ),
        (.quota(bytes: 9), "quota 9 bytes", #"{"quota":{"val":9,"val_unit":"bytes"}}"#),
        (.log(prefix: "a ", level: .warning), "log prefix \"a \"", #"{"log":{"prefix":"a "}}"#),
        (.log(prefix: "", level: .debug), "log level debug", #"{"log":{"level":"debug"}}"#),
        (.log(prefix: "", level: .warning), "log", #"{"log":null}"#),
        (
            .setMark(value: 1, mask: 0xff), "meta mark set meta mark & 0xffffff00 | 0x1",
            #"{"mangle":{"key":{"meta":{"key":"mark"}},"value":{"|":[{"&":[{"meta":{"key":"mark"}},4294967040]},1]}}}"#
        ),
        (.setMark(value: 1, mask: .max), "meta mark set 0x1", #"{"mangle":{"key":{"meta":{"key":"mark"}},"value":1}}"#),
        (.counter, "counter", #"{"counter":null}"#), (.accept, "accept", #"{"accept":null}"#),
        (.drop, "drop", #"{"drop":null}"#),
        (.return, "return", #"{"return":null}"#), (.jump("a"), "jump a", #"{"jump":{"target":"a"}}"#),
        (.goto("a"), "goto a", #"{"goto":{"target":"a"}}"#),
        (.reject(type: "tcp reset", code: nil), "reject with tcp reset", #"{"reject":{"type":"tcp reset"}}"#),
        (
            .reject(type: "icmpx", code: "no-route"), "reject with icmpx type no-route",
            #"{"reject":{"type":"icmpx","expr":"no-route"}}"#
        ),
    ]

    @Test func statementsArePrintedAsDocumented() {
        for (statement, text, json) in Self.statements {
            let document = document([statement])
            #expect(NFTRule([statement], comment: "c").text == text + " comment \"c\"")
            let rule = document.json["nftables"]?.array?.last?["add"]?["rule"]
            #expect(rule?["expr"]?.array?.first?.text() == json)
        }
    }

    @Test func aTableIsPrintedInBothForms() throws {
        var document = document([.match(.payload("ip", "saddr"), .equal, .named("s")), .drop])
        document.table.sets = [
            NFTSet(name: "s", kind: .ipv4, elements: [.address(Self.address)]),
            NFTSet(name: "p", kind: .port, elements: [.number(1), .range(3, 4)]),
        ]
        document.table.chains.append(NFTChain(name: "further", rules: []))
        #expect(
            document.text(header: ["first", ""]) == """
                #!/usr/sbin/nft -f
                # first
                #

                add table inet t
                delete table inet t
                table inet t {
                    set s {
                        type ipv4_addr
                        elements = {
                            192.0.2.1,
                        }
                    }
                    set p {
                        type inet_service
                        flags interval
                        elements = {
                            1,
                            3-4,
                        }
                    }
                    chain c {
                        type filter hook forward priority -10; policy accept;
                        ip saddr @s drop comment "c"
                    }
                    chain further {
                    }
                }

                """)
        // What is written command by command is the same as the tree.
        #expect(try JSONValue.parse(document.jsonText) == document.json)
        let commands = document.json["nftables"]?.array ?? []
        #expect(
            commands.prefix(4).map { $0.text() } == [
                #"{"metainfo":{"json_schema_version":1}}"#, #"{"add":{"table":{"family":"inet","name":"t"}}}"#,
                #"{"delete":{"table":{"family":"inet","name":"t"}}}"#,
                #"{"add":{"table":{"family":"inet","name":"t"}}}"#,
            ])
        #expect(
            commands[5].text()
                == #"{"add":{"set":{"family":"inet","table":"t","name":"p","type":"inet_service","flags":["interval"],"elem":[1,{"range":[3,4]}]}}}"#
        )
    }

    private func document(_ statements: [NFTStatement]) -> NFTDocument {
        NFTDocument(
            table: NFTTable(
                name: "t", sets: [],
                chains: [
                    NFTChain(
                        name: "c", hook: NFTChain.Hook(hook: "forward", priority: -10, policy: "accept"),
                        rules: [NFTRule(statements, comment: "c")])
                ]))
    }
}
