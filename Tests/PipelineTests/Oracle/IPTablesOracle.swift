import IPTablesBackend
import PacketModel

/// What iptables does with a packet, by the semantics of its modules in the kernel (`net/netfilter/xt_*.c`).
struct IPTablesOracle {
    private let family: AddressFamily
    private let entry: [IPTablesRule]
    private let policy: Outcome.Verdict
    private let chains: [String: [IPTablesRule]]

    /// What `DOCKER-USER` does.
    init(program: IPTablesProgram) {
        family = program.family
        entry = program.entry
        policy = .leave
        chains = Dictionary(uniqueKeysWithValues: program.chains.map { ($0.name, $0.rules) })
    }

    /// What a chain of a table does, with what stands behind the rules that could not be read.
    init(table: FilterTable, chain name: String) {
        family = table.family
        let rules = table.chains.map { chain in
            (chain.name, chain.rules.compactMap { if case .rule(let rule) = $0.content { rule } else { nil } })
        }
        chains = Dictionary(uniqueKeysWithValues: rules)
        entry = chains[name] ?? []
        policy =
            switch table.chain(name)?.policy {
            case .accept: .accept
            case .drop: .drop
            case nil: .leave
            }
    }

    func outcome(of packet: Packet) -> Outcome {
        var packet = packet
        var outcome = Outcome()
        outcome.verdict = policy
        var walk = Walk(entry)
        while let rule = walk.next() {
            guard rule.matches.allSatisfy({ $0.holds(packet, rule, &outcome) }), let target = rule.target else {
                continue
            }
            switch target {
            case .accept:
                outcome.verdict = .accept
                return outcome
            case .drop:
                outcome.verdict = .drop
                return outcome
            case .reject(let name):
                outcome.verdict = .reject(kind(named: name))
                return outcome
            case .log(let log): outcome.events.append(.log(prefix: log.prefix, level: Int(log.level)))
            case .netlinkLog(let log): outcome.events.append(.netlinkLog(group: log.group, prefix: log.prefix))
            case .connectionMark(let change):
                outcome.events.append(.done("\(change)"))
                packet.change(change)
            case .module(let name, let options):
                outcome.events.append(.done(([name] + options.flatMap(\.flat)).joined(separator: " ")))
            case .queue(let queue):
                outcome.verdict = .queue(queue.numbers)
                return outcome
            case .setMark(let value, let mask):
                outcome.events.append(.mark(value: value, mask: mask))
                packet.mark = packet.mark & ~mask ^ value
            case .return: walk.return()
            case .jump(let name): walk.jump(chains[name] ?? [])
            case .goto(let name): walk.goto(chains[name] ?? [])
            }
        }
        return outcome
    }

    private func kind(named name: String) -> RejectKind {
        switch name {
        case "tcp-reset": .tcpReset
        case "icmp-port-unreachable", "icmp6-port-unreachable": .portUnreachable
        case "icmp-host-unreachable", "icmp6-addr-unreachable": .hostUnreachable
        case "icmp-net-unreachable", "icmp6-no-route": .noRoute
        case "icmp-admin-prohibited", "icmp6-adm-prohibited": .adminProhibited
        case "icmp-proto-unreachable": .protocolUnreachable
        case "icmp-net-prohibited": .networkProhibited
        case "icmp-host-prohibited": .hostProhibited
        case "icmp6-policy-fail": .policyFail
        default: .rejectRoute
        }
    }
}

extension IPTablesMatch {
    /// Whether a packet passes; a guard that is asked is noted.
    func holds(_ packet: Packet, _ rule: IPTablesRule, _ outcome: inout Outcome) -> Bool {
        switch self {
        case .source(let test): test.holds { $0.contains(packet.source) }
        case .destination(let test): test.holds { $0.contains(packet.destination) }
        case .inInterface(let test): test.holds { $0.matches(packet.inInterface) }
        case .outInterface(let test): test.holds { $0.matches(packet.outInterface) }
        // `-p 0` asks for nothing.
        case .proto(let test): test.value.number == 0 ? !test.isNegated : test.holds { $0.number == packet.proto }
        case .fragment(let isNegated): packet.isLaterFragment != isNegated
        case .ports(let proto, let source, let destination):
            packet.proto == proto.rawValue && source.holds(packet.sourcePort)
                && destination.holds(packet.destinationPort)
        case .tcp(let match): match.holds(packet)
        case .state(let test): test.holds { $0.contains(packet.state) }
        case .multiport(let side, let test):
            side.ports(of: packet).map { ports in
                test.holds { ranges in ports.contains { port in ranges.contains { $0.contains(port) } } }
            } ?? false
        case .icmp(let test): packet.icmp.map { holds(test, type: UInt8($0 >> 8), code: UInt8($0 & 255)) } ?? false
        case .conntrack(let match): match.holds(packet)
        case .addressRange(let source, let destination):
            source?.holds { $0.contains(packet.source) } != false
                && destination?.holds { $0.contains(packet.destination) } != false
        case .mark(let test): test.matches(packet.mark)
        case .packetType(let test): test.holds { $0 == packet.packetType }
        case .addressType(let match): match.holds(packet)
        case .limit(let count, let unit, let burst): packet.asks(.limit(count, unit, burst), &outcome)
        case .quota(let bytes): packet.asks(.quota(bytes), &outcome)
        case .timeUntil(let lastSecond): packet.now <= lastSecond
        case .comment: true
        case .sourceMAC(let test): packet.sourceMAC.map { mac in test.holds { $0 == mac } } ?? false
        case .connectionMark(let test): packet.entry.map { test.matches($0.mark) } ?? false
        case .length(let test): test.holds { $0.contains(packet.length) }
        case .hopLimit(let test):
            switch test.comparison {
            case .equal: packet.hopLimit == test.value
            case .notEqual: packet.hopLimit != test.value
            case .less: packet.hopLimit < test.value
            case .greater: packet.hopLimit > test.value
            }
        case .dscp(let test): test.holds { $0 == packet.dscp }
        case .module(let name, let options):
            if ["recent", "hashlimit", "connlimit", "statistic"].contains(name) {
                packet.asks(.module(name, options.flatMap(\.flat)), &outcome)
            } else if options.count == 1 {
                packet.meets(name, [options[0].name] + options[0].values) != options[0].isNegated
            } else {
                packet.meets(name, options.flatMap(\.flat))
            }
        }
    }

    /// Type 255 of IPv4 stands for any (`icmp_type_code_match`).
    private func holds(_ test: Negatable<ICMPMessage>, type: UInt8, code: UInt8) -> Bool {
        test.holds { ($0.type == 255 && !$0.isIPv6) || ($0.type == type && ($0.code == nil || $0.code == code)) }
    }
}

extension IPTablesOption {
    /// The option in words.
    fileprivate var flat: [String] { (isNegated ? ["!"] : []) + [name] + values }
}

extension Packet {
    /// `connmark_tg`: nothing without an entry.
    fileprivate mutating func change(_ change: ConnectionMarkTarget) {
        guard let old = entry?.mark else { return }
        switch change {
        case .set(let value, let mask): entry?.mark = old & ~mask ^ value
        case .save(let nfmask, let ctmask): entry?.mark = old & ~ctmask ^ mark & nfmask
        case .restore(let nfmask, let ctmask): mark = mark & ~nfmask ^ old & ctmask
        }
    }
}

extension Negatable {
    fileprivate func holds(_ test: (Value) -> Bool) -> Bool { test(value) != isNegated }
}

extension IPTablesMatch.MultiportSide {
    /// The ports that are looked at; `nil` without a header that has them.
    fileprivate func ports(of packet: Packet) -> [UInt16]? {
        guard let source = packet.sourcePort, let destination = packet.destinationPort else { return nil }
        return switch self {
        case .source: [source]
        case .destination: [destination]
        case .either: [source, destination]
        }
    }
}

extension TCPMatch {
    fileprivate func holds(_ packet: Packet) -> Bool {
        guard packet.proto == 6, let tcpFlags = packet.tcpFlags else { return false }
        if let option, !option.holds({ packet.meets("tcp", ["--tcp-option", String($0)]) }) { return false }
        let areFlagsSet = flags?.holds { tcpFlags & $0.mask.rawValue == $0.set.rawValue } ?? true
        return source.holds(packet.sourcePort) && destination.holds(packet.destinationPort) && areFlagsSet
    }
}

extension PortRange {
    fileprivate func contains(_ port: UInt16) -> Bool { port >= first && port <= last }
}

extension IPMaskedAddress {
    func contains(_ address: IPAddress) -> Bool {
        IPMaskedAddress(address, mask: mask)?.address == self.address
    }
}

extension Optional where Wrapped == Negatable<PortRange> {
    /// Whether a port passes; one that is not there passes only where nothing is asked.
    fileprivate func holds(_ port: UInt16?) -> Bool {
        guard let self else { return port != nil }
        return port.map { port in self.holds { $0.contains(port) } } ?? false
    }
}

extension IPAddressRange {
    fileprivate func contains(_ address: IPAddress) -> Bool { IPAddressSet([self]).contains(address) }
}

extension ConntrackMatch {
    /// `conntrack_mt`: the state first; without an entry that is all.
    func holds(_ packet: Packet) -> Bool {
        if let state {
            let translated = ConntrackStatus(rawValue: packet.entry?.status ?? 0).intersection([.snat, .dnat])
            let isMet =
                state.value.states.contains(packet.state) || !state.value.translated.isDisjoint(with: translated)
            if isMet == state.isNegated { return false }
        }
        guard let entry = packet.entry else { return state != nil }
        if let direction, direction != entry.direction { return false }
        if let originalSource, !originalSource.holds({ $0.contains(entry.source) }) { return false }
        if let originalDestination, !originalDestination.holds({ $0.contains(entry.destination) }) {
            return false
        }
        if let originalProtocol, !originalProtocol.holds({ $0.rawValue == entry.proto }) { return false }
        if let originalSourcePort, !originalSourcePort.holds({ $0.contains(entry.sourcePort) }) { return false }
        if let originalDestinationPort, !originalDestinationPort.holds({ $0.contains(entry.destinationPort) }) {
            return false
        }
        if let replySource, !replySource.holds({ $0.contains(entry.replySource) }) { return false }
        if let replyDestination, !replyDestination.holds({ $0.contains(entry.replyDestination) }) { return false }
        if let replySourcePort, !replySourcePort.holds({ $0.contains(entry.replySourcePort) }) { return false }
        if let replyDestinationPort, !replyDestinationPort.holds({ $0.contains(entry.replyDestinationPort) }) {
            return false
        }
        if let expiry, !expiry.holds({ $0.contains(entry.expiry) }) { return false }
        if let status, !status.holds({ $0.rawValue & entry.status != 0 }) { return false }
        return true
    }
}

extension AddressTypeMatch {
    fileprivate func holds(_ packet: Packet) -> Bool {
        func holds(_ test: Negatable<AddressTypeSet>?, isSource: Bool) -> Bool {
            guard let test else { return true }
            let interface = limitedTo.map { $0 == .in ? "in" : "out" }
            let type = packet.addressType(isSource: isSource, interface: interface)
            return test.holds { packet.family == .ip ? $0.contains(type) : Self.holdsIPv6($0, type) }
        }
        return holds(source, isSource: true) && holds(destination, isSource: false)
    }

    /// `match_type6`: classes of addresses all have to hold, and one of the types that the routing table gives; those have
    /// addresses of the class UNICAST.
    private static func holdsIPv6(_ types: AddressTypeSet, _ type: AddressTypeSet) -> Bool {
        let routed: AddressTypeSet = [.local, .anycast, .unreachable]
        if types.contains(.multicast) && type != .multicast || types.contains(.unspecified) && type != .unspecified {
            return false
        }
        if types.contains(.unicast) && !routed.union(.unicast).contains(type) { return false }
        return types.isDisjoint(with: routed) || types.intersection(routed).contains(type)
    }
}
