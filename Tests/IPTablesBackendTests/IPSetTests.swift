import Diagnostics
import FirewallIR
import IPTablesBackend
import PacketModel
import Testing

/// Lists of addresses as sets of the kernel, and lists of ports as one match.
struct IPSetTests {
    private func addresses(_ texts: String...) -> IPAddressSet {
        IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
    }

    private func program(
        _ rules: [(id: String, boxes: [Box])], family: AddressFamily = .ip, sets: IPSetOptions? = IPSetOptions()
    ) throws -> IPTablesProgram {
        let rules = rules.map { id, boxes in
            FirewallRule(
                id: id, origin: SourceLocation(file: "Policy.swift", line: 3), condition: boxes, verdict: .drop)
        }
        let scope = Scope(
            hook: .containers, families: .both, entry: "a", chains: [Chain(name: "a", rules: rules)])
        return try LowerToIPTables.lower(Ruleset(name: "Test", scopes: [scope]), family: family, sets: sets)
    }

    private func lines(_ program: IPTablesProgram) -> [String] {
        program.document(layout: .dockerUser, header: []).lines.dropFirst().map(\.text)
    }

    private func box(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        change(&box)
        return box
    }

    private var nine: IPAddressSet {
        IPAddressSet(v4: IntervalSet((0..<9).map { (0x0a00_0000 + $0 * 256)...(0x0a00_0001 + $0 * 256) }))
    }

    // MARK: - Texts

    @Test func setsAreFilledBesideTheFormerOnesAndSwapped() {
        let sets = [
            IPSet(name: "sw-aaaaaaaa-s4", family: .ip, addresses: addresses("10.0.0.0/8", "192.0.2.1-192.0.2.3")),
            IPSet(name: "sw-bbbbbbbb-d6", family: .ip6, addresses: addresses("2001:db8::/32")),
        ]
        #expect(
            IPSetDocument(replacing: sets, header: ["a header"]).text == """
                # a header
                create sw-aaaaaaaa-s4-new hash:net family inet hashsize 64 maxelem 2147483648 -exist
                flush sw-aaaaaaaa-s4-new
                add sw-aaaaaaaa-s4-new 10.0.0.0/8
                add sw-aaaaaaaa-s4-new 192.0.2.1
                add sw-aaaaaaaa-s4-new 192.0.2.2/31
                create sw-bbbbbbbb-d6-new hash:net family inet6 hashsize 64 maxelem 2147483648 -exist
                flush sw-bbbbbbbb-d6-new
                add sw-bbbbbbbb-d6-new 2001:db8::/32
                create sw-aaaaaaaa-s4 hash:net family inet hashsize 64 maxelem 2147483648 -exist
                create sw-bbbbbbbb-d6 hash:net family inet6 hashsize 64 maxelem 2147483648 -exist
                swap sw-aaaaaaaa-s4-new sw-aaaaaaaa-s4
                swap sw-bbbbbbbb-d6-new sw-bbbbbbbb-d6
                destroy sw-aaaaaaaa-s4-new
                destroy sw-bbbbbbbb-d6-new

                """)
    }

    @Test func allAddressesAreTwoHalves() {
        let all = IPSet(name: "sw-a-s4", family: .ip, addresses: .all)
        #expect(all.entries.map(\.description) == ["0.0.0.0/1", "128.0.0.0/1"])
        let six = IPSet(name: "sw-a-s6", family: .ip6, addresses: .all)
        #expect(six.entries.map(\.description) == ["::/1", "8000::/1"])
    }

    @Test func aTableHasAsManyBucketsAsEntries() {
        let many = IPAddressSet(v4: IntervalSet((0..<1000).map { $0 * 4...$0 * 4 }))
        let text = IPSetDocument(making: [IPSet(name: "sw-a-s4", family: .ip, addresses: many)]).text
        #expect(text.hasPrefix("create sw-a-s4 hash:net family inet hashsize 1024 maxelem 2147483648\nadd "))
    }

    @Test func aListingSaysWhatIsKnown() {
        let listing = IPSetListing(
            """
            create sw-aaaaaaaa-s4 hash:net family inet hashsize 64 maxelem 2147483648 bucketsize 12 initval 0x1
            add sw-aaaaaaaa-s4 10.0.0.0/8
            add sw-aaaaaaaa-s4 192.0.2.1
            create sw-aaaaaaaa-s6 hash:net family inet6 hashsize 64 maxelem 5
            create sw-bbbbbbbb-s4 hash:net family inet hashsize 64 maxelem 2147483648
            add sw-bbbbbbbb-s4 10.0.0.0/8 nomatch
            create sw-cccccccc-s4 hash:net family inet hashsize 64 maxelem 5 timeout 30
            create sw-dddddddd-s4 hash:ip family inet hashsize 64 maxelem 5
            create blocked hash:net family inet hashsize 1024 maxelem 65536
            """)
        #expect(listing.names.count == 6)
        #expect(listing.sets.keys.sorted() == ["sw-aaaaaaaa-s4", "sw-aaaaaaaa-s6"])
        #expect(listing.sets["sw-aaaaaaaa-s4"]?.addresses == addresses("10.0.0.0/8", "192.0.2.1"))
        #expect(listing.sets["sw-aaaaaaaa-s6"]?.addresses == IPAddressSet.none)
    }

    @Test func namesOfOursAreKnown() {
        #expect(IPSetNames.family(of: "sw-4k2m8p0q-s4") == .ip)
        #expect(IPSetNames.family(of: "sw-4k2m8p0q-d6.2..3-new") == .ip6)
        for name in ["sw-4k2m8p0q", "sw-s4", "sw-4k2m8p0q-x4", "swx-4k2m8p0q-s4", "sw--s4", "sw-a-s4.b", "blocked"] {
            #expect(!IPSetNames.isOwn(name), "\(name)")
        }
    }

    // MARK: - Rules

    @Test func longListsOfAddressesAreSets() throws {
        let short = addresses("10.0.0.1", "10.0.0.3")
        let program = try program([
            ("aaaaaaaa", [box { $0.source = nine }]), ("bbbbbbbb", [box { $0.destination = nine }]),
            ("cccccccc", [box { $0.source = nine.complement }]), ("dddddddd", [box { $0.source = short }]),
        ])
        #expect(
            lines(program) == [
                "-A DOCKER-USER -m set --match-set sw-aaaaaaaa-s4 src -m comment --comment \"sw:aaaaaaaa\" -j DROP",
                "-A DOCKER-USER -m set --match-set sw-aaaaaaaa-s4 dst -m comment --comment \"sw:bbbbbbbb\" -j DROP",
                "-A DOCKER-USER -m set ! --match-set sw-aaaaaaaa-s4 src -m comment --comment \"sw:cccccccc\" -j DROP",
                "-A DOCKER-USER -s 10.0.0.1/32 -m comment --comment \"sw:dddddddd\" -j DROP",
                "-A DOCKER-USER -s 10.0.0.3/32 -m comment --comment \"sw:dddddddd\" -j DROP",
            ])
        #expect(program.sets == [IPSet(name: "sw-aaaaaaaa-s4", family: .ip, addresses: nine)])
    }

    @Test func boxesThatDifferInTheSourceAloneAreOneSet() throws {
        let boxes = nine.ranges(of: .ip).map { range in
            box {
                $0.source = IPAddressSet([range])
                $0.protocols = IntervalSet(6)
                $0.originalDestinationPort = Presence(IntervalSet(80))
            }
        }
        let program = try program([("aaaaaaaa", boxes)])
        #expect(
            lines(program) == [
                "-A DOCKER-USER -p tcp -m set --match-set sw-aaaaaaaa-s4 src -m conntrack --ctorigdstport 80 -m comment --comment \"sw:aaaaaaaa\" -j DROP"
            ])
        #expect(try self.program([("aaaaaaaa", boxes)], sets: nil).entry.count == 9)
    }

    @Test func twoSetsOfOneRuleHaveTwoNames() throws {
        let other = IPAddressSet(v4: IntervalSet((0..<10).map { $0 * 4...$0 * 4 }))
        let boxes = [
            box {
                $0.source = nine
                $0.inInterface = InterfaceSet([.exact("eth0")])
            }, box { $0.source = other },
        ]
        #expect(
            try program([("a long identifier", boxes)]).sets.map(\.name) == ["sw-a_long_ide-s4", "sw-a_long_ide-s4.2"])
    }

    // MARK: - Ports

    @Test func boxesThatDifferInPortsAloneAreOneMatch() throws {
        let boxes = [80, 443, 8080, 22].map { port in
            box {
                $0.protocols = IntervalSet(6)
                $0.destinationPort = Presence(IntervalSet(UInt16(port)))
            }
        }
        #expect(
            lines(try program([("aaaaaaaa", boxes)], sets: nil)) == [
                "-A DOCKER-USER -p tcp -m multiport --dports 22,80,443,8080 -m comment --comment \"sw:aaaaaaaa\" -j DROP"
            ])
    }

    @Test func aMatchHasFifteenSlotsAndARangeTakesTwo() throws {
        let boxes = (0..<10).map { index in
            box {
                $0.protocols = IntervalSet(17)
                let port = UInt16(100 + index * 10)
                $0.sourcePort = Presence(IntervalSet([port...(port + (index % 2 == 0 ? 3 : 0))]))
            }
        }
        let rules = lines(try program([("aaaaaaaa", boxes)], sets: nil))
        #expect(rules.count == 1)
        #expect(rules[0].contains("--sports 100:103,110,120:123,130,140:143,150,160:163,170,180:183,190"))
        let more =
            boxes + [
                box {
                    $0.protocols = IntervalSet(17)
                    $0.sourcePort = Presence(IntervalSet(7))
                }
            ]
        #expect(lines(try program([("aaaaaaaa", more)], sets: nil)).count == 2)
    }

    @Test func neighbouringDialledPortsAreARange() throws {
        let boxes = [80, 81, 82, 90].map { port in
            box {
                $0.protocols = IntervalSet(6)
                $0.originalDestinationPort = Presence(IntervalSet(UInt16(port)))
            }
        }
        #expect(
            lines(try program([("aaaaaaaa", boxes)], sets: nil)) == [
                "-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 80:82 -m comment --comment \"sw:aaaaaaaa\" -j DROP",
                "-A DOCKER-USER -p tcp -m conntrack --ctorigdstport 90 -m comment --comment \"sw:aaaaaaaa\" -j DROP",
            ])
    }

    // MARK: - Read back

    @Test func setsOfAProgramAreReadWithTheirContent() throws {
        let program = try program([
            ("aaaaaaaa", [box { $0.source = nine }]), ("bbbbbbbb", [box { $0.destination = nine.complement }]),
        ])
        let rules = try LiftFromIPTables.lift(program).chains[0].rules
        #expect(rules[0].condition.map(\.source) == [nine] && rules[0].opaque.isEmpty)
        #expect(rules[1].condition.map(\.destination) == [nine.complement.only(.ip)])
    }

    @Test func setsOfOthersStayWhatTheyAre() throws {
        var foreign = try program([("aaaaaaaa", [box { $0.source = nine }])])
        foreign.sets = []
        let rules = try LiftFromIPTables.lift(foreign).chains[0].rules
        #expect(rules[0].opaque == [.module(name: "set", options: ["--match-set", "sw-aaaaaaaa-s4", "src"])])
    }

    @Test func setsCanBeGivenOtherNames() throws {
        let program = try program([("aaaaaaaa", [box { $0.source = nine.complement }])])
            .namingSets(["sw-aaaaaaaa-s4": "sw-aaaaaaaa-s4..2"])
        #expect(program.sets.map(\.name) == ["sw-aaaaaaaa-s4..2"])
        #expect(lines(program)[0].contains("-m set ! --match-set sw-aaaaaaaa-s4..2 src"))
    }
}
