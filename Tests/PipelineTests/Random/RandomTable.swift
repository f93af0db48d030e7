import IPTablesBackend
import PacketModel
import RulesetLab

/// Filter tables of one family over the whole vocabulary of iptables, as somebody else might have written them: rules with
/// few matches, in any order that iptables takes.
struct RandomTable {
    let family: AddressFamily
    var random: SeededGenerator
    /// The instances of conntrack that were drawn.
    private(set) var conntrack: [ConntrackMatch] = []

    init(_ family: AddressFamily, random: SeededGenerator) {
        self.family = family
        self.random = random
    }

    /// The built-in chains, `DOCKER-USER`, and user chains that lead to later ones.
    mutating func table() -> FilterTable {
        let users = ["one", "two", "three"]
        var chains: [FilterChain] = []
        for (index, name) in (["INPUT", "FORWARD", "OUTPUT", "DOCKER-USER"] + users).enumerated() {
            let policy: IPTablesPolicy? = index < 3 ? random.pick([.accept, .drop]) : nil
            let targets = Array(users.dropFirst(max(0, index - 3)))
            let rules = (0..<random.number(index < 4 ? 2...5 : 1...3)).map { line in
                FilterRule(.rule(rule(to: targets, in: name)), line: 100 * index + line)
            }
            chains.append(FilterChain(name, policy: policy, rules: rules))
        }
        return FilterTable(family: family, chains: chains)
    }

    private mutating func rule(to chains: [String], in chain: String) -> IPTablesRule {
        // OUTPUT leads to the user chains, and knows no Ethernet; in it no interface can be asked for that packets enter.
        let hasNoLink = !["INPUT", "FORWARD", "DOCKER-USER"].contains(chain)
        var matches: [IPTablesMatch] = []
        if random.oneIn(3) { matches.append(.source(negatable(masked()))) }
        if random.oneIn(5) { matches.append(.destination(negatable(masked()))) }
        if chain != "OUTPUT" && random.oneIn(4) { matches.append(.inInterface(negatable(random.pick(patterns)))) }
        if chain != "INPUT" && random.oneIn(6) { matches.append(.outInterface(negatable(random.pick(patterns)))) }
        let proto: IPProtocol? = random.oneIn(2) ? random.pick([.tcp, .tcp, .udp, .sctp, .dccp, icmp]) : nil
        if let proto {
            matches.append(.proto(Negatable(ProtocolWord(proto))))
        } else if random.oneIn(6) {
            matches.append(.proto(negatable(ProtocolWord(number: random.pick([0, 6, 17, 47])), unlessZero: true)))
        } else if family == .ip && random.oneIn(8) {
            matches.append(.fragment(isNegated: random.oneIn(2)))
        }
        if let proto { for _ in 0..<random.number(0...2) { matches.append(transport(proto)) } }
        for _ in 0..<random.number(0...2) { matches.append(module(hasNoLink)) }
        if random.oneIn(5) { matches.append(guarding()) }
        if random.oneIn(10) { matches.append(module(hasNoLink)) }
        if random.oneIn(4) { matches.append(.comment(random.pick(["a comment", "another, with -j DROP in it"]))) }
        return IPTablesRule(matches, target: target(to: chains, isTCP: proto == .tcp))
    }

    private var icmp: IPProtocol { family == .ip ? .icmp : .icmpv6 }
    private var patterns: [InterfacePattern] { Vocabulary.patterns + [.prefix("")] }

    private mutating func negatable<Value>(_ value: Value) -> Negatable<Value> {
        Negatable(value, isNegated: random.oneIn(3))
    }

    private mutating func negatable(_ word: ProtocolWord, unlessZero: Bool) -> Negatable<ProtocolWord> {
        Negatable(word, isNegated: word.number != 0 && random.oneIn(3))
    }

    // MARK: - Values

    private mutating func range() -> IPAddressRange {
        let texts = family == .ip ? Vocabulary.ranges4 : Vocabulary.ranges6
        return (try? IPAddressRange(text: random.pick(texts))) ?? .v4(0...0)
    }

    /// A network, or an address under a mask with gaps: few of them, many, too many.
    private mutating func masked() -> IPMaskedAddress {
        let address = random.pick(Vocabulary.addresses(family))
        if !random.oneIn(4) {
            let length = random.pick(family == .ip ? [0, 1, 8, 24, 31, 32] : [0, 1, 32, 64, 127, 128])
            if let prefix = IPPrefix(holding: address, length: length) { return IPMaskedAddress(prefix) }
        }
        let mask: IPAddress =
            switch family {
            case .ip: .v4(random.pick([0xffff_ff07, 0xff00_ffff, 0xfff0_0fff, 0x0000_0001, 0xffff_fffd]))
            case .ip6: .v6(random.pick([UInt128(255), ~0 - 30, (~0 << 64) | 1]))
            }
        return IPMaskedAddress(address, mask: mask) ?? IPMaskedAddress(address, mask: address) ?? masked()
    }

    private mutating func ports() -> PortRange {
        let first = random.pick(Vocabulary.ports)
        switch random.number(0...5) {
        case 0: return PortRange(first, UInt16(min(65535, Int(first) + 100)))
        // Upside down: iptables takes it, and it holds nothing.
        case 1: return PortRange(first, first / 2)
        case 2: return PortRange(0, .max)
        default: return PortRange(first, first)
        }
    }

    private mutating func optionalPorts() -> Negatable<PortRange>? {
        random.oneIn(2) ? negatable(ports()) : nil
    }

    private mutating func number() -> UInt32 { random.pick(Vocabulary.marks) }

    // MARK: - Matches

    private mutating func transport(_ proto: IPProtocol) -> IPTablesMatch {
        if proto == icmp {
            let message = random.pick(Vocabulary.icmp)
            let code = random.oneIn(2) ? nil : UInt8(message & 255)
            return .icmp(negatable(ICMPMessage(isIPv6: family == .ip6, type: UInt8(message >> 8), code: code)))
        }
        if random.oneIn(3) {
            let list = (0..<random.number(1...4)).map { _ in
                let port = random.pick(Vocabulary.ports)
                return PortRange(port, max(port, random.pick(Vocabulary.ports)))
            }
            return .multiport(random.pick([.source, .destination, .either]), negatable(list))
        }
        guard proto == .tcp else { return .ports(proto, source: optionalPorts(), destination: optionalPorts()) }
        var match = TCPMatch(source: optionalPorts(), destination: optionalPorts())
        if random.oneIn(3) {
            let mask = TCPFlags(rawValue: random.pick([0x3f, 0x12, 0x02, 0x17]))
            match.flags = negatable(TCPMatch.Flags(mask: mask, set: random.pick([.syn, [], [.syn, .ack]])))
        }
        if random.oneIn(8) { match.option = negatable(random.pick([2, 8])) }
        return .tcp(match)
    }

    private mutating func module(_ hasNoLink: Bool) -> IPTablesMatch {
        switch random.number(0...14) {
        case 0, 1, 2, 3: return connection()
        case 4: return .state(negatable(random.states()))
        case 5:
            return .addressRange(
                source: random.oneIn(2) ? negatable(range()) : nil, destination: negatable(range()))
        case 6: return hasNoLink ? .mark(test()) : .sourceMAC(negatable(random.pick([0x0011_2233_4455, 0])))
        case 7: return .mark(test())
        case 8: return .connectionMark(test())
        case 9: return .packetType(negatable(random.pick([.host, .broadcast, .multicast])))
        case 10: return .addressType(addressTypes())
        case 11:
            let low: UInt16 = random.pick([0, 40, 100, 1500])
            return .length(negatable(low...(random.pick([low, 1500, .max]))))
        case 12:
            return .hopLimit(
                HopLimitTest(
                    random.pick([.equal, .notEqual, .less, .greater]), random.pick([0, 1, 64, 255]),
                    isIPv6: family == .ip6))
        case 13: return .dscp(negatable(random.pick([0, 46, 63])))
        default: return pure()
        }
    }

    private mutating func test() -> MaskedTest<UInt32> {
        // Bits outside of the mask: never met, behind `!` always.
        MaskedTest(
            mask: random.pick([0xff, 1, 3, 0x100, .max]), value: random.pick([0, 1, 2, 0x101]),
            isNegated: random.oneIn(3))
    }

    private mutating func addressTypes() -> AddressTypeMatch {
        var match = AddressTypeMatch()
        let types: [AddressTypeSet] = [.local, .unicast, .multicast, [.local, .anycast]]
        if random.oneIn(2) { match.source = negatable(random.pick(types)) }
        if match.source == nil || random.oneIn(3) { match.destination = negatable(random.pick(types)) }
        if random.oneIn(4) { match.limitedTo = random.pick([.in, .out]) }
        return match
    }

    private mutating func pure() -> IPTablesMatch {
        switch random.number(0...3) {
        case 0:
            return .module(
                "string",
                options: [
                    IPTablesOption("--string", ["--x !"], isNegated: random.oneIn(3), isQuoted: true),
                    IPTablesOption("--algo", ["bm"]),
                ])
        case 1: return .module("u32", options: [IPTablesOption("--u32", ["0x0&0xf=0x1"], isNegated: random.oneIn(2))])
        case 2:
            return .module("set", options: [IPTablesOption("--match-set", ["a", "src"], isNegated: random.oneIn(2))])
        default: return .timeUntil(lastSecond: random.pick([1_799_999_999, 1_899_999_999]))
        }
    }

    private mutating func guarding() -> IPTablesMatch {
        switch random.number(0...3) {
        case 0: .quota(bytes: UInt64(random.number(1...2000)))
        case 1:
            .module(
                "hashlimit",
                options: [
                    IPTablesOption("--hashlimit-above", ["\(random.number(1...90))/sec"]),
                    IPTablesOption("--hashlimit-name", ["h"]),
                ])
        default: .limit(count: random.number(1...2000), unit: .minute, burst: 5)
        }
    }

    private mutating func connection() -> IPTablesMatch {
        var match = ConntrackMatch()
        if !random.oneIn(3) {
            let states: ConntrackStateSet = random.oneIn(6) ? [] : random.states()
            let translated: [ConntrackStatus] = states.isEmpty ? [.dnat, [.snat, .dnat]] : [[], [], .dnat]
            match.state = negatable(ConntrackMatch.States(states, translated: random.pick(translated)))
        }
        if random.oneIn(4) { match.direction = random.pick([.original, .reply]) }
        if random.oneIn(5) { match.status = negatable(random.pick([[], .assured, [.seenReply, .confirmed]])) }
        if random.oneIn(6) { match.originalSource = negatable(masked()) }
        if random.oneIn(6) { match.originalDestination = negatable(masked()) }
        if random.oneIn(6) { match.originalProtocol = negatable(random.pick([.tcp, .udp, icmp])) }
        if random.oneIn(6) { match.originalSourcePort = negatable(ports()) }
        if random.oneIn(4) { match.originalDestinationPort = negatable(ports()) }
        if random.oneIn(8) { match.replySource = negatable(masked()) }
        if random.oneIn(8) { match.replyDestinationPort = negatable(ports()) }
        if random.oneIn(10) { match.expiry = negatable(random.pick([0...10, 5...100])) }
        conntrack.append(match)
        return .conntrack(match)
    }

    // MARK: - Targets

    private mutating func target(to chains: [String], isTCP: Bool) -> IPTablesTarget? {
        switch random.number(0...17) {
        case 0, 1: return .accept
        case 2, 3, 4: return .drop
        case 5, 6: return .return
        case 7: return .reject(with: isTCP ? "tcp-reset" : family == .ip ? "icmp-net-unreachable" : "icmp6-no-route")
        case 8:
            var log = LogTarget(prefix: random.pick(["a ", "b"]), level: random.pick([4, 6]))
            log.areTCPOptionsLogged = random.oneIn(4)
            return .log(log)
        case 9: return .setMark(value: number(), mask: random.pick([0xff, 1, .max]))
        case 10: return nil
        case 11:
            var log = NetlinkLogTarget()
            log.group = UInt16(random.number(0...3))
            return .netlinkLog(log)
        case 12: return random.oneIn(3) ? .queue(QueueWords(random.pick([1...1, 0...3]))) : .drop
        case 13: return random.oneIn(3) ? connectionMark() : .accept
        default:
            guard !chains.isEmpty else { return .return }
            return random.oneIn(4) ? .goto(random.pick(chains)) : .jump(random.pick(chains))
        }
    }

    private mutating func connectionMark() -> IPTablesTarget {
        switch random.number(0...2) {
        case 0: .connectionMark(.set(value: number(), mask: random.pick([0xff, .max])))
        case 1: .connectionMark(.save(packetMask: .max, connectionMask: random.pick([0xff, .max])))
        default: .connectionMark(.restore(packetMask: random.pick([0xff, .max]), connectionMask: .max))
        }
    }
}
