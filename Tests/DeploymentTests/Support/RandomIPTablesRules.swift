import IPTablesBackend
import PacketModel

/// Rules of the whole vocabulary as iptables-legacy takes them in the FORWARD chain, from a seed.
struct RandomIPTablesRules {
    private var state: UInt64
    private let family: AddressFamily

    init(seed: UInt64, family: AddressFamily) {
        state = seed
        self.family = family
    }

    /// A rule with up to three matches besides the fields of the packet.
    mutating func rule() -> IPTablesRule {
        var matches: [IPTablesMatch] = []
        if once(in: 2) { matches.append(.source(negatable(network()))) }
        if once(in: 3) { matches.append(.destination(negatable(network()))) }
        if once(in: 3) { matches.append(.inInterface(negatable(interface()))) }
        if once(in: 4) { matches.append(.outInterface(negatable(interface()))) }
        let proto = pick(Self.protocols(family))
        if let proto { matches.append(.proto(Negatable(ProtocolWord(proto)))) }
        if proto == nil, family == .ip, once(in: 6) { matches.append(.fragment(isNegated: once(in: 2))) }
        if let proto, let match = transport(proto), !once(in: 3) { matches.append(match) }
        for _ in 0..<number(0...2) { matches.append(anyMatch()) }
        return IPTablesRule(matches, target: target(proto, matches))
    }

    private static func protocols(_ family: AddressFamily) -> [IPProtocol?] {
        [nil, nil, .tcp, .tcp, .udp, .sctp, .dccp, family == .ip ? .icmp : .icmpv6]
    }

    // MARK: - Fields

    private mutating func network() -> IPMaskedAddress {
        let bits = family.addressBits
        let address: IPAddress = family == .ip ? .v4(UInt32(truncatingIfNeeded: next())) : .v6(wide())
        if once(in: 8), let masked = IPMaskedAddress(address, mask: family == .ip ? .v4(0xff00_00ff) : .v6(~0 << 100 | 0xff)) {
            return masked
        }
        let length = pick([bits, bits, bits - 8, bits / 2, number(1...bits)])
        guard let prefix = IPPrefix(holding: address, length: length) else { preconditionFailure("\(length)") }
        return IPMaskedAddress(prefix)
    }

    /// Addresses with runs of zeros, and such that `inet_ntop` prints with an IPv4 part.
    private mutating func wide() -> UInt128 {
        let low = UInt128(next())
        return pick([low, low & 0xffff_ffff, 0xffff << 32 | low & 0xffff_ffff, low << 64 | UInt128(next()), 0x2001_0db8 << 96 | low & 0xffff])
    }

    private mutating func interface() -> InterfacePattern {
        pick([.exact("eth0"), .exact("br-0123456789ab"), .prefix("br-"), .prefix("veth"), .exact("eth0.10")])
    }

    private mutating func ports() -> PortRange {
        let first = UInt16(truncatingIfNeeded: next())
        return once(in: 2) ? PortRange(first, first) : PortRange(min(first, 65534), number(min(first, 65534) + 1...65535))
    }

    private mutating func transport(_ proto: IPProtocol) -> IPTablesMatch? {
        if proto.hasPorts, once(in: 3) {
            let list = (0..<number(1...5)).map { _ in ports() }
            return .multiport(pick([.source, .destination, .either]), negatable(list))
        }
        switch proto {
        case .tcp:
            var match = TCPMatch(source: maybe { $0.negatable($0.narrowPorts()) }, destination: maybe { $0.negatable($0.narrowPorts()) })
            if once(in: 3) {
                let all: [TCPFlags] = [.fin, .syn, .rst, .psh, .ack, .urg]
                let mask = TCPFlags(all.filter { _ in once(in: 2) } + [.syn])
                match.flags = negatable(TCPMatch.Flags(mask: mask, set: TCPFlags(all.filter { _ in once(in: 2) })))
            }
            if once(in: 5) { match.option = negatable(number(1...255)) }
            return .tcp(match)
        case .icmp:
            return .icmp(negatable(ICMPMessage(isIPv6: false, type: number(0...254), code: maybe { $0.number(0...255) })))
        case .icmpv6:
            return .icmp(negatable(ICMPMessage(isIPv6: true, type: number(0...255), code: maybe { $0.number(0...255) })))
        default:
            return .ports(
                proto, source: maybe { $0.negatable($0.narrowPorts()) }, destination: maybe { $0.negatable($0.narrowPorts()) })
        }
    }

    /// Not all ports: these are not printed.
    private mutating func narrowPorts() -> PortRange {
        let ports = ports()
        return ports == PortRange(0, 65535) ? PortRange(0, 65534) : ports
    }

    // MARK: - Matches

    private mutating func anyMatch() -> IPTablesMatch {
        switch number(0...19) {
        case 0, 1, 2: .conntrack(conntrack())
        case 3: .state(negatable(states()))
        case 4: .addressRange(source: negatable(range()), destination: maybe { $0.negatable($0.range()) })
        case 5: .sourceMAC(negatable(next() & 0xffff_ffff_ffff))
        case 6: .mark(mark())
        case 7: .connectionMark(mark())
        case 8: .packetType(negatable(pick([.host, .broadcast, .multicast, .other])))
        case 9: .addressType(addressType())
        case 10: .length(negatable(lengths()))
        case 11:
            .hopLimit(HopLimitTest(pick([.equal, .notEqual, .less, .greater]), number(0...255), isIPv6: family == .ip6))
        case 12: .dscp(negatable(number(0...63)))
        case 13, 14: .limit(count: pick([1, 3, 7, 10, 20]), unit: pick([.second, .minute, .hour]), burst: number(1...20))
        case 15: .quota(bytes: next())
        case 16: .comment(text())
        case 17: .timeUntil(lastSecond: Int64(number(UInt32(1)...0x7fff_ffff)))
        default: module()
        }
    }

    private mutating func conntrack() -> ConntrackMatch {
        var match = ConntrackMatch()
        match.state = maybe { $0.negatable(ConntrackMatch.States($0.states(), translated: $0.pick([[], [.snat], [.dnat], [.snat, .dnat]]))) }
        match.originalProtocol = maybe { $0.negatable($0.pick([.tcp, .udp, IPProtocol(rawValue: 47)])) }
        match.originalSource = maybe { $0.negatable($0.prefix()) }
        match.originalDestination = maybe { $0.negatable($0.prefix()) }
        match.replySource = maybe { $0.negatable($0.prefix()) }
        match.replyDestination = maybe { $0.negatable($0.prefix()) }
        match.originalSourcePort = maybe { $0.negatable($0.ports()) }
        match.originalDestinationPort = maybe { $0.negatable($0.ports()) }
        match.replySourcePort = maybe { $0.negatable($0.ports()) }
        match.replyDestinationPort = maybe { $0.negatable($0.ports()) }
        match.status = maybe { $0.negatable($0.pick([[], .assured, [.seenReply, .confirmed], .expected])) }
        match.expiry = maybe { $0.negatable($0.pick([10...10, 5...20])) }
        match.direction = pick([nil, .original, .reply])
        if match.isEmpty { match.direction = .original }
        return match
    }

    /// A network of a tuple: `iptables-save` loses masks with gaps there.
    private mutating func prefix() -> IPMaskedAddress {
        var network = network()
        while network.prefix == nil { network = self.network() }
        return network
    }

    private mutating func states() -> ConntrackStateSet {
        ConntrackStateSet(rawValue: number(1...31))
    }

    private mutating func range() -> IPAddressRange {
        let (a, b) = (UInt32(truncatingIfNeeded: next()), UInt32(truncatingIfNeeded: next()))
        let (c, d) = (wide(), wide())
        return family == .ip ? .v4(min(a, b)...max(a, b)) : .v6(min(c, d)...max(c, d))
    }

    private mutating func mark() -> MaskedTest<UInt32> {
        MaskedTest(mask: pick([.max, 0xff, 0xf0f0]), value: UInt32(truncatingIfNeeded: next()) & 0xffff, isNegated: once(in: 2))
    }

    private mutating func addressType() -> AddressTypeMatch {
        var match = AddressTypeMatch()
        let types: [AddressTypeSet] = family == .ip ? [.local, [.local, .broadcast], .multicast, .unicast, .blackhole] : [.local, .multicast, .unicast]
        match.source = maybe { $0.negatable($0.pick(types)) }
        if match.source == nil || once(in: 2) { match.destination = negatable(pick(types)) }
        if family == .ip { match.limitedTo = pick([nil, .in, .out]) }
        return match
    }

    private mutating func lengths() -> ClosedRange<UInt16> {
        let (a, b) = (UInt16(truncatingIfNeeded: next()), UInt16(truncatingIfNeeded: next()))
        return min(a, b)...max(a, b)
    }

    private mutating func text() -> String {
        pick(["plain", "two words", "it's", "a \"quote\"", "back\\slash", "sw:1234", "-j DROP", "ü", "dash-and_line", "# no comment"])
    }

    private mutating func module() -> IPTablesMatch {
        let mask = family == .ip ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        return pick([
            .module("string", options: [
                IPTablesOption("--string", [pick(["GET /", "a\"b", "it's"])], isNegated: once(in: 3), isQuoted: true),
                IPTablesOption("--algo", [pick(["bm", "kmp"])]), IPTablesOption("--to", ["\(number(UInt16(1)...65534))"]),
            ]),
            .module("string", options: [
                IPTablesOption("--hex-string", ["|00ff\(once(in: 2) ? "41" : "7c")|"], isQuoted: true), IPTablesOption("--algo", ["bm"]),
                IPTablesOption("--icase"),
            ]),
            .module("recent", options: [
                IPTablesOption("--" + pick(["rcheck", "update"]), isNegated: once(in: 3)),
                IPTablesOption("--seconds", ["\(number(UInt32(1)...999))"]), IPTablesOption("--hitcount", ["\(number(UInt8(1)...20))"]),
                IPTablesOption("--name", ["seawall"]), IPTablesOption("--mask", [mask]), IPTablesOption(pick(["--rsource", "--rdest"])),
            ]),
            .module("connlimit", options: [
                IPTablesOption(pick(["--connlimit-above", "--connlimit-upto"]), ["\(number(UInt8(0)...99))"]),
                IPTablesOption("--connlimit-mask", ["\(number(0...family.addressBits))"]),
                IPTablesOption(pick(["--connlimit-saddr", "--connlimit-daddr"])),
            ]),
            .module("statistic", options: [
                IPTablesOption("--mode", ["nth"]), IPTablesOption("--every", ["5"], isNegated: once(in: 2)),
                IPTablesOption("--packet", ["\(number(UInt8(0)...4))"]),
            ]),
            .module("statistic", options: [
                IPTablesOption("--mode", ["random"]),
                IPTablesOption("--probability", [pick(["0.50000000000", "0.33300000010", "0.00999999978"])], isNegated: once(in: 2)),
            ]),
            .module("u32", options: [
                IPTablesOption("--u32", [pick(["0x6&0xff=0x1", "0x0>>0x16&0x3c@0x8=0x1:0x5,0x7&&0x4&0x3fff=0x0"])], isNegated: once(in: 2), isQuoted: true)
            ]),
            .module("time", options: [
                IPTablesOption("--timestart", ["09:00:00"]), IPTablesOption("--timestop", ["17:30:00"]),
                IPTablesOption("--weekdays", [pick(["Mon,Tue", "Sat,Sun"])]), IPTablesOption("--datestop", ["2038-01-19T03:14:07"]),
                IPTablesOption("--kerneltz"),
            ]),
            .module("physdev", options: [
                IPTablesOption("--physdev-in", [pick(["eth0", "veth+"])], isNegated: once(in: 2)), IPTablesOption("--physdev-is-bridged"),
            ]),
            .module("policy", options: [
                IPTablesOption("--dir", ["in"]), IPTablesOption("--pol", ["ipsec"]), IPTablesOption("--strict"),
                IPTablesOption("--reqid", ["\(number(UInt16(1)...999))"]), IPTablesOption("--proto", ["esp"]),
            ]),
            .module("hashlimit", options: [
                IPTablesOption(pick(["--hashlimit-upto", "--hashlimit-above"]), [pick(["10/sec", "7/min", "512kb/s"])]),
            ] + [IPTablesOption("--hashlimit-name", ["h\(number(UInt16.min...999))"])]).withBurst,
            .module("helper", options: [IPTablesOption("--helper", [pick(["ftp", "sip"])], isNegated: once(in: 2))]),
            .module("tos", options: [IPTablesOption("--tos", [pick(["0x10/0x3f", "0x00/0xff"])], isNegated: once(in: 2))]),
            .module("cpu", options: [IPTablesOption("--cpu", ["\(number(UInt8(0)...9))"], isNegated: once(in: 2))]),
            .module("devgroup", options: [IPTablesOption("--src-group", [pick(["0x1", "0x1/0x3"])], isNegated: once(in: 2))]),
            .module("connbytes", options: [
                IPTablesOption("--connbytes", [pick(["10", "10:200"])], isNegated: once(in: 2)), IPTablesOption("--connbytes-mode", ["bytes"]),
                IPTablesOption("--connbytes-dir", ["both"]),
            ]),
            .module("ecn", options: [IPTablesOption("--ecn-ip-ect", ["\(number(UInt8(0)...3))"], isNegated: once(in: 2))]),
        ])
    }

    // MARK: - Targets

    private mutating func target(_ proto: IPProtocol?, _ matches: [IPTablesMatch]) -> IPTablesTarget? {
        switch number(0...13) {
        case 0, 1: .accept
        case 2: .drop
        case 3: .return
        case 4: .jump("USER-chain_1")
        case 5: .goto("USER-chain_1")
        case 6: .reject(with: proto == .tcp ? "tcp-reset" : family == .ip ? "icmp-admin-prohibited" : "icmp6-no-route")
        case 7: .log(log())
        case 8: .netlinkLog(netlinkLog())
        case 9: .setMark(value: UInt32(truncatingIfNeeded: next()), mask: pick([.max, 0xff, 0]))
        case 10:
            .connectionMark(
                pick([
                    .set(value: number(0...UInt32.max), mask: .max), .save(packetMask: 0xff, connectionMask: .max),
                    .restore(packetMask: .max, connectionMask: 0xf),
                ]))
        case 11: .queue(queue())
        case 12: .module("CLASSIFY", options: [IPTablesOption("--set-class", ["0001:00ff"])])
        default: nil
        }
    }

    private mutating func log() -> LogTarget {
        var log = LogTarget(prefix: pick(["", "plain", "with space: ", "[x] 'y'"]), level: number(0...7))
        log.isTCPSequenceLogged = once(in: 3)
        log.areTCPOptionsLogged = once(in: 3)
        log.areIPOptionsLogged = once(in: 3)
        log.isUIDLogged = once(in: 3)
        log.isMACDecoded = once(in: 3)
        return log
    }

    private mutating func netlinkLog() -> NetlinkLogTarget {
        var log = NetlinkLogTarget()
        log.prefix = pick(["", "a b", "plain"])
        log.group = number(0...UInt16.max)
        if once(in: 2) { log.size = number(0...UInt32.max) }
        log.threshold = number(0...9)
        return log
    }

    private mutating func queue() -> QueueWords {
        let first: UInt16 = number(0...100)
        var queue = QueueWords(first...(once(in: 2) ? first : first + number(1...9)))
        queue.isBypassed = once(in: 2)
        queue.isByProcessor = queue.numbers.count > 1 && once(in: 2)
        return queue
    }

    // MARK: - Chance

    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    private mutating func number<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
        let width = UInt64(range.upperBound) - UInt64(range.lowerBound)
        return width == .max ? Number(truncatingIfNeeded: next()) : range.lowerBound + Number(next() % (width + 1))
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...(values.count - 1))] }

    private mutating func once(in times: UInt64) -> Bool { next() % times == 0 }

    private mutating func negatable<Value: Hashable & Sendable>(_ value: Value) -> Negatable<Value> {
        Negatable(value, isNegated: once(in: 3))
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { once(in: 4) ? make(&self) : nil }
}

extension IPTablesMatch {
    /// A rate in packets is printed with its burst.
    fileprivate var withBurst: IPTablesMatch {
        guard case .module(let name, var options) = self, options[0].values.first?.hasSuffix("kb/s") == false else { return self }
        options.insert(IPTablesOption("--hashlimit-burst", ["5"]), at: 1)
        return .module(name, options: options)
    }
}
