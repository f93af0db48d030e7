import Diagnostics
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// The shapes in which versions of nft list the same, and what is no listing.
struct ReadNFTListingTests {
    private static let table = #"{"table":{"family":"inet","name":"t","handle":1}}"#
    private static let chain =
        #"{"chain":{"family":"inet","table":"t","name":"c","handle":1,"type":"filter","hook":"input","prio":0,"policy":"drop"}}"#

    private func read(_ objects: [String]) throws -> NFTListing {
        try ReadNFTListing.run(
            try JSONValue.parse(#"{"nftables":["# + objects.joined(separator: ",") + "]}"), file: "f.json")
    }

    /// The statements of a rule, as text; what is not known by its reason.
    private func rule(_ expression: String) throws -> [String] {
        // As a command: what listings hide is told apart below.
        let rule = #"{"add":{"rule":{"family":"inet","table":"t","chain":"c","handle":9,"expr":["# + expression + "]}}}"
        return try read([Self.table, Self.chain, rule]).tables[0].chains[0].rules[0].statements.map { statement in
            if case .unknown(let unknown) = statement { "? " + unknown.reason } else { statement.text }
        }
    }

    private func errors(_ objects: String...) -> [String] {
        do {
            _ = try read(objects)
            return []
        } catch {
            return (error as? DiagnosticError)?.diagnostics.map { "\($0.location?.description ?? "") \($0.message)" }
                ?? ["\(error)"]
        }
    }

    // MARK: - The same in several shapes

    @Test(arguments: [
        // A list of words (1.0.6), operations of two operands, and of several (1.1.4).
        (
            #"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},["fin","syn","rst"]]},"right":"syn"}}"#,
            "tcp flags & 0x7 == syn"
        ),
        (
            #"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},{"|":[{"|":["fin","syn"]},"rst"]}]},"right":"syn"}}"#,
            "tcp flags & 0x7 == syn"
        ),
        (
            #"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},{"|":["fin","syn","rst"]}]},"right":{"|":["syn"]}}}"#,
            "tcp flags & 0x7 == syn"
        ),
        (
            #"{"match":{"right":"established","op":"in","left":{"ct":{"key":"state"}}}}"#, "ct state established"
        ),
        (#"{"match":{"op":"!","left":{"ct":{"key":"status"}},"right":["snat","dnat"]}}"#, "ct status ! snat,dnat"),
        (
            #"{"match":{"op":"in","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[22,{"range":[80,90]}]}}}"#,
            "tcp dport { 22, 80-90 }"
        ),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"set":[{"elem":{"val":"10.0.0.1","comment":"x","counter":{"packets":0,"bytes":0}}},{"prefix":{"addr":"10.1.0.0","len":16}}]}}}"#,
            "ip saddr { 10.0.0.1, 10.1.0.0/16 }"
        ),
        (
            #"{"match":{"op":"==","left":{"fib":{"result":"type","flags":"daddr"}},"right":"local"}}"#,
            "fib daddr type local"
        ),
        (
            #"{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr","iif"]}},"right":"local"}}"#,
            "fib daddr . iif type local"
        ),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"icmpv6","field":"type"}},"right":{"range":["echo-request","mld-listener-query"]}}}"#,
            "icmpv6 type 128-130"
        ),
        (#"{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"br-*"}}"#, "iifname \"br-*\""),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ether","field":"saddr"}},"right":"0:f:54:0c:11:4"}}"#,
            "ether saddr 00:0f:54:0c:11:04"
        ),
        (
            #"{"vmap":{"key":{"payload":{"protocol":"tcp","field":"dport"}},"data":{"set":[[22,{"accept":null}],["*",{"jump":{"target":"d"}}]]}}}"#,
            "tcp dport vmap { 22 : accept, * : jump d }"
        ),
        (
            #"{"vmap":{"key":{"concat":[{"meta":{"key":"iifname"}},{"payload":{"protocol":"tcp","field":"dport"}}]},"data":{"set":[[{"concat":["eth0",80]},{"drop":null}]]}}}"#,
            "iifname . tcp dport vmap { \"eth0\" . 80 : drop }"
        ),
        (#"{"counter":{"packets":1,"bytes":2}}"#, "counter"), (#"{"counter":null}"#, "counter"),
        (#"{"counter":"name"}"#, "counter"),
        (#"{"log":null}"#, "log"), (#"{"log":{"prefix":"a","flags":"all"}}"#, logAll),
        (#"{"log":{"prefix":"a","flags":["skuid"]}}"#, "log prefix \"a\" flags skuid"),
        (#"{"log":{"group":2,"snaplen":5,"queue-threshold":1}}"#, "log group 2 snaplen 5 queue-threshold 1"),
        (#"{"limit":{"rate":3,"per":"hour","inv":true}}"#, "limit rate over 3/hour burst 5 packets"),
        (#"{"reject":null}"#, "reject with icmpx type port-unreachable"),
        (#"{"reject":{"type":"tcp reset"}}"#, "reject with tcp reset"),
        (
            #"{"mangle":{"key":{"meta":{"key":"mark"}},"value":{"|":[{"^":[{"&":[{"meta":{"key":"mark"}},4294967041]},256]},1]}}}"#,
            "meta mark set meta mark & 0xffffff00 ^ 0x101"
        ),
        (#"{"mangle":{"key":{"ct":{"key":"mark"}},"value":{"meta":{"key":"mark"}}}}"#, "ct mark set meta mark"),
        (#"{"mangle":{"key":{"ct":{"key":"mark"}},"value":5}}"#, "ct mark set 0x5"),
    ])
    func shapesAreRead(json: String, text: String) throws {
        #expect(try rule(json) == [text])
    }

    private static let logAll =
        "log prefix \"a\" flags tcp sequence flags tcp options flags ip options flags skuid flags ether"

    @Test(arguments: [
        (
            #"{"match":{"op":"==","left":{"ct":{"key":"saddr","dir":"original"}},"right":"0.0.0.10"}}"#,
            "'ct original saddr'"
        ),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"host.example"}}"#,
            "expected an IPv4 address, found 'host.example'"
        ),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"10.0.0.0/8"}}"#,
            "expected an IPv4 address"
        ),
        (
            #"{"match":{"op":"==","left":{"concat":[{"payload":{"protocol":"ip","field":"saddr"}},{"ct":{"key":"proto-dst","dir":"original"}}]},"right":{"set":[{"prefix":{"addr":"10.0.0.0","len":8}}]}}}"#,
            "has not the parts of its key"
        ),
        (#"{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":{"range":["",""]}}}"#, "name of an interface"),
        (#"{"match":{"op":"==","left":{"meta":{"key":"cpu"}},"right":1}}"#, "'meta cpu' is not known"),
        (#"{"match":{"op":"==","left":{"ct":{"key":"state"}},"right":"new","more":1}}"#, "the key 'more' is unknown"),
        (#"{"limit":"named"}"#, "named limit"), (#"{"tproxy":{"port":1}}"#, "a statement 'tproxy' is not known"),
        (#""text""#, "expected a statement, found a string"),
    ])
    func whatIsNotKnownIsKeptWithTheReason(json: String, reason: String) throws {
        let found = try rule(json)
        #expect(found.count == 1 && found[0].hasPrefix("? ") && found[0].contains(reason), "\(found)")
    }

    // MARK: - Commands

    @Test func commandsAreCarriedOutInTheirOrder() throws {
        let rule = { (name: String) in
            #"{"rule":{"family":"inet","table":"t","chain":"c","comment":"\#(name)","expr":[{"drop":null}]}}"#
        }
        let listing = try read([
            #"{"metainfo":{"version":"1.0.6","json_schema_version":1}}"#, #"{"add":\#(Self.table)}"#,
            #"{"delete":\#(Self.table)}"#, #"{"add":\#(Self.table)}"#, #"{"create":\#(Self.chain)}"#,
            #"{"add":\#(rule("a"))}"#, #"{"flush":{"chain":{"family":"inet","table":"t","name":"c"}}}"#,
            #"{"add":\#(rule("b"))}"#, #"{"insert":\#(rule("c"))}"#,
            #"{"add":{"set":{"family":"inet","table":"t","name":"s","type":["ipv4_addr","inet_service"],"flags":"interval"}}}"#,
            #"{"add":{"element":{"family":"inet","table":"t","name":"s","elem":[{"concat":["10.0.0.1",{"range":[1,2]}]}]}}}"#,
            #"{"add":{"map":{"family":"inet","table":"t","name":"m","type":"inet_service","map":"verdict","elem":[[22,{"accept":null}]]}}}"#,
        ])
        let table = try #require(listing.tables.first)
        #expect(table.chains.first?.rules.map(\.comment) == ["c", "b"])
        #expect(table.sets.map(\.kind) == [.concat([.ipv4, .port])])
        #expect(table.sets.first?.elements == [.concat([.address(.v4(0x0a00_0001)), .range(1, 2)])])
        #expect(table.maps.first?.elements == [NFTVerdictMapElement(.number(22), .accept)])
    }

    @Test func whatWeWriteIsReadAsItWas() throws {
        for (statement, _, _) in NFTPrinterTests.statements {
            let hook = NFTChain.Hook(hook: "forward", priority: -10, policy: "accept")
            let set = NFTSet(name: "addr4-1", kind: .ipv4, elements: [.address(.v4(1))])
            let table = NFTTable(
                name: "seawall", sets: [set],
                chains: [NFTChain(name: "c", hook: hook, rules: [NFTRule([statement], comment: "sw:a")])])
            #expect(try ReadNFTListing.run(NFTDocument(table: table).json, file: "f").tables == [table])
        }
    }

    @Test func setsThatChangeSayWhy() throws {
        let listing = try read([
            Self.table,
            #"{"set":{"family":"inet","table":"t","name":"a","type":"ipv4_addr","flags":["dynamic"]}}"#,
            #"{"set":{"family":"inet","table":"t","name":"b","type":"ipv4_addr","elem":[{"elem":{"val":"10.0.0.1","timeout":5,"expires":1}}]}}"#,
            #"{"set":{"family":"inet","table":"t","name":"c","type":{"typeof":{"payload":{"protocol":"ip","field":"saddr"}}},"elem":["10.0.0.1"]}}"#,
            #"{"map":{"family":"inet","table":"t","name":"d","type":"ipv4_addr","map":"mark","elem":[["10.0.0.1",5]]}}"#,
        ])
        #expect(
            listing.tables[0].sets.map(\.volatility) == [
                "packets add elements to 'a'", "time removes elements of 'b'", nil,
            ])
        #expect(listing.tables[0].sets.map(\.kind) == [.ipv4, .ipv4, .ipv4])
        #expect(listing.tables[0].maps.map(\.volatility) == ["'d' holds other things than verdicts"])
    }

    /// nft 1.0.6 lists no flag `dynamic`: the rules tell, wherever they stand.
    @Test func setsThatRulesChangeSayWhy() throws {
        let listing = try read([
            Self.table, #"{"chain":{"family":"inet","table":"t","name":"c"}}"#,
            #"{"set":{"family":"inet","table":"t","name":"a","type":"ipv4_addr","size":1000}}"#,
            #"{"set":{"family":"inet","table":"t","name":"b","type":"ipv4_addr","size":1000}}"#,
            #"{"map":{"family":"inet","table":"t","name":"m","type":"ipv4_addr","map":"verdict"}}"#,
            #"{"rule":{"family":"inet","table":"t","chain":"c","expr":[{"set":{"op":"add","elem":{"payload":{"protocol":"ip","field":"saddr"}},"set":"@a"}},{"map":{"op":"update","elem":{"payload":{"protocol":"ip","field":"saddr"}},"data":1,"map":"@m"}}]}}"#,
        ])
        #expect(listing.tables[0].sets.map(\.volatility) == ["packets add elements to 'a'", nil])
        #expect(listing.tables[0].maps.map(\.volatility) == ["packets add elements to 'm'"])
    }

    /// An element with a limit ends the rule beyond its rate (`nft_set_elem_update_expr`).
    @Test func elementsThatLimitPacketsAreNotTakenForTheirValues() throws {
        let listing = try read([
            Self.table, #"{"chain":{"family":"inet","table":"t","name":"c"}}"#,
            #"{"set":{"family":"inet","table":"t","name":"a","type":"ipv4_addr","elem":[{"elem":{"val":"10.0.0.1","limit":{"rate":1,"burst":5,"per":"second"}}}]}}"#,
            #"{"set":{"family":"inet","table":"t","name":"b","type":"ipv4_addr","stmt":[{"ct count":{"val":3}}]}}"#,
            #"{"set":{"family":"inet","table":"t","name":"c","type":"ipv4_addr","stmt":[{"counter":null}],"elem":[{"elem":{"val":"10.0.0.1","comment":"x","counter":{"packets":0,"bytes":0}}}]}}"#,
            #"{"rule":{"family":"inet","table":"t","chain":"c","expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"set":[{"elem":{"val":"10.0.0.1","limit":{"rate":1,"per":"second"}}}]}}},{"drop":null}]}}"#,
        ])
        #expect(
            listing.tables[0].sets.map(\.volatility) == [
                "elements of 'a' limit or count the packets that they match",
                "elements of 'b' limit or count the packets that they match", nil,
            ])
        let first = try #require(listing.tables[0].chains[0].rules[0].statements.first)
        guard case .unknown(let unknown) = first else {
            Issue.record("a limit of an element was passed over: \(first)")
            return
        }
        #expect(unknown.reason.contains("limits or counts packets"))
    }

    @Test func tablesThatSeeNothingOrOtherPacketsAreNamed() throws {
        let listing = try read([
            #"{"table":{"family":"ip","name":"t","flags":"dormant"}}"#,
            #"{"chain":{"family":"ip","table":"t","name":"c"}}"#, #"{"table":{"family":"bridge","name":"t"}}"#,
            #"{"rule":{"family":"bridge","table":"t","chain":"c","expr":[]}}"#,
        ])
        #expect(listing.tables.isEmpty)
        #expect(listing.others.map(\.name.description) == ["ip t", "bridge t"])
    }

    // MARK: - What a listing hides

    /// nft 1.0.6 lists these without the `meta nfproto ipv4` that the rule may have.
    @Test(arguments: [
        (#"{"reject":{"type":"tcp reset"}}"#, "inet", true), (#"{"reject":{"type":"tcp reset"}}"#, "ip", false),
        (#"{"match":{"op":"==","left":{"ct":{"key":"protocol"}},"right":"gre"}},{"drop":null}"#, "inet", true),
        (
            #"{"match":{"op":"==","left":{"ct":{"key":"protocol"}},"right":{"range":[47,48]}}},{"drop":null}"#, "inet",
            false
        ),
        (
            #"{"match":{"op":"!=","left":{"meta":{"key":"nfproto"}},"right":"ipv6"}},{"reject":{"type":"tcp reset"}}"#,
            "inet", false
        ),
        (
            #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"ttl"}},"right":9}},{"reject":{"type":"tcp reset"}}"#,
            "inet", false
        ),
    ])
    func aFamilyThatIsNotListedIsNotGuessed(statements: String, family: String, isRefused: Bool) throws {
        func lift(_ rule: String) throws -> NFTLift {
            let json = try JSONValue.parse(
                """
                {"nftables":[{"table":{"family":"\(family)","name":"t"}},
                {"chain":{"family":"\(family)","table":"t","name":"c","type":"filter","hook":"input","prio":0,"policy":"accept"}},
                \(rule)]}
                """)
            return try LiftFromNFTables.lift(try ReadNFTListing.run(json, file: "f"), file: "f")
        }
        let rule = #"{"rule":{"family":"\#(family)","table":"t","chain":"c","expr":[\#(statements)]}}"#
        if isRefused {
            let error = #expect(throws: DiagnosticError.self) { try lift(rule) }
            #expect(error?.diagnostics.map(\.id) == ["not-liftable"])
            #expect(error?.diagnostics[0].message.contains("without the family") == true)
        } else {
            #expect(try lift(rule).scopes.count == 1)
        }
        // A command says what it means.
        #expect(try lift(#"{"add":\#(rule)}"#).scopes.count == 1)
    }

    // MARK: - No listing

    @Test func allMistakesAreFoundInOneRun() {
        #expect(
            errors(
                Self.table, #"{"chain":{"family":"inet","table":"t","name":"c","polciy":"drop"}}"#,
                #"{"chain":{"family":"inet","table":"t","name":"d","type":"filter","hook":"input","prio":"filter"}}"#,
                #"{"chain":{"family":"inet","table":"t","name":"e","type":"filter","hook":"input","prio":0,"policy":1}}"#,
                #"{"rule":{"family":"inet","table":"t","chain":"nowhere","expr":[]}}"#,
                #"{"chain":{"family":"inet","table":"u","name":"c"}}"#, #"{"shell":{}}"#,
                #"{"replace":{"rule":{"family":"inet","table":"t","chain":"c","handle":1,"expr":[]}}}"#,
                #"{"table":{"family":"inet","name":"v","flags":"\u0001"}}"#, "5"
            ) == [
                "f.json $.nftables[1].chain: the key 'polciy' is unknown to this version of Seawall",
                "f.json $.nftables[2].chain: a base chain needs 'type', 'hook' and 'prio', and 'prio' has to be a number",
                "f.json $.nftables[3].chain.policy: expected a string, found an integer",
                "f.json $.nftables[4].rule: there is no chain 'nowhere' in the table inet t",
                "f.json $.nftables[5].chain: there is no table inet u before this",
                "f.json $.nftables[6].shell: the object 'shell' is unknown to this version of Seawall",
                "f.json $.nftables[7].replace: the command 'replace' needs what is loaded already: give what nft lists instead",
                "f.json $.nftables[8].table.flags: the flag '\u{1}' is not known: nft before 1.1 lists that of a dormant table wrongly",
                "f.json $.nftables[9]: expected a command or an object of a listing, found an integer",
            ])
    }

    /// Found by fuzzing: the element was read as its own value, without an end.
    @Test func anElementWithoutAValueIsAMistake() {
        #expect(
            errors(
                Self.table,
                #"{"set":{"family":"inet","table":"t","name":"s","type":"ipv4_addr","elem":[{"elem":{"comment":"x"}}]}}"#
            ) == ["f.json $.nftables[1].set.elem[0].elem: expected an element with its 'val'"])
    }

    @Test func anotherDocumentIsNoListing() throws {
        let error = #expect(throws: DiagnosticError.self) { try ReadNFTListing.run(["tables": []], file: "f") }
        #expect(error?.outcome == .unreadable && error?.diagnostics.map(\.id) == ["bad-nft-json"])
    }
}
