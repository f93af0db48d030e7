internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match on the layer 4 protocol or on its header.
    ///
    /// The modules for a header fail without one, negated as well: so the field has to be there.
    mutating func addTransport(_ match: IPTablesMatch) throws(LiftRefusal) {
        switch match {
        case .proto(let test): try addProtocol(test.map(\.proto))
        case .fragment(let isNegated):
            guard family == .ip else { throw LiftRefusal("ip6tables knows no '-f'") }
            try addFragment(isLater: !isNegated)
        case .ports(let proto, let source, let destination):
            guard proto.hasPorts else { throw LiftRefusal("protocol \(proto.name) has no ports") }
            try narrow { box in
                box.protocols.narrow(to: IntervalSet(proto.rawValue))
                if let source { box.sourcePort.narrow(to: Presence(source.ports)) }
                if let destination { box.destinationPort.narrow(to: Presence(destination.ports)) }
                if source == nil && destination == nil { box.destinationPort.narrow(to: Presence(.all)) }
            }
        case .tcp(let match): try addTCP(match)
        case .multiport(let side, let test): try addMultiport(side, test)
        case .icmp(let test): try addICMP(test)
        default: break
        }
    }

    /// The header has to have ports, whatever is asked of them.
    private mutating func addMultiport(
        _ side: IPTablesMatch.MultiportSide, _ test: Negatable<[PortRange]>
    ) throws(LiftRefusal) {
        let listed = IntervalSet(test.value.compactMap(\.range))
        let ports = Presence(test.isNegated ? listed.complement : listed)
        switch side {
        case .source: try narrow { $0.sourcePort.narrow(to: ports) }
        case .destination: try narrow { $0.destinationPort.narrow(to: ports) }
        case .either where test.isNegated:
            try narrow {
                $0.sourcePort.narrow(to: ports)
                $0.destinationPort.narrow(to: ports)
            }
        case .either:
            try multiply { box in
                var parts = [box, box]
                parts[0].sourcePort.narrow(to: ports)
                parts[1].destinationPort.narrow(to: ports)
                return parts
            }
        }
    }

    /// The whole header has to be there, whatever is asked of it.
    private mutating func addTCP(_ match: TCPMatch) throws(LiftRefusal) {
        if let option = match.option {
            let found = OpaqueMatch.module(name: "tcp", options: ["--tcp-option", String(option.value)])
            addOpaque(option.isNegated ? .not(found) : found)
        }
        try narrow { box in
            box.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue))
            if let source = match.source { box.sourcePort.narrow(to: Presence(source.ports)) }
            if let destination = match.destination { box.destinationPort.narrow(to: Presence(destination.ports)) }
            if let flags = match.flags {
                box.tcpFlags.narrow(
                    to: MaskedTest(
                        mask: flags.value.mask.rawValue, value: flags.value.set.rawValue, isNegated: flags.isNegated))
            } else if match.source == nil && match.destination == nil {
                box.destinationPort.narrow(to: Presence(.all))
            }
        }
    }

    /// `-p 0` asks for nothing.
    private mutating func addProtocol(_ test: Negatable<IPProtocol>) throws(LiftRefusal) {
        guard test.value.rawValue != 0 else {
            if test.isNegated { throw LiftRefusal("'! -p 0' excludes every protocol, which no iptables loads") }
            return
        }
        let numbers: IntervalSet<UInt8> = test.map { $0.rawValue...$0.rawValue }.numbers()
        try narrow { $0.protocols.narrow(to: numbers) }
    }

    private mutating func addFragment(isLater: Bool) throws(LiftRefusal) {
        try narrow { box in
            // Both at once is no packet.
            if box.isLaterFragment == !isLater { box.families = [] }
            box.isLaterFragment = isLater
        }
    }

    /// Type 255 of IPv4 stands for any, whatever the code (`icmp_type_code_match`).
    private mutating func addICMP(_ test: Negatable<ICMPMessage>) throws(LiftRefusal) {
        let message = test.value
        guard message.isIPv6 == (family == .ip6) else { throw LiftRefusal("the ICMP of the other family") }
        let low = UInt16(message.type) << 8
        let range =
            !message.isIPv6 && message.type == 255
            ? UInt16.min...UInt16.max
            : message.code.map { (low | UInt16($0))...(low | UInt16($0)) } ?? low...(low | 255)
        let values = Presence(test.map { _ in range }.numbers())
        let number = message.isIPv6 ? IPProtocol.icmpv6 : .icmp
        try narrow { box in
            box.protocols.narrow(to: IntervalSet(number.rawValue))
            box.icmp.narrow(to: values)
        }
    }
}
