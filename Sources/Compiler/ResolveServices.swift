internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

/// One protocol of a rule, with all that its services say of it.
struct ServiceCondition {
    var proto: IPProtocol
    var families: FamilySet
    /// The ports dialled; `nil` for all.
    var ports: IntervalSet<UInt16>?
    /// The ICMP messages as `type << 8 | code`; `nil` for all.
    var icmp: IntervalSet<UInt16>?

    /// A box restricted to the service.
    func narrowing(_ box: Box) -> Box {
        box.with {
            $0.protocols = meet($0.protocols, IntervalSet(proto.rawValue))
            $0.families.formIntersection(families)
            if let ports { $0.originalDestinationPort = meet($0.originalDestinationPort, Presence(ports)) }
            if let icmp { $0.icmp = meet($0.icmp, Presence(icmp)) }
        }
    }
}

extension PolicyResolver {
    /// The services of a rule, one for each protocol and family, in the order of their first use; they are disjoint.
    mutating func services(_ nodes: [ServiceNode], at location: NodeLocation) -> [ServiceCondition] {
        var result: [ServiceCondition] = []
        for node in nodes {
            guard let condition = service(node, at: location) else { continue }
            if let index = result.firstIndex(where: { $0.proto == condition.proto && $0.families == condition.families }
            ) {
                result[index].ports = join(result[index].ports, condition.ports)
                result[index].icmp = join(result[index].icmp, condition.icmp)
            } else {
                result.append(condition)
            }
        }
        return result
    }

    /// One service.
    mutating func service(_ node: ServiceNode, at location: NodeLocation) -> ServiceCondition? {
        guard let proto = IPProtocol(name: node.protocolName) else {
            reportUnknown("protocol", node.protocolName, among: IPProtocol.knownNames, at: location)
            return nil
        }
        let ports = ports(node.ports, at: location)
        let icmp = node.icmp.map { icmpSet($0, at: location) } ?? nil
        if node.icmp != nil && proto != .icmp && proto != .icmpv6 || !node.ports.isAny && !proto.hasPorts {
            report(
                "bad-service", at: location,
                "protocol '\(node.protocolName)' has no \(node.icmp == nil ? "ports" : "ICMP types")",
                literal: node.protocolName)
            return nil
        }
        let isNumber = node.icmp == nil && node.protocolName.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
        let families: FamilySet = isNumber ? .both : proto == .icmp ? .ip : proto == .icmpv6 ? .ip6 : .both
        return ServiceCondition(proto: proto, families: families, ports: ports, icmp: icmp)
    }

    /// A type and code, checked.
    mutating func icmpSet(_ node: ICMPNode, at location: NodeLocation) -> IntervalSet<UInt16>? {
        for (name, number) in [("type", node.type), ("code", node.code ?? 0)] where !(0...255).contains(number) {
            report(
                "bad-icmp", at: location, "ICMP \(name) \(number) is out of range: expected 0 to 255",
                literal: String(number))
            return nil
        }
        let base = UInt16(node.type) << 8
        if let code = node.code { return IntervalSet(base | UInt16(code)) }
        return IntervalSet([base...(base | 255)])
    }

    mutating func reportUnknown(_ what: String, _ name: String, among known: [String], at location: NodeLocation) {
        let ends = name.split { "-:.".contains($0) }
        if what == "service", ends.count == 2, ends.allSatisfy({ UInt16($0) != nil }) {
            report(
                "unknown-service", at: location,
                "unknown service '\(name)': a range of ports is written \(ends[0])...\(ends[1]), without quotes",
                literal: name)
            return
        }
        // The first letter is rarely wrong.
        let nearest = known.min { a, b in
            let distances = (a.distance(to: name), b.distance(to: name))
            return distances.0 == distances.1
                ? a.first == name.first && b.first != name.first : distances.0 < distances.1
        }
        let hint = nearest.flatMap { $0.distance(to: name) <= 2 ? "; did you mean '\($0)'?" : nil } ?? ""
        report(
            "unknown-\(what)", at: location, "unknown \(what) '\(name)': expected a well-known name or a number\(hint)",
            literal: name)
    }

    private func join(_ a: IntervalSet<UInt16>?, _ b: IntervalSet<UInt16>?) -> IntervalSet<UInt16>? {
        guard let a, let b else { return nil }
        return a.union(b)
    }
}

extension String {
    /// How many characters have to be changed, added or taken away to make the other (Levenshtein).
    fileprivate func distance(to other: String) -> Int {
        let a = Array(lowercased())
        let b = Array(other.lowercased())
        var row = Array(0...b.count)
        for (i, character) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in b.enumerated() {
                let cost = character == candidate ? diagonal : diagonal + 1
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(cost, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
