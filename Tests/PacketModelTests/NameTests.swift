import PacketModel
import Testing

struct InterfacePatternTests {
    @Test(arguments: [
        ("eth0", "eth0"), ("br-*", "br-*"), ("br-+", "br-*"), ("a", "a"), ("abcdefghijklmno", "abcdefghijklmno"),
        ("...", "..."),
        (".*", ".*"), ("eth0.100@", "eth0.100@"), ("abcdefghijklmn*", "abcdefghijklmn*"),
        ("abcdefghijklmno*", "abcdefghijklmno"),
    ])
    func namesAreRead(text: String, canonical: String) throws {
        #expect(try InterfacePattern(text: text).description == canonical)
    }

    @Test(arguments: [
        ("", InterfacePattern.TextError.empty), ("*", .empty), ("+", .empty), ("abcdefghijklmnop", .tooLong(bytes: 16)),
        ("abcdefghijklmnop*", .tooLong(bytes: 16)), ("e*th", .badCharacter("*")), ("e++", .badCharacter("+")),
        ("a/b", .badCharacter("/")),
        ("a:b", .badCharacter(":")), ("a b", .badCharacter(" ")), ("a\tb", .badCharacter("\t")),
        ("a\nb", .badCharacter("\n")),
        ("a\0b", .badCharacter("\0")), ("a\"b", .badCharacter("\"")), ("a\\b", .badCharacter("\\")), (".", .reserved),
        ("..", .reserved),
        ("a\u{7f}", .badCharacter("\u{7f}")), ("a\"\u{301}", .badCharacter("\"\u{301}")),
    ])
    func nothingElseIsAName(text: String, error: InterfacePattern.TextError) {
        #expect(throws: error) { try InterfacePattern(text: text) }
    }

    @Test func patternsCoverNamesAndPatterns() {
        let prefix = InterfacePattern.prefix("br-")
        #expect(prefix.matches("br-") && prefix.matches("br-1") && !prefix.matches("br"))
        #expect(prefix.covers(.prefix("br-a")) && prefix.covers(.exact("br-a")) && !prefix.covers(.prefix("b")))
        #expect(!InterfacePattern.exact("br-").covers(prefix))
    }

    @Test func setsKeepWhatIsNotCovered() {
        let set = InterfaceSet([.exact("br-a"), .prefix("br-"), .exact("eth0"), .exact("eth0")])
        #expect(set.patterns == [.prefix("br-"), .exact("eth0")])
        #expect(set.contains("br-x") && set.contains("eth0") && !set.contains("eth1"))
        #expect(!set.complement.contains("br-x") && set.complement.contains("eth1"))
        #expect(set.complement.complement == set)
        #expect(InterfaceSet([]).isEmpty && !InterfaceSet([]).complement.isEmpty)
    }
}

struct NamesTests {
    @Test func protocolsHaveNamesAndNumbers() {
        #expect(IPProtocol(name: "tcp") == .tcp && IPProtocol(name: "TCP") == .tcp && IPProtocol(name: "6") == .tcp)
        #expect(IPProtocol(name: "ipv6-icmp") == .icmpv6 && IPProtocol.icmpv6.name == "icmpv6")
        #expect(IPProtocol(rawValue: 253).name == "253")
        for text in ["", "256", "-0", "+6", " 6", "6 ", "0x6", "tcp ", "６"] {
            #expect(IPProtocol(name: text) == nil, "\(text)")
        }
        for name in IPProtocol.knownNames { #expect(IPProtocol(name: name) != nil, "\(name)") }
        for number in UInt8.min...UInt8.max {
            #expect(IPProtocol(name: IPProtocol(rawValue: number).name)?.rawValue == number)
        }
        #expect(IPProtocol.withPorts.allSatisfy(\.hasPorts) && !IPProtocol.icmp.hasPorts)
    }

    @Test func servicesHavePorts() {
        #expect(
            ServiceName.port("https") == 443 && ServiceName.port("HTTPS") == 443 && ServiceName.port("nosuch") == nil)
        for name in ServiceName.knownNames { #expect(ServiceName.port(name) != nil) }
    }

    @Test func namesOfFlagsComeBack() {
        for name in ConntrackStateSet.all.names { #expect(ConntrackStateSet(name: name)?.names == [name]) }
        for name in ConntrackStatus(rawValue: 63).names { #expect(ConntrackStatus(name: name)?.names == [name]) }
        for name in TCPFlags(rawValue: 255).names { #expect(TCPFlags(name: name)?.names == [name]) }
        for name in PacketTypeSet.all.names { #expect(PacketTypeSet(name: name)?.names == [name]) }
        for name in AddressTypeSet(rawValue: 511).names { #expect(AddressTypeSet(name: name)?.names == [name]) }
        #expect(ConntrackStateSet(name: "NEW") == nil && TCPFlags(name: "") == nil)
        #expect(ConntrackStateSet.tracked.union(.withoutEntry) == .all)
        #expect(ConntrackDirectionSet.both.names == ["original", "reply"])
    }

    @Test func levelsAndUnitsHaveNumbers() {
        #expect(LogLevel.allCases.map(\.number) == Array(0...7))
        #expect(RateUnit.allCases.map(\.seconds) == [1, 60, 3600, 86400])
        #expect(RejectKind.tcpReset.families == .both && RejectKind.hostProhibited.families == .ip)
        #expect(FamilySet.both.families == [.ip, .ip6] && FamilySet(.ip6).families == [.ip6])
    }

    @Test func maskedTestsLookAtTheirBitsAlone() {
        for field in UInt8.min...UInt8.max {
            #expect(MaskedTest<UInt8>(mask: 0x12, value: 0x02).matches(field) == (field & 0x12 == 2))
            #expect(MaskedTest<UInt8>(mask: 0x12, value: 0x02, isNegated: true).matches(field) == (field & 0x12 != 2))
        }
    }
}
