import Diagnostics
import FirewallIR
import PacketModel
import Testing

private func addresses(_ texts: String...) -> IPAddressSet {
    IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
}

struct BoxTests {
    private func box(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        change(&box)
        return box
    }

    // MARK: - Copies

    @Test func aCopyThatIsChangedLeavesTheOther() {
        let one = box { $0.families = .ip }
        var other = one
        #expect(one == other && one.hashValue == other.hashValue)
        other.source = addresses("10.0.0.0/8")
        other.direction = Presence(.original, allowsAbsent: true)
        #expect(one.source == nil && one.direction == nil && one != other)
        var third = other
        third.direction?.allowsAbsent = false
        #expect(other.direction?.allowsAbsent == true && other != third)
        third.direction = other.direction
        #expect(other == third && other.hashValue == third.hashValue)
    }

    @Test func aCopyOfARuleThatIsChangedLeavesTheOther() {
        let one = FirewallRule(
            id: "a", origin: SourceLocation(file: "p", line: 1), condition: [box { $0.families = .ip }], verdict: .drop)
        var other = one
        #expect(one == other && one.hashValue == other.hashValue)
        other.condition[0].families = .ip6
        other.verdict = .leave
        #expect(one.condition[0].families == .ip && one.verdict == .drop && one != other)
        other.condition[0].families = .ip
        other.verdict = .drop
        #expect(one == other && one.hashValue == other.hashValue)
    }

    @Test func whatIsOfOneFamilyStaysAsItIs() {
        let own = box {
            $0.families = .ip
            $0.source = addresses("10.0.0.0/8")
        }
        #expect(own.restricted(to: .ip) == own)
        let all = box {
            $0.families = .ip
            $0.source = IPAddressSet(v4: .all)
        }
        #expect(all.restricted(to: .ip) == box { $0.families = .ip })
        let none = box {
            $0.families = .ip
            $0.source = IPAddressSet.none
        }
        #expect(none.restricted(to: .ip) == nil)
    }

    // MARK: - Families

    @Test func aBoxIsRestrictedToAFamily() {
        let box = box { $0.source = addresses("10.0.0.0/8", "2001:db8::/32") }
        #expect(box.restricted(to: .ip)?.source == addresses("10.0.0.0/8"))
        #expect(box.restricted(to: .ip6)?.source == addresses("2001:db8::/32"))
        #expect(box.restricted(to: .ip)?.families == .ip)
    }

    @Test func addressesOfAFamilySelectIt() {
        let v4 = box { $0.source = addresses("10.0.0.0/8") }
        #expect(v4.restricted(to: .ip6) == nil && v4.possibleFamilies == .ip)
        let other = box { $0.source = addresses("10.0.0.0/8").complement }
        #expect(other.possibleFamilies == .both)
        #expect(other.restricted(to: .ip6)?.source == nil)
        let dialled = box { $0.originalDestination = Presence(addresses("::1")) }
        #expect(dialled.possibleFamilies == .ip6)
        let opposed = box {
            $0.source = addresses("10.0.0.0/8")
            $0.destination = addresses("::1")
        }
        #expect(opposed.possibleFamilies.isEmpty)
        #expect(box { $0.families = .ip6 }.restricted(to: .ip) == nil)
    }

    // MARK: - Emptiness

    @Test func aBoxWithAnEmptyFieldIsEmpty() {
        let empty: [(inout Box) -> Void] = [
            { $0.families = [] }, { $0.source = IPAddressSet.none }, { $0.destination = IPAddressSet.none },
            { $0.inInterface = InterfaceSet([]) }, { $0.outInterface = InterfaceSet([]) },
            { $0.protocols = IntervalSet.none },
            { $0.sourcePort = Presence(.none) }, { $0.destinationPort = Presence(.none) },
            { $0.icmp = Presence(.none) },
            { $0.state = [] }, { $0.packetType = [] }, { $0.direction = Presence([]) },
            { $0.originalProtocol = Presence(.none) },
            { $0.originalSource = Presence(.none) }, { $0.originalSourcePort = Presence(.none) },
        ]
        for change in empty { #expect(box(change).isEmpty) }
        #expect(!Box().isEmpty)
        #expect(!box { $0.originalSource = Presence(.none, allowsAbsent: true) }.isEmpty)
        #expect(!box { $0.inInterface = InterfaceSet([], isNegated: true) }.isEmpty)
    }

    // MARK: - Conntrack

    @Test func oneFieldThatAsksForAnEntryTakesTheOthersAlong() {
        let mixed = box {
            $0.direction = Presence(.original, allowsAbsent: true)
            $0.originalDestinationPort = Presence(IntervalSet(80))
            $0.state = [.new, .invalid]
        }
        #expect(mixed.demandsConntrackEntry)
        let consistent = mixed.withConsistentConntrack
        #expect(consistent.direction == Presence(.original) && consistent.state == .new)
        #expect(consistent.withConsistentConntrack == consistent)
        #expect(
            box {
                $0.originalProtocol = Presence(.all); $0.state = .all
            }.withConsistentConntrack.state == nil)
        let absent = box { $0.direction = Presence(.original, allowsAbsent: true) }
        #expect(!absent.demandsConntrackEntry && absent.withConsistentConntrack == absent)
        #expect(
            box {
                $0.status = Presence([]); $0.state = .invalid
            }.withConsistentConntrack.isEmpty)
    }

    // MARK: - Text

    @Test func boxesAreReadable() {
        #expect(Box().text == "any")
        let full = box {
            $0.families = .ip
            $0.inInterface = InterfaceSet([.exact("eth0"), .prefix("br-")])
            $0.outInterface = InterfaceSet([.exact("eth0")], isNegated: true)
            $0.source = addresses("192.0.2.0/24", "10.0.0.1-10.0.0.9")
            $0.destination = addresses("10.0.0.1").complement
            $0.protocols = IntervalSet([6...6, 17...17])
            $0.sourcePort = Presence(IntervalSet([1024...65535]))
            $0.destinationPort = Presence(IntervalSet(80), allowsAbsent: true)
            $0.tcpFlags = Presence([MaskedTest(mask: 0x12, value: 2), MaskedTest(mask: 1, value: 1, isNegated: true)])
            $0.isLaterFragment = false
            $0.state = [.new, .related]
            $0.direction = Presence(.original, allowsAbsent: true)
            $0.status = Presence([MaskedTest(mask: 32, value: 0, isNegated: true)])
            $0.originalProtocol = Presence(IntervalSet(17))
            $0.mark = [MaskedTest(mask: 0xff, value: 1)]
            $0.packetType = .host
            $0.addressTypes = [AddressTypeTest(.destination, [.local, .broadcast], isNegated: true, interface: .in)]
        }
        #expect(
            full.text
                == "family{ip} iif{br-*,eth0} oif{not eth0} saddr{10.0.0.1-10.0.0.9,192.0.2.0/24} daddr{not 10.0.0.1} proto{tcp,udp} sport{1024-65535} dport{80 or absent} flags{0x12=0x2&0x1!=0x1} fragment{first-or-none} state{new,related} dir{original or absent} status{0x20!=0x0} o.proto{udp} mark{0xff=0x1} pkttype{host} destination-type-on-in{not local,broadcast}"
        )
    }
}

struct RulesetTests {
    private func rule(_ id: String, _ verdict: Verdict, _ boxes: [Box] = [Box()]) -> FirewallRule {
        FirewallRule(id: id, origin: SourceLocation(file: "Policy.swift", line: 3), condition: boxes, verdict: verdict)
    }

    private func messages(entry: String = "a", families: FamilySet = .both, _ chains: Chain...) -> [String] {
        Ruleset(name: "Test", scopes: [Scope(hook: .containers, families: families, entry: entry, chains: chains)])
            .validate().map(\.text)
    }

    @Test func whatNoBackendCouldMakeSenseOfIsNamed() {
        var tcp = Box()
        tcp.protocols = IntervalSet(6)
        #expect(
            messages(
                Chain(name: "a", rules: [rule("1", .jump("b")), rule("2", .reject(.tcpReset), [tcp])]),
                Chain(name: "b", rules: [])) == [])
        #expect(
            messages(entry: "x", Chain(name: "a", rules: [])) == [
                "seawall: error: the entry chain 'x' does not exist [invalid-ir]"
            ])
        #expect(
            messages(Chain(name: "a", rules: []), Chain(name: "a", rules: []), Chain(name: "", rules: [])) == [
                "seawall: error: two chains are called 'a' [invalid-ir]",
                "seawall: error: a chain has no name [invalid-ir]",
            ])
        let at = "Policy.swift:3: error:"
        #expect(
            messages(Chain(name: "a", rules: [rule("1", .goto("x"))])) == [
                "\(at) chain 'x' does not exist [invalid-ir]"
            ])
        #expect(
            messages(Chain(name: "a", rules: [rule("1", .drop), rule("1", .drop)])) == [
                "\(at) two rules are called '1' [invalid-ir]"
            ])
        #expect(
            messages(families: .ip, Chain(name: "a", rules: [rule("1", .drop)])) == [
                "\(at) a box speaks of a family that its scope does not [invalid-ir]"
            ])
        #expect(
            messages(Chain(name: "a", rules: [rule("1", .reject(.tcpReset))])) == [
                "\(at) a TCP reset answers TCP alone, and the rule is not restricted to it [invalid-ir]"
            ])
        #expect(
            messages(Chain(name: "a", rules: [rule("1", .reject(.policyFail))])) == [
                "\(at) the answer 'policy-fail' does not exist in a family of the rule [invalid-ir]"
            ])
        #expect(
            messages(Chain(name: "a", rules: [rule("1", .jump("b"))]), Chain(name: "b", rules: [rule("2", .goto("a"))]))
                == [
                    "seawall: error: chain 'a' leads back to itself [invalid-ir]"
                ])
    }

    @Test func chainsThatAreReachedTwiceAreNoLoop() {
        #expect(
            messages(
                Chain(name: "a", rules: [rule("1", .jump("b")), rule("2", .jump("c"))]),
                Chain(name: "b", rules: [rule("3", .jump("c"))]),
                Chain(name: "c", rules: [])) == [])
    }

    @Test func chainsThatAreJumpedToReturn() {
        let scope = Scope(
            hook: .containers, families: .both, entry: "a",
            chains: [
                Chain(name: "a", rules: [rule("1", .jump("b")), rule("2", .goto("d"))]),
                Chain(name: "b", rules: [rule("3", .goto("c"))]),
                Chain(name: "c", rules: []), Chain(name: "d", rules: []),
            ])
        #expect(scope.chainsThatReturn == ["b", "c"])
    }

    @Test func ruleSetsAreReadable() {
        var logging = rule("1", .next)
        logging.opaque = [.before(instant: 9), .module(name: "string", options: ["--algo", "bm"])]
        logging.guards = [.limit(Limit(count: 3, unit: .hour)), .quota(bytes: 7)]
        logging.effects = [.log(prefix: "p ", level: .info), .setMark(value: 1, mask: 0xff), .count]
        logging.comment = "why"
        let ruleset = Ruleset(
            name: "Test",
            scopes: [
                Scope(
                    hook: .containers, families: .both, entry: "a",
                    chains: [Chain(name: "a", rules: [logging, rule("2", .drop, [])])])
            ])
        #expect(
            ruleset.text == """
                ruleset Test
                scope containers families ip,ip6 entry a
                  chain a
                    [1] any · before 9 · string(--algo bm) · limit 3/hour burst 5 · quota 7 bytes · log info "p " · mark 0x1/0xff · count -> next  # Policy.swift:3 "why"
                    [2] never -> drop  # Policy.swift:3

                """)
    }
}
