internal import FirewallIR
internal import PacketModel

/// The sockets of docker-proxy that a rule names: boxes of one family each, with a protocol, ports, and perhaps addresses.
private struct SocketBoxes {
    /// `192.0.2.1 . tcp . 8080`, or `tcp . 8080`, by family and whether there is an address.
    private var elements: [Key: [NFTValue]] = [:]

    struct Key: Hashable {
        var family: AddressFamily
        var isBound: Bool
    }

    /// The sockets of a rule; `nil` if a box asks for anything else.
    init?(_ rule: FirewallRule) {
        for box in rule.condition {
            var rest = box.lifting([.protocols, .destination, .destinationPort])
            rest.families = .both
            guard rest == Box(), let proto = box.protocols?.single, let ports = box.destinationPort,
                !ports.allowsAbsent, let family = box.families.families.first, box.families == FamilySet(family)
            else { return nil }
            let services = ports.values.intervals.flatMap { $0.map { Int64($0) } }.map {
                [NFTValue.protocolNumber(proto), .number($0)]
            }
            guard let destination = box.destination else {
                elements[Key(family: family, isBound: false), default: []] += services.map { .concat($0) }
                continue
            }
            let ranges = destination.ranges(of: family)
            guard ranges.allSatisfy({ $0.first == $0.last }) else { return nil }
            for range in ranges {
                elements[Key(family: family, isBound: true), default: []] += services.map {
                    .concat([.address(range.first)] + $0)
                }
            }
        }
    }

    func elements(_ family: AddressFamily, isBound: Bool) -> [NFTValue] {
        elements[Key(family: family, isBound: isBound)] ?? []
    }
}

extension NFTEmitter {
    /// Writes the first chain of what docker-proxy accepts: look-ups in named sets.
    ///
    /// Their elements are all that changes with the containers of the host. So there is a set for each kind of socket, even
    /// where none is in it.
    mutating func emit(socketsOf scope: Scope, _ rules: [FirewallRule]) {
        for rule in rules {
            guard case .goto = rule.verdict, let sockets = SocketBoxes(rule), rule.isSimple else {
                emit(rule)
                continue
            }
            do {
                let end = try LowerEffects.effects(of: rule) + verdict(of: rule)
                let comment = NFTComment(rule).text
                for family in scope.families.families {
                    append(lookup(sockets, family, isBound: true) + end, comment)
                    append(lookup(sockets, family, isBound: false) + end, comment)
                }
            } catch {
                refuse(rule, error.reason)
            }
        }
    }

    private mutating func lookup(
        _ sockets: SocketBoxes, _ family: AddressFamily, isBound: Bool
    ) -> [NFTStatement] {
        let header = family == .ip ? "ip" : "ip6"
        let service: [NFTExpression] = [.meta(.l4proto), .payload("th", "dport")]
        let kinds: [NFTSet.Kind] = [.other("inet_proto"), .port]
        let elements = sockets.elements(family, isBound: isBound)
        let name = "proxied\(family == .ip ? 4 : 6)"
        guard isBound else {
            let set = sets.own(.concat(kinds), named: "\(name)-any", elements)
            let nfproto = NFTStatement.match(.meta(.nfproto), .equal, .keyword(family == .ip ? "ipv4" : "ipv6"))
            return [nfproto, .match(.concat(service), .equal, set)]
        }
        let set = sets.own(.concat([family == .ip ? .ipv4 : .ipv6] + kinds), named: "\(name)-bound", elements)
        return [.match(.concat([.payload(header, "daddr")] + service), .equal, set)]
    }
}

extension FirewallRule {
    /// Whether a packet in a box needs nothing else to meet the rule.
    fileprivate var isSimple: Bool { opaque.isEmpty && guards.isEmpty && stages.isEmpty }
}
