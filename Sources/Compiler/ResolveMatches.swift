internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// Narrows a box by one low-level condition.
    ///
    /// `!` means what it means in netfilter: the field is there, and is not so.
    mutating func narrow(_ box: inout Box, by match: MatchNode, at location: NodeLocation) {
        guard match.isWellFormed else {
            report("bad-match", at: location, "the condition on \(match.field.rawValue) has values of the wrong kind")
            return
        }
        switch match.values {
        case .addresses(let expression): narrow(&box, match, addresses(expression, at: location))
        case .ports(let expression): narrow(&box, match, ports(expression, at: location))
        case .interfaces(let expression): narrow(&box, match, interfaces(expression, at: location), at: location)
        case .masked(let mask, let value): narrow(&box, match, mask: mask, value: value, at: location)
        case .names(let names): narrow(&box, match, names: names, at: location)
        case .numbers(let expression): narrow(&box, match, numbers: expression, at: location)
        // Lists of conditions make several boxes, and the others ask for something else than fields.
        case .alternatives, .module, .rate, .bytes: break
        }
    }

    private func narrow(_ box: inout Box, _ match: MatchNode, _ set: IPAddressSet?) {
        guard let positive = set else { return }
        let set = match.isNegated ? positive.complement : positive
        switch match.field {
        case .source: box.source = meet(box.source, set)
        case .destination: box.destination = meet(box.destination, set)
        case .originalSource: box.originalSource.narrow(to: match.presence(set))
        default: box.originalDestination.narrow(to: match.presence(set))
        }
    }

    private func narrow(_ box: inout Box, _ match: MatchNode, _ set: IntervalSet<UInt16>?) {
        guard let positive = set else { return }
        let set = match.presence(match.isNegated ? positive.complement : positive)
        switch match.field {
        case .sourcePort: box.sourcePort.narrow(to: set)
        case .destinationPort: box.destinationPort.narrow(to: set)
        case .originalSourcePort: box.originalSourcePort.narrow(to: set)
        default: box.originalDestinationPort.narrow(to: set)
        }
    }

    private mutating func narrow(_ box: inout Box, _ match: MatchNode, _ set: InterfaceSet?, at location: NodeLocation)
    {
        guard let positive = set else { return }
        let set = match.isNegated ? positive.complement : positive
        let path: WritableKeyPath<Box, InterfaceSet?> = match.field == .inInterface ? \.inInterface : \.outInterface
        guard let before = box[keyPath: path] else {
            box[keyPath: path] = set
            return
        }
        guard let both = before.intersection(set) else {
            report(
                "interface-overlap", at: location,
                "two conditions on one interface cannot be joined: a wildcard and an exception from it; write two rules"
            )
            return
        }
        box[keyPath: path] = both
    }

    private mutating func narrow(
        _ box: inout Box, _ match: MatchNode, mask: UInt32, value: UInt32, at location: NodeLocation
    ) {
        guard value & ~mask == 0 else {
            report(
                "bits-outside-mask", at: location,
                "the \(match.field.rawValue) condition asks for bits outside of its mask, so it could never match")
            return
        }
        let test = MaskedTest(mask: mask, value: value, isNegated: match.isNegated)
        switch match.field {
        case .mark: box.mark.append(test)
        case .status: box.status.narrow(to: test, allowsAbsent: match.allowsAbsent)
        case .connectionMark: box.connectionMark.narrow(to: test, allowsAbsent: match.allowsAbsent)
        default:
            let test = MaskedTest(
                mask: UInt8(truncatingIfNeeded: mask), value: UInt8(truncatingIfNeeded: value),
                isNegated: match.isNegated)
            if !match.allowsAbsent { box.protocols = meet(box.protocols, IntervalSet(IPProtocol.tcp.rawValue)) }
            box.tcpFlags.narrow(to: test, allowsAbsent: match.allowsAbsent)
        }
    }

    private mutating func narrow(_ box: inout Box, _ match: MatchNode, names: [String], at location: NodeLocation) {
        if match.field == .never {
            box.families = []
            mayMatchNothing = true
            return
        }
        guard !names.isEmpty else {
            report(
                "empty-set", at: location, "the \(match.field.rawValue) condition has no values: it could never match")
            return
        }
        switch match.field {
        case .family: narrowFamily(&box, match, names, at: location)
        case .proto, .originalProtocol: narrowProtocol(&box, match, names, at: location)
        case .icmpType, .icmpv6Type: narrowICMP(&box, match, names, at: location)
        case .fragment, .laterFragment: narrowFragment(&box, match, names, at: location)
        case .sourceMAC: narrowMAC(&box, match, names, at: location)
        case .direction: narrowDirection(&box, match, names, at: location)
        case .state: narrowState(&box, match, names, at: location)
        case .status: narrowStatus(&box, match, names, at: location)
        case .packetType: narrowPacketType(&box, match, names, at: location)
        case .sourceType, .destinationType: narrowAddressType(&box, match, names, at: location)
        default: break
        }
    }

    private mutating func union<S: OptionSet>(
        _ names: [String], _ match: MatchNode, at location: NodeLocation, _ value: (String) -> S?
    ) -> S? {
        var set = S()
        for name in names {
            guard let one = value(name) else {
                report("unknown-value", at: location, "unknown \(match.field.rawValue) '\(name)'", literal: name)
                return nil
            }
            set.formUnion(one as S)
        }
        return set
    }

    private mutating func narrowFamily(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        guard
            let set: FamilySet = union(names, match, at: location, { AddressFamily(rawValue: $0).map(FamilySet.init) })
        else { return }
        box.families.formIntersection(match.isNegated ? FamilySet.both.subtracting(set) : set)
    }

    private mutating func narrowProtocol(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        var set = IntervalSet<UInt8>.none
        for name in names {
            guard let proto = IPProtocol(name: name) else {
                reportUnknown("protocol", name, among: IPProtocol.knownNames, at: location)
                return
            }
            set = set.union(IntervalSet(proto.rawValue))
        }
        let values = match.isNegated ? set.complement : set
        if match.field == .proto {
            box.protocols = meet(box.protocols, values)
        } else {
            box.originalProtocol.narrow(to: match.presence(values))
        }
    }

    private mutating func narrowICMP(_ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation)
    {
        var set = IntervalSet<UInt16>.none
        for name in names {
            let words = name.split(separator: "/", omittingEmptySubsequences: false)
            let numbers = words.compactMap { Int($0) }
            guard (1...2).contains(words.count), numbers.count == words.count, !name.contains("+") else {
                report(
                    "unknown-value", at: location,
                    "unknown \(match.field.rawValue) '\(name)': expected TYPE or TYPE/CODE",
                    literal: name)
                return
            }
            let message = ICMPNode(type: numbers[0], code: numbers.count == 2 ? numbers[1] : nil)
            guard let one = icmpSet(message, at: location) else { return }
            set = set.union(one)
        }
        let isV4 = match.field == .icmpType
        box.families.formIntersection(isV4 ? .ip : .ip6)
        box.protocols = meet(box.protocols, IntervalSet((isV4 ? IPProtocol.icmp : .icmpv6).rawValue))
        box.icmp = meet(box.icmp, Presence(match.isNegated ? set.complement : set))
    }

    private mutating func narrowFragment(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        if let unknown = names.first(where: { $0 != "later" }) {
            report(
                "unknown-value", at: location, "unknown \(match.field.rawValue) '\(unknown)': expected later",
                literal: unknown)
        }
        // A packet is either: a box with both has no family left.
        let isContradiction = box.isLaterFragment == match.isNegated
        box.families.formIntersection(isContradiction ? [] : match.field == .fragment ? .ip : .both)
        box.isLaterFragment = !match.isNegated
    }

    private mutating func narrowDirection(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        let value = { (name: String) -> ConntrackDirectionSet? in
            name == "original" ? .original : name == "reply" ? .reply : nil
        }
        guard let set: ConntrackDirectionSet = union(names, match, at: location, value) else { return }
        let values = match.isNegated ? ConntrackDirectionSet.both.subtracting(set) : set
        box.direction.narrow(to: match.presence(values))
    }

    private mutating func narrowState(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        guard let set: ConntrackStateSet = union(names, match, at: location, { ConntrackStateSet(name: $0) }) else {
            return
        }
        box.state = (box.state ?? .all).intersection(match.isNegated ? ConntrackStateSet.all.subtracting(set) : set)
    }

    private mutating func narrowStatus(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        guard let set: ConntrackStatus = union(names, match, at: location, { ConntrackStatus(name: $0) }) else {
            return
        }
        // Any of the bits: the bits under the mask are not all clear; negated: they are.
        let test = MaskedTest(mask: set.rawValue, value: 0, isNegated: !match.isNegated)
        box.status.narrow(to: test, allowsAbsent: match.allowsAbsent)
    }

    private mutating func narrowPacketType(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        guard let set: PacketTypeSet = union(names, match, at: location, { PacketTypeSet(name: $0) }) else { return }
        box.packetType = (box.packetType ?? .all).intersection(
            match.isNegated ? PacketTypeSet.all.subtracting(set) : set)
    }

    private mutating func narrowAddressType(
        _ box: inout Box, _ match: MatchNode, _ names: [String], at location: NodeLocation
    ) {
        guard let set: AddressTypeSet = union(names, match, at: location, { AddressTypeSet(name: $0) }) else { return }
        var interface: AddressTypeTest.Interface?
        if let name = match.interface {
            guard let known = AddressTypeTest.Interface(rawValue: name) else {
                report(
                    "unknown-value", at: location, "unknown interface '\(name)' of an address type: expected in or out")
                return
            }
            interface = known
        }
        box.addressTypes.append(
            AddressTypeTest(
                match.field == .sourceType ? .source : .destination, set, isNegated: match.isNegated,
                interface: interface))
    }
}

extension MatchNode {
    /// Values of a field that may be absent.
    func presence<Values>(_ values: Values) -> Presence<Values> { Presence(values, allowsAbsent: allowsAbsent) }

    /// Whether the values are of the kind that the field has; a document that was written by hand may say otherwise.
    var isWellFormed: Bool {
        let isRouted = field == .sourceType || field == .destinationType
        guard interface == nil || isRouted, !allowsAbsent || field.mayBeAbsent else { return false }
        guard !isNegated || !(field.isGuard || [.anyOf, .never, .before, .then].contains(field)) else {
            return false
        }
        switch (field, values) {
        case (.source, .addresses), (.destination, .addresses), (.originalSource, .addresses),
            (.originalDestination, .addresses):
            return true
        case (.sourcePort, .ports), (.destinationPort, .ports), (.originalSourcePort, .ports),
            (.originalDestinationPort, .ports):
            return true
        case (.inInterface, .interfaces), (.outInterface, .interfaces), (.mark, .masked), (.status, .masked),
            (.connectionMark, .masked):
            return true
        case (.tcpFlags, .masked(let mask, _)): return mask <= 0xff
        case (.icmpMessage, .numbers), (.length, .numbers), (.hopLimit, .numbers), (.dscp, .numbers): return true
        case (.anyOf, .alternatives), (.module, .module), (.statefulModule, .module), (.limit, .rate),
            (.quota, .bytes):
            return true
        case (.before, .names(let names)): return names.count == 1
        case (.never, .names(let names)), (.then, .names(let names)): return names.isEmpty
        case (.source, _), (.destination, _), (.originalSource, _), (.originalDestination, _), (.sourcePort, _),
            (.destinationPort, _), (.originalSourcePort, _), (.originalDestinationPort, _), (.inInterface, _),
            (.outInterface, _), (.mark, _), (.tcpFlags, _), (.connectionMark, _), (.icmpMessage, _), (.length, _),
            (.hopLimit, _), (.dscp, _), (.anyOf, _), (.module, _), (.statefulModule, _), (.limit, _), (.quota, _),
            (.then, _):
            return false
        case (.fragment, .names(let names)), (.laterFragment, .names(let names)): return names == ["later"]
        case (_, .names): return true
        default: return false
        }
    }
}
