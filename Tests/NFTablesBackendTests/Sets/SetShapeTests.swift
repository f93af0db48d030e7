import Diagnostics
import FirewallIR
import JSONC
import NFTablesBackend
import PacketModel
import Testing

/// Which sets and maps merged rules become, and how they are looked up.
struct SetShapeTests {
    /// A rule that was merged from others, a box from each.
    private func merged(_ verdict: Verdict, _ boxes: [Box], id: String = "m") -> FirewallRule {
        var rule = FirewallRule(
            id: id, origin: SourceLocation(file: "Policy.swift", line: 1), condition: boxes, verdict: verdict)
        rule.merged = boxes.indices.map {
            MergedSource(id: "\(id)\($0)", origin: SourceLocation(file: "Policy.swift", line: $0 + 1), boxes: 1)
        }
        return rule
    }

    private func document(_ rules: FirewallRule..., acceptMark: AcceptMark? = nil) throws -> NFTDocument {
        let scope = Scope(hook: .containers, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)])
        return try LowerToNFTables.lower(
            Ruleset(name: "Test", scopes: [scope]), acceptMark: acceptMark, optimized: true)
    }

    /// The lines of the table, and its sets and maps.
    private func text(_ document: NFTDocument) -> [String] {
        let sets = document.table.sets.map { set in
            "\(set.name)\(set.isInterval ? " intervals" : ""): \(set.elements.map(\.text).joined(separator: ", "))"
        }
        let maps = document.table.maps.map { map in
            "\(map.name): "
                + map.elements.map { "\($0.key?.text ?? "*") : \($0.verdict.text)" }.joined(separator: ", ")
        }
        let lines = document.table.chains.flatMap { $0.rules.map { "\($0.text.prefix { $0 != "\"" })" } }
        return sets + maps + lines.map { $0.replacing(" comment ", with: "") }
    }

    private func from(_ texts: String..., port: ClosedRange<UInt16>? = nil, proto: UInt8 = 6) -> Box {
        var box = Box()
        box.source = IPAddressSet(texts.compactMap(range))
        if let port {
            box.protocols = IntervalSet(proto)
            box.originalDestinationPort = Presence(IntervalSet([port]))
        }
        return box
    }

    private func port(_ number: UInt16) -> Box {
        var box = Box()
        box.protocols = IntervalSet(6)
        box.originalDestinationPort = Presence(IntervalSet(number))
        return box
    }

    private func range(_ text: String) -> IPAddressRange? {
        let parts = text.split(separator: "/")
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let length = parts.count == 2 ? Int(parts[1]) ?? 0 : address.family.addressBits
        return IPPrefix(address, length: length).map { IPAddressRange($0) }
    }

    // MARK: - Addresses

    @Test func addressesAreLookedUpByTheLengthsOfTheirNetworks() throws {
        let boxes = ["10.1.0.0/16", "10.3.0.0/16", "192.0.2.7", "192.0.2.9", "10.5.0.0/16"].map { from($0) }
        #expect(
            text(try document(merged(.drop, boxes))) == [
                "drop-saddr4-16-1: 10.1.0.0, 10.3.0.0, 10.5.0.0", "drop-saddr4-32-1: 192.0.2.7, 192.0.2.9",
                "ip saddr & 255.255.0.0 == @drop-saddr4-16-1 drop", "ip saddr @drop-saddr4-32-1 drop",
            ])
    }

    @Test func eachFamilyHasItsOwnSets() throws {
        let boxes = ["10.1.0.0", "10.2.0.0", "2001:db8:1::/48", "2001:db8:3::/48"].map { from($0) }
        #expect(
            text(try document(merged(.leave, boxes))) == [
                "leave-saddr4-32-1: 10.1.0.0, 10.2.0.0", "leave-saddr6-48-1: 2001:db8:1::, 2001:db8:3::",
                "ip saddr @leave-saddr4-32-1 accept", "ip6 saddr & ffff:ffff:ffff:: == @leave-saddr6-48-1 accept",
            ])
    }

    @Test func overlappingNetworksStayWhatTheRulesSay() throws {
        let boxes = ["10.0.0.0/8", "12.0.0.0/8", "10.1.0.0/16", "10.3.0.0/16"].map { from($0) }
        let found = try document(merged(.drop, boxes))
        #expect(found.table.sets.map(\.elements.count) == [2, 2])
        #expect(found.sources.elements["drop-saddr4-16-1"] == [["m2"], ["m3"]])
    }

    @Test func aShortListOfManyLengthsIsIntervals() throws {
        let boxes = (8...24).map { from("\($0).0.0.0/\($0)") } + (8...24).map { from("\($0 + 100).0.0.0/\($0)") }
        let found = try document(merged(.drop, boxes))
        #expect(found.table.sets.map(\.isInterval) == [true])
        #expect(found.plans["drop-saddr4-1"]?.kind == .interval)
    }

    @Test func allButSomeIsAskedForEachLength() throws {
        var box = Box()
        box.families = .ip
        box.source = IPAddressSet(
            ["10.1.0.0/16", "10.3.0.0/16", "10.5.0.0/16", "192.0.2.7", "192.0.2.9", "192.0.2.11"].compactMap(range)
        ).complement.only(.ip)
        #expect(
            text(try document(merged(.drop, [box]))).suffix(1) == [
                "ip saddr & 255.255.0.0 != @drop-saddr4-16-1 ip saddr != @drop-saddr4-32-1 drop"
            ])
    }

    @Test func twoRulesThatNameOneElementAreBothKept() throws {
        let found = try document(merged(.drop, [from("10.0.0.1"), from("10.0.0.3"), from("10.0.0.1")]))
        #expect(found.sources.elements["drop-saddr4-32-1"] == [["m0", "m2"], ["m1"]])
    }

    // MARK: - Several fields

    @Test func addressesAndPortsAreOneKey() throws {
        let boxes = [("10.1.0.0/24", 80), ("10.2.0.0/24", 81), ("10.0.0.1", 80), ("10.0.0.2", 443), ("10.0.0.3", 82)]
            .map { from($0.0, port: UInt16($0.1)...UInt16($0.1)) }
        #expect(
            text(try document(merged(.leave, boxes))) == [
                "leave-saddr4-odport-24-1: 10.1.0.0 . 80, 10.2.0.0 . 81",
                "leave-saddr4-odport-32-1: 10.0.0.1 . 80, 10.0.0.2 . 443, 10.0.0.3 . 82",
                "meta l4proto tcp ip saddr & 255.255.255.0 . ct original proto-dst @leave-saddr4-odport-24-1 accept",
                "meta l4proto tcp ip saddr . ct original proto-dst @leave-saddr4-odport-32-1 accept",
            ])
    }

    @Test func rangesOfPortsAreDisjointIntervals() throws {
        let boxes = [
            from("10.1.0.0/24", port: 1000...9999), from("10.1.0.0/16", port: 5000...20000),
            from("10.3.0.0/24", port: 30000...40000), from("10.4.0.1", port: 1...60000),
            from("10.5.0.0/16", port: 7...50000),
        ]
        let found = try document(merged(.leave, boxes))
        #expect(found.table.sets.map(\.name) == ["leave-saddr4-odport-ranges-1"])
        #expect(found.plans["leave-saddr4-odport-ranges-1"]?.kind == .concatenatedIntervals)
        let elements = found.table.sets[0].elements.map(\.text)
        #expect(elements.contains("10.1.0.0/24 . 1000-4999") && elements.contains("10.1.0.0/16 . 5000-9999"))
        #expect(Set(elements).count == elements.count)
    }

    @Test func oneFieldThatDiffersIsASetOfThatField() throws {
        let boxes = [80, 81, 443].map { from("10.0.0.1", port: $0...$0) }
        #expect(
            text(try document(merged(.leave, boxes))) == [
                "leave-odport-1: 80, 81, 443",
                "ip saddr 10.0.0.1 meta l4proto tcp ct original proto-dst @leave-odport-1 accept",
            ])
    }

    /// Without a protocol, the place of a port holds bytes of other headers: no set makes that right.
    @Test func portsWithoutAProtocolAreRefused() {
        let boxes = (1...6).map { number in
            var box = from("10.0.\(number).1")
            box.destinationPort = Presence(IntervalSet(UInt16(number)))
            return box
        }
        let error = #expect(throws: DiagnosticError.self) { try document(merged(.drop, boxes)) }
        #expect(
            error?.diagnostics.map(\.message) == [
                "cannot be expressed in nft: a port is asked for without a protocol"
            ])
    }

    // MARK: - Verdicts

    @Test func differentVerdictsAreOneMap() throws {
        let found = try document(
            merged(.leave, [port(80), port(443)], id: "a"), merged(.drop, [port(8080)], id: "b"))
        #expect(
            text(found) == [
                "map-odport-1: 80 : accept, 443 : accept, 8080 : drop",
                "meta l4proto tcp ct original proto-dst vmap @map-odport-1",
            ])
        #expect(found.sources.elements["map-odport-1"] == [["a0"], ["a1"], ["b0"]])
    }

    @Test func anAnswerFitsInNoMap() throws {
        let found = try document(
            merged(.leave, [port(80), port(443)], id: "a"), merged(.reject(.portUnreachable), [port(8080)], id: "b"))
        #expect(found.table.maps.isEmpty)
    }

    @Test func overlappingKeysAreNoMap() throws {
        let found = try document(
            merged(.leave, [port(80), port(443)], id: "a"), merged(.drop, [port(443)], id: "b"))
        #expect(found.table.maps.isEmpty)
    }

    @Test func whatIsAcceptedByAMarkIsNoMap() throws {
        let found = try document(
            merged(.accept, [port(80), port(443)], id: "a"), merged(.drop, [port(8080)], id: "b"),
            acceptMark: AcceptMark(value: 1, mask: 1))
        #expect(found.table.maps.isEmpty)
    }

    // MARK: - Sources

    @Test func aLineOfOneRuleBearsItsName() throws {
        var rule = merged(.drop, [from("10.0.0.1"), port(80)])
        rule.merged[1].comment = "web"
        let comments = try document(rule).table.chains[0].rules.map(\.comment)
        #expect(comments == ["sw:m0", "sw:m1 web"])
    }

    @Test func sourcesComeBackFromTheDocument() throws {
        let boxes = ["10.0.0.1", "10.0.0.3", "10.1.0.0/16", "10.3.0.0/16"].map { from($0) }
        let document = try document(merged(.drop, boxes))
        let listing = try ReadNFTListing.run(try JSONValue.parse(Array(document.jsonText.utf8)), file: "t")
        #expect(listing.sources == document.sources)
        let lift = try LiftFromNFTables.lift(listing, file: "t")
        let rules = lift.scopes[0].chains[0].rules
        #expect(rules.map { $0.merged.map(\.id) } == [["m2", "m3"], ["m0", "m1"]])
        #expect(rules[0].merged[0].origin == SourceLocation(file: "Policy.swift", line: 3))
    }

    @Test func sourcesThatAreNoListAreUnreadable() {
        let json: JSONValue = ["nftables": [], "seawall": ["elements": ["s": 1], "rules": [:]]]
        let error = #expect(throws: DiagnosticError.self) { try ReadNFTListing.run(json, file: "t") }
        #expect(error?.diagnostics.map(\.message) == ["$.seawall.elements.s: expected a list, found an integer"])
    }
}
