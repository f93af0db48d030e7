import FirewallIR
import NFTablesBackend
import PacketModel

/// What our nft table does with a packet.
///
/// A field that is not there ends the rule without a match (BREAK), whatever is asked.
struct NFTablesOracle {
    let table: NFTTable

    func outcome(of packet: Packet) -> Outcome {
        var packet = packet
        var outcome = Outcome()
        let chains = Dictionary(uniqueKeysWithValues: table.chains.map { ($0.name, $0.rules) })
        guard let base = table.chains.first(where: { $0.hook != nil }) else { return outcome }
        var walk = Walk(base.rules)
        rules: while let rule = walk.next() {
            for statement in rule.statements {
                switch statement {
                case .match(let left, let op, let right):
                    guard let value = left.load(packet), op.holds(value, right, in: table) else { continue rules }
                case .limit(let count, let unit, let burst, _):
                    guard packet.asks(.limit(count, unit, burst), &outcome) else { continue rules }
                case .quota(let bytes): guard packet.asks(.quota(bytes), &outcome) else { continue rules }
                case .log(let prefix, let level, _): outcome.events.append(.log(prefix: prefix, level: level.number))
                case .setMark(let value, let mask):
                    outcome.events.append(.mark(value: value, mask: mask))
                    packet.mark = packet.mark & ~mask ^ value
                case .counter: break
                // No random rule set has these.
                case .netlinkLog, .setConnectionMark, .saveMark, .restoreMark, .continue, .unknown:
                    preconditionFailure("an unexpected statement")
                case .verdictMap(let key, let map):
                    guard let value = key.load(packet), let verdict = map.verdict(value, in: table) else {
                        continue rules
                    }
                    switch verdict {
                    case .drop:
                        outcome.verdict = .drop
                        return outcome
                    case .return: walk.return()
                    case .jump(let name): walk.jump(chains[name] ?? [])
                    case .goto(let name): walk.goto(chains[name] ?? [])
                    default: return outcome
                    }
                case .accept: return outcome
                case .drop:
                    outcome.verdict = .drop
                    return outcome
                case .reject(let type, let code):
                    guard let kind = Self.answer(type, code, packet) else { continue rules }
                    outcome.verdict = .reject(kind)
                    return outcome
                case .return: walk.return()
                case .jump(let name): walk.jump(chains[name] ?? [])
                case .goto(let name): walk.goto(chains[name] ?? [])
                }
            }
        }
        return outcome
    }

    /// The answer; nft itself asks for the family or protocol that an answer needs.
    private static func answer(_ type: String, _ code: String?, _ packet: Packet) -> RejectKind? {
        switch (type, code ?? "") {
        case ("tcp reset", _): packet.proto == 6 ? .tcpReset : nil
        case ("icmpx", "port-unreachable"): .portUnreachable
        case ("icmpx", "host-unreachable"): .hostUnreachable
        case ("icmpx", "no-route"): .noRoute
        case ("icmpx", "admin-prohibited"): .adminProhibited
        case ("icmp", "port-unreachable"): packet.family == .ip ? .portUnreachable : nil
        case ("icmpv6", "port-unreachable"): packet.family == .ip6 ? .portUnreachable : nil
        case ("icmp", "prot-unreachable"): packet.family == .ip ? .protocolUnreachable : nil
        case ("icmp", "net-prohibited"): packet.family == .ip ? .networkProhibited : nil
        case ("icmp", "host-prohibited"): packet.family == .ip ? .hostProhibited : nil
        case ("icmpv6", "policy-fail"): packet.family == .ip6 ? .policyFail : nil
        case ("icmpv6", "reject-route"): packet.family == .ip6 ? .rejectRoute : nil
        default: nil
        }
    }
}

/// What stands in a register.
enum NFTRegister {
    case number(UInt64)
    case address(IPAddress)
    /// The name of an interface.
    case name(String)
    /// One of a list of names: a type of packet, a type of address.
    case word(String)
    /// The parts of a concatenation.
    case parts([NFTRegister])
}

extension NFTExpression {
    /// The value of a field; `nil` where the packet has none.
    func load(_ packet: Packet) -> NFTRegister? {
        switch self {
        case .meta(let key):
            switch key {
            case .nfproto: .number(packet.family == .ip ? 2 : 10)
            case .l4proto: .number(UInt64(packet.proto))
            case .iifname: .name(packet.inInterface)
            case .oifname: .name(packet.outInterface)
            case .mark: .number(UInt64(packet.mark))
            case .pkttype: .word(packet.packetType.names[0])
            case .time: .number(UInt64(packet.now))
            case .length, .iif, .oif, .proto: nil
            }
        case .payload(let proto, let field): Self.payload(proto, field, packet)
        case .ct(let key, _): key.load(packet)
        case .addressType(let side, let interface):
            .word(
                packet.addressType(isSource: side == "saddr", interface: interface.map { $0 == "iif" ? "in" : "out" })
                    .names[0])
        case .concat(let parts):
            parts.reduce(Optional([])) { all, part in all.flatMap { all in part.load(packet).map { all + [$0] } } }
                .map(NFTRegister.parts)
        case .network(let inner, let length):
            if case .address(let address)? = inner.load(packet) { .address(address.masked(to: length)) } else { nil }
        case .and(let inner, let mask):
            if case .number(let value)? = inner.load(packet) { .number(value & UInt64(mask)) } else { nil }
        }
    }

    private static func payload(_ proto: String, _ field: String, _ packet: Packet) -> NFTRegister? {
        switch (proto, field) {
        case ("ip", "saddr"): packet.family == .ip ? .address(packet.source) : nil
        case ("ip", "daddr"): packet.family == .ip ? .address(packet.destination) : nil
        case ("ip6", "saddr"): packet.family == .ip6 ? .address(packet.source) : nil
        case ("ip6", "daddr"): packet.family == .ip6 ? .address(packet.destination) : nil
        case ("ip", "frag-off"): packet.family == .ip ? .number(packet.isLaterFragment ? 185 : 0) : nil
        case ("icmp", "type"): packet.family == .ip ? packet.icmp.map { .number(UInt64($0 >> 8)) } : nil
        case ("icmp", "code"): packet.family == .ip ? packet.icmp.map { .number(UInt64($0 & 255)) } : nil
        case ("icmpv6", "type"): packet.family == .ip6 ? packet.icmp.map { .number(UInt64($0 >> 8)) } : nil
        case ("icmpv6", "code"): packet.family == .ip6 ? packet.icmp.map { .number(UInt64($0 & 255)) } : nil
        case ("tcp", "flags"): packet.tcpFlags.map { .number(UInt64($0)) }
        // Whatever stands where ports would: the rule has to ask for the protocol.
        case ("th", _) where packet.sourcePort == nil && !packet.isLaterFragment:
            .number(mixed(packet.routing ^ (field == "sport" ? 1 : 2)) % 65536)
        case ("th", _), (IPProtocol(rawValue: packet.proto).name, _):
            (field == "sport" ? packet.sourcePort : field == "dport" ? packet.destinationPort : nil).map {
                .number(UInt64($0))
            }
        default: nil
        }
    }
}

extension NFTExpression.CT {
    fileprivate func load(_ packet: Packet) -> NFTRegister? {
        if self == .state { return .number(UInt64(packet.state.rawValue)) }
        guard let entry = packet.entry else { return nil }
        switch self {
        case .state, .mark: return nil
        case .direction: return .number(entry.direction == .original ? 0 : 1)
        case .status: return .number(UInt64(entry.status))
        case .proto: return .number(UInt64(entry.proto))
        case .protoSource: return .number(UInt64(entry.sourcePort))
        case .protoDestination: return .number(UInt64(entry.destinationPort))
        case .ipSource: return packet.family == .ip ? .address(entry.source) : nil
        case .ipDestination: return packet.family == .ip ? .address(entry.destination) : nil
        case .ip6Source: return packet.family == .ip6 ? .address(entry.source) : nil
        case .ip6Destination: return packet.family == .ip6 ? .address(entry.destination) : nil
        }
    }
}

extension NFTOperator {
    fileprivate func holds(_ left: NFTRegister, _ right: NFTValue, in table: NFTTable) -> Bool {
        switch self {
        case .equal: right.contains(left, in: table)
        case .notEqual: !right.contains(left, in: table)
        case .less: if case .number(let a) = left, case .number(let b) = right { a < UInt64(b) } else { false }
        case .lessOrEqual, .greater, .greaterOrEqual, .noneOf: false
        case .anyOf:
            if case .number(let value) = left, case .flags(let names) = right {
                value
                    & names.reduce(0) {
                        $0
                            | (ConntrackStateSet(name: $1).map { UInt64($0.rawValue) }
                                ?? ConntrackStatus(name: $1).map { UInt64($0.rawValue) } ?? 0)
                    } != 0
            } else {
                false
            }
        }
    }
}

extension NFTVerdictMap {
    /// The verdict of the first key that holds a value.
    fileprivate func verdict(_ value: NFTRegister, in table: NFTTable) -> NFTStatement? {
        let elements: [NFTVerdictMapElement]
        switch self {
        case .elements(let own): elements = own
        case .named(let name): elements = table.maps.first { $0.name == name }?.elements ?? []
        }
        return elements.first { $0.key?.contains(value, in: table) ?? true }?.verdict
    }
}

extension NFTValue {
    fileprivate func contains(_ left: NFTRegister, in table: NFTTable) -> Bool {
        switch (self, left) {
        case (.set(let elements), _): elements.contains { $0.contains(left, in: table) }
        case (.named(let name), _):
            table.sets.first { $0.name == name }?.elements.contains { $0.contains(left, in: table) } ?? false
        case (.concat(let own), .parts(let registers)):
            own.count == registers.count && zip(own, registers).allSatisfy { $0.contains($1, in: table) }
        case (.keyword(let word), .number(let value)): Self.numbers[word] == value
        case (.keyword(let word), .word(let value)): word == value
        case (.number(let number), .number(let value)): UInt64(number) == value
        case (.range(let first, let last), .number(let value)): (UInt64(first)...UInt64(last)).contains(value)
        case (.interface(let pattern), .name(let name)): pattern.matches(name)
        case (.address(let one), .address(let address)): one == address
        case (.prefix(let prefix), .address(let address)): IPAddressSet([IPAddressRange(prefix)]).contains(address)
        case (.addressRange(.v4(let first), .v4(let last)), .address(.v4(let address))):
            (first...last).contains(address)
        case (.addressRange(.v6(let first), .v6(let last)), .address(.v6(let address))):
            (first...last).contains(address)
        default: false
        }
    }

    private static let numbers: [String: UInt64] = [
        "ipv4": 2, "ipv6": 10, "icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "sctp": 132, "original": 0, "reply": 1,
    ]
}
