import JSONC
import Testing

@testable import NFTablesBackend

/// What is the same however it is spelled, and what is not compared at all.
struct NFTTableImageTests {
    private let own = #""family":"inet","table":"seawall""#

    private func image(_ objects: String) throws -> NFTTableImage {
        try NFTTableImage(
            try JSONValue.parse(
                #"{"nftables":[{"metainfo":{}},{"table":{"family":"inet","name":"seawall","handle":1}}"#
                    + (objects.isEmpty ? "" : ",") + objects + "]}"))
    }

    /// A table with one rule of these statements.
    private func rule(_ statements: String, comment: String = "sw:a") throws -> NFTTableImage {
        try image(
            """
            {"chain":{\(own),"name":"c","handle":3}},
            {"rule":{\(own),"chain":"c","handle":7,"comment":"\(comment)","expr":[\(statements)]}}
            """)
    }

    private func match(_ left: String, _ op: String, _ right: String) -> String {
        #"{"match":{"op":"\#(op)","left":\#(left),"right":\#(right)}}"#
    }

    private let l4proto = #"{"meta":{"key":"l4proto"}}"#
    private let nfproto = #"{"meta":{"key":"nfproto"}}"#
    private let state = #"{"ct":{"key":"state"}}"#
    private let status = #"{"ct":{"key":"status"}}"#
    private let flags = #"{"payload":{"protocol":"tcp","field":"flags"}}"#
    private let dport = #"{"payload":{"protocol":"tcp","field":"dport"}}"#
    private let saddr = #"{"payload":{"protocol":"ip","field":"saddr"}}"#
    private let icmp = #"{"payload":{"protocol":"icmp","field":"type"}}"#

    @Test func spellingsOfTheSameAreEqual() throws {
        let pairs = [
            (#"{"counter":null}"#, #"{"counter":{"packets":12,"bytes":3400}}"#),
            (match(state, "in", #""new""#), match(state, "in", #"["new"]"#)),
            (match(state, "in", #"["new","related"]"#), match(state, "in", #"["related","new"]"#)),
            (match(#"{"&":[\#(status),32]}"#, "==", "0"), match(status, "!", #""dnat""#)),
            (
                match(#"{"&":[\#(state),["established","related"]]}"#, "==", "0"),
                match(state, "!", #"["related","established"]"#)
            ),
            (match(#"{"&":[\#(flags),255]}"#, "!=", "2"), match(flags, "!=", #""syn""#)),
            (match(l4proto, "==", "6"), match(l4proto, "==", #""tcp""#)),
            (match(l4proto, "==", #"{"set":[17,6]}"#), match(l4proto, "==", #"{"set":["tcp","udp"]}"#)),
            (match(icmp, "==", "8"), match(icmp, "==", #""echo-request""#)),
            (match(l4proto, "==", #""tcp""#) + "," + match(dport, "==", "80"), match(dport, "==", "80")),
            (
                match(nfproto, "==", #""ipv4""#) + "," + match(saddr, "==", #""10.0.0.1""#),
                match(saddr, "==", #""10.0.0.1""#)
            ),
            (
                match(saddr, "==", #"{"prefix":{"addr":"10.0.0.0","len":24}}"#),
                match(saddr, "==", #"{"range":["10.0.0.0","10.0.0.255"]}"#)
            ),
            (match(dport, "==", #"{"set":[{"range":[1,9]},10]}"#), match(dport, "==", #"{"range":[1,10]}"#)),
            (
                match(nfproto, "==", #""ipv4""#)
                    + #",{"counter":null},{"reject":{"type":"icmp","expr":"port-unreachable"}}"#,
                #"{"counter":null},{"reject":{"type":"icmp","expr":"port-unreachable"}}"#
            ),
        ]
        for (one, other) in pairs { #expect(try rule(one) == rule(other), "\(one) and \(other)") }
    }

    @Test func whatDiffersIsNotEqual() throws {
        let limit = #"{"limit":{"rate":1,"per":"second"}}"#
        let tcp = match(l4proto, "==", #""tcp""#)
        let port = match(dport, "==", "80")
        let pairs = [
            (match(state, "in", #""new""#), match(state, "==", #""new""#)),
            (match(state, "in", #""new""#), match(state, "!", #""new""#)),
            (match(dport, "==", "80"), match(dport, "!=", "80")),
            (match(l4proto, "==", #""udp""#) + "," + port, port),
            (match(saddr, "==", #""10.0.0.1""#), match(saddr, "==", #""10.0.0.2""#)),
            (limit, #"{"limit":{"rate":2,"per":"second"}}"#),
            // The place of the limit decides who eats its tokens.
            ("\(tcp),\(limit),\(port)", "\(limit),\(port)"),
            (
                #"{"counter":null},"# + match(nfproto, "==", #""ipv4""#)
                    + #",{"reject":{"type":"icmp","expr":"port-unreachable"}}"#,
                #"{"counter":null},{"reject":{"type":"icmp","expr":"port-unreachable"}}"#
            ),
        ]
        for (one, other) in pairs { #expect(try rule(one) != rule(other), "\(one) and \(other)") }
        #expect(try rule(limit) != rule(limit, comment: "sw:b"))
    }

    @Test func whatIsNotKnownIsNotCompared() throws {
        let set = #""name":"s","type":"ipv4_addr""#
        let refused = [
            (#"{"set":{\#(own),\#(set),"timeout":60}}"#, "the set 's' has 'timeout'"),
            (#"{"set":{\#(own),\#(set),"size":9}}"#, "the set 's' has 'size'"),
            (
                #"{"set":{\#(own),\#(set),"elem":[{"elem":{"val":"10.0.0.1","expires":5}}]}}"#,
                "time removes elements of 's'"
            ),
            (#"{"counter":{\#(own),"name":"n","packets":0,"bytes":0}}"#, "it holds an object 'counter'"),
            (#"{"map":{\#(own),\#(set),"map":"mark"}}"#, "'s' holds other things than verdicts"),
            (#"{"table":{"family":"ip","name":"seawall"}}"#, "it is not the one table 'inet seawall'"),
        ]
        for (object, reason) in refused {
            let error = #expect(throws: NFTIncomparable.self) { try image(object) }
            #expect(error?.reason == reason)
        }
        #expect(throws: NFTIncomparable.self) { try rule(#"{"queue":null}"#) }
        #expect(throws: NFTIncomparable.self) { try NFTTableImage(["nftables": []]) }
        #expect(throws: NFTIncomparable.self) { try NFTTableImage("text") }
    }

    @Test func aTerseListingHasTheSameRules() throws {
        let set = #"{"set":{\#(own),"name":"s","type":"ipv4_addr"}}"#
        let full = #"{"set":{\#(own),"name":"s","type":["ipv4_addr"],"handle":9,"elem":["10.0.0.1"]}}"#
        #expect(try image(set).hasSameRules(as: image(full)))
        #expect(try !image(set).isSame(as: image(full)))
    }

    @Test func commentsOfElementsAreNoDifference() throws {
        let one = #"{"set":{\#(own),"name":"s","type":"ipv4_addr","elem":["10.0.0.1"]}}"#
        let other =
            #"{"set":{\#(own),"name":"s","type":"ipv4_addr","elem":[{"elem":{"val":"10.0.0.1","comment":"x"}}]}}"#
        #expect(try image(one) == image(other))
    }
}
