internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// An expectation of the policy; `nil` if something is wrong with it.
    mutating func resolve(_ node: ExpectationNode) -> Expectation? {
        let errors = diagnostics.count
        let outcome = outcome(node.outcome, at: node.location)
        let packets = packets(of: node.connections, at: node.location)
        guard diagnostics.count == errors, let outcome else { return nil }
        return Expectation(at: SourceLocation(node.location), .now, outcome, packets: packets)
    }

    private mutating func outcome(_ name: String, at location: NodeLocation) -> Expectation.Outcome? {
        switch name {
        case "allowed": return .allowed
        case "dropped": return .dropped
        case "rejected": return .rejected(nil)
        default:
            report(
                "unknown-outcome", at: location, "unknown outcome '\(name)': expected allowed, dropped or rejected",
                literal: name)
            return nil
        }
    }

    /// What the side that opened the connections sends: all packets that a scope judges, but for those without a connection.
    mutating func packets(of connections: ConnectionsNode, at location: NodeLocation) -> [Box] {
        let errors = diagnostics.count
        var box = Box()
        box.inInterface = interfaces(connections.inInterface, at: location)
        box.outInterface = interfaces(connections.outInterface, at: location)
        let dnat = ConntrackStatus.dnat.rawValue
        if let isPublished = connections.isPublished {
            box.status = Presence([MaskedTest(mask: dnat, value: isPublished ? dnat : 0)])
        }
        let boxes = condition(of: connections.rule(at: location), in: box, called: "the expectation")
        guard diagnostics.count == errors else { return [] }
        return boxes.flatMap(\.judgedPackets)
    }
}

extension Box {
    /// Of the packets in the box those that a scope judges as parts of a connection: what the side sends that opened it.
    ///
    /// Replies and ICMP errors, which are the related packets of the family's ICMP, are not among them.
    fileprivate var judgedPackets: [Box] {
        let usual = with {
            $0.direction = Presence(.original)
            $0.state = [.new, .established]
        }
        let announced = [(FamilySet.ip, IPProtocol.icmp), (.ip6, .icmpv6)].map { family, error in
            usual.with {
                $0.state = .related
                $0.families.formIntersection(family)
                $0.protocols = meet($0.protocols, IntervalSet(error.rawValue).complement)
                if let proto = $0.protocols?.single { $0.originalProtocol = Presence(IntervalSet(proto)) }
            }
        }
        return ([usual] + announced).filter { !$0.isEmpty }
    }
}
