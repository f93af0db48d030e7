import Diagnostics
import FirewallIR
import NFTablesBackend
import PacketModel
import Testing

/// The shapes in which rules come out; that they mean what they should is for the random tests.
struct LowerToNFTablesTests {
    private func rule(
        _ verdict: Verdict, _ boxes: [Box], _ change: (inout FirewallRule) -> Void = { _ in }
    ) -> FirewallRule {
        var rule = FirewallRule(
            id: "r", origin: SourceLocation(file: "Policy.swift", line: 3), condition: boxes, verdict: verdict)
        change(&rule)
        return rule
    }

    private func rule(_ boxes: [Box], _ change: (inout FirewallRule) -> Void = { _ in }) -> FirewallRule {
        rule(.drop, boxes, change)
    }

    private func table(_ rules: [FirewallRule], acceptMark: AcceptMark? = nil) throws -> NFTTable {
        let scope = Scope(hook: .containers, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)])
        return try LowerToNFTables.lower(Ruleset(name: "Test", scopes: [scope]), acceptMark: acceptMark).table
    }

    private func lines(_ rules: FirewallRule..., acceptMark: AcceptMark? = nil) throws -> [String] {
        try table(rules, acceptMark: acceptMark).chains.flatMap { chain in
            chain.rules.map {
                (chain.name == "a" ? "" : chain.name + ": ") + $0.text.replacing(" comment \"sw:r\"", with: "")
            }
        }
    }

    private func refusal(_ rule: FirewallRule, acceptMark: AcceptMark? = nil) -> String? {
        do {
            _ = try table([rule], acceptMark: acceptMark)
            return nil
        } catch {
            return (error as? DiagnosticError)?.diagnostics.map(\.text).joined(separator: "\n")
        }
    }

    private func box(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        change(&box)
        return box
    }

    private func addresses(_ texts: String...) -> IPAddressSet {
        IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
    }

    /// The kernel takes 16 chains one after the other, the base chain with them (`Too many links`).
    @Test func chainsThatLieTooDeepAreRefused() throws {
        let lower = { (depth: Int) throws in
            let chains = (1...depth).map { number in
                Chain(name: "c\(number)", rules: number == depth ? [] : [rule(.jump("c\(number + 1)"), [Box()])])
            }
            let scope = Scope(hook: .containers, families: .both, entry: "c1", chains: chains)
            return try LowerToNFTables.lower(Ruleset(name: "Test", scopes: [scope])).table.chains.count
        }
        #expect(try lower(16) == 16)
        let error = #expect(throws: DiagnosticError.self) { try lower(17) }
        #expect(error?.diagnostics.map(\.id) == ["not-in-nft"])
        #expect(error?.diagnostics.first?.message.contains("the chain 'c17'") == true)
    }

    // MARK: - Fields

    @Test func oneAddressStandsInTheRuleAndSeveralInASet() throws {
        let set = addresses("10.0.0.0/8", "192.0.2.1-192.0.2.9", "2001:db8::/32")
        #expect(
            try lines(rule([box { $0.source = set }])) == ["ip saddr @addr4-1 drop", "ip6 saddr 2001:db8::/32 drop"])
        #expect(
            try lines(rule([box { $0.source = addresses("192.0.2.1").complement }])) == [
                "ip saddr != 192.0.2.1 drop", "meta nfproto ipv6 drop",
            ])
        let twice = try table([rule([box { $0.source = set }]), rule([box { $0.destination = set }]) { $0.id = "s" }])
        #expect(twice.sets.map(\.name) == ["addr4-1"])
        #expect(twice.sets[0].elements.count == 2)
    }

    @Test func portsOfTheTupleAreToldTheirProtocols() throws {
        func dialled(_ protocols: IntervalSet<UInt8>?, _ ports: IntervalSet<UInt16>) throws -> [String] {
            try lines(
                rule([
                    box {
                        $0.protocols = protocols
                        $0.originalDestinationPort = Presence(ports)
                    }
                ]))
        }
        #expect(try dialled(IntervalSet(6), IntervalSet(80)) == ["meta l4proto tcp ct original proto-dst 80 drop"])
        #expect(
            try dialled(IntervalSet(6), IntervalSet(80).complement) == [
                "meta l4proto tcp ct original proto-dst != 80 drop"
            ])
        #expect(
            try dialled(IntervalSet(6), IntervalSet([80...80, 443...443])) == [
                "meta l4proto tcp ct original proto-dst @port-1 drop"
            ])
        #expect(
            try dialled(IntervalSet([6...6, 17...17]), IntervalSet(80)) == [
                "meta l4proto { tcp, udp } ct original proto-dst @port-1 drop"
            ])
        let any = try dialled(nil, IntervalSet(80))
        #expect(
            any.count == 1 && any[0].hasPrefix("meta l4proto { 0, icmp, 2, ")
                && any[0].hasSuffix(", 255 } ct original proto-dst @port-1 drop"))
    }

    @Test func flagsAreNeverComparedAsAWhole() throws {
        let dnat = ConntrackStatus.dnat.rawValue
        let cases: [(Box, String)] = [
            (box { $0.state = [.new, .related] }, "ct state new,related drop"),
            (box { $0.status = Presence([MaskedTest(mask: dnat, value: 0, isNegated: true)]) }, "ct status dnat drop"),
            (box { $0.status = Presence([MaskedTest(mask: dnat, value: 0)]) }, "ct status & 0x20 == 0 drop"),
            (
                box {
                    $0.protocols = IntervalSet(6)
                    $0.tcpFlags = Presence([MaskedTest(mask: 0x12, value: 2, isNegated: true)])
                }, "meta l4proto tcp tcp flags & 0x12 != 2 drop"
            ),
        ]
        for (box, text) in cases { #expect(try lines(rule([box])) == [text]) }
    }

    @Test func packetsWithAnEntryAndWithoutAreTwoRules() throws {
        #expect(
            try lines(rule([box { $0.direction = Presence(.original, allowsAbsent: true) }])) == [
                "ct direction original drop", "ct state invalid,untracked drop",
            ])
        #expect(
            try lines(
                rule([
                    box {
                        $0.originalDestinationPort = Presence(.all); $0.protocols = IntervalSet(6)
                    }
                ])) == [
                    "meta l4proto tcp ct state new,established,related drop"
                ])
    }

    // MARK: - Several steps

    @Test func aRateIsAskedOnceInEachFamily() throws {
        let limited = rule(.drop, [box { $0.protocols = IntervalSet(6) }, box { $0.protocols = IntervalSet(17) }]) {
            $0.guards = [.limit(Limit(count: 3, unit: .second))]
        }
        #expect(
            try lines(limited) == [
                "jump any-r-ip", "jump any-r-ip6",
                "any-r-ip: meta l4proto tcp meta nfproto ipv4 goto do-r-ip",
                "any-r-ip: meta l4proto udp meta nfproto ipv4 goto do-r-ip",
                "do-r-ip: limit rate 3/second burst 5 packets drop",
                "any-r-ip6: meta l4proto tcp meta nfproto ipv6 goto do-r-ip6",
                "any-r-ip6: meta l4proto udp meta nfproto ipv6 goto do-r-ip6",
                "do-r-ip6: limit rate 3/second burst 5 packets drop",
            ])
    }

    // MARK: - Verdicts

    @Test func verdictsBecomeVerdicts() throws {
        #expect(try lines(rule(.leave, [Box()])) == ["accept"])
        #expect(try lines(rule(.reject(.portUnreachable), [Box()])) == ["reject with icmpx type port-unreachable"])
        #expect(try lines(rule(.next, [Box()])) == [])
        #expect(
            try lines(rule(.next, [Box()]) { $0.effects = [.log(prefix: "x ", level: .info)] }) == [
                "log prefix \"x \" level info"
            ])
        let mark = AcceptMark(value: 0x10, mask: 0x30)
        #expect(
            try lines(rule(.accept, [Box()]), acceptMark: mark) == [
                "meta mark set meta mark & 0xffffffcf | 0x10 accept"
            ])
    }

    @Test func aMarkHasItsBitsInItsMask() {
        #expect(
            AcceptMark(value: 1, mask: 2) == nil && AcceptMark(value: 0, mask: 1) == nil
                && AcceptMark(value: 1, mask: 1) != nil)
    }

    @Test func bitsOfTheMarkAreDockersAlone() {
        let mark = AcceptMark(value: 1, mask: 1)
        let reserved =
            "Policy.swift:3: error: cannot be expressed in nft: the rule changes bits of the mark that --accept-mark reserves for Docker [not-in-nft]"
        func changing(_ value: UInt32, _ mask: UInt32) -> String? {
            refusal(
                rule(.next, [Box()]) { $0.effects = [.setMark(value: value, mask: mask)] }, acceptMark: mark)
        }
        // Docker would accept what bears the mark, whatever the verdict; a mark without it hurts nobody.
        #expect(changing(1, 1) == reserved && changing(1, 0) == reserved && changing(3, 3) == reserved)
        #expect(changing(0, 1) == nil && changing(2, 2) == nil && changing(2, .max) == nil)
        let two = AcceptMark(value: 1, mask: 3)
        let half = rule(.next, [Box()]) { $0.effects = [.setMark(value: 0, mask: 2)] }
        #expect(refusal(half, acceptMark: two) == reserved)
        #expect(refusal(rule([box { $0.mark = [MaskedTest(mask: 3, value: 0)] }]), acceptMark: mark) == nil)
    }

    @Test func askingForTheMarkThatDockerAcceptsIsSaid() throws {
        let mark = AcceptMark(value: 1, mask: 1)
        func notes(_ mask: UInt32) throws -> [String] {
            let asking = rule([box { $0.mark = [MaskedTest(mask: mask, value: 0)] }])
            let scope = Scope(
                hook: .containers, families: .both, entry: "a", chains: [Chain(name: "a", rules: [asking])])
            let document = try LowerToNFTables.lower(Ruleset(name: "Test", scopes: [scope]), acceptMark: mark)
            return document.notes.map(\.id)
        }
        #expect(try notes(3) == ["accept-mark-read"])
        #expect(try notes(2) == [])
    }

    @Test func whatHasNoExactFormIsRefusedByName() {
        let absent = rule([
            box {
                $0.protocols = IntervalSet(6)
                $0.destinationPort = Presence(IntervalSet(80), allowsAbsent: true)
            }
        ])
        #expect(
            refusal(absent)
                == "Policy.swift:3: error: cannot be expressed in nft: the absence of a port cannot be asked for [not-in-nft]"
        )
        #expect(
            refusal(rule([Box()]) { $0.opaque = [.module(name: "string", options: [])] })?.contains(
                "the match 'string' of iptables has no exact form in nft: leave the rule to iptables") == true)
        #expect(
            refusal(rule([Box()]) { $0.guards = [.module(name: "statistic", options: [])] })?.contains(
                "the stateful match 'statistic' of iptables has no exact form in nft") == true)
    }
}
