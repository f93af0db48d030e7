internal import FirewallIR
internal import PacketModel

/// Values of several fields that belong together: `ip saddr . ct original proto-dst`, one set for each combination of the
/// lengths of networks, or one set of concatenated intervals.
struct ConcatenatedKeys {
    /// The fields, addresses first.
    let fields: [BoxFields]
    /// What a packet pays for looking all of them up.
    let cost: Double
    /// How the sets are kept.
    let kind: NFTSetKind
    /// What the other kind of set would cost, where it could be had.
    private let otherCost: Double?
    private let family: AddressFamily?
    private let members: [UnionPlan.Member]
    /// The lengths of networks that are kept, for each field of addresses.
    private let lengths: [[Int]]

    /// The values of some boxes; `nil` where they would be too many, or are no sets that the kernel has.
    init?(_ members: [UnionPlan.Member], _ fields: BoxFields, family: AddressFamily?) {
        self.members = members
        self.fields = fields.members
        self.family = family
        lengths = self.fields.map { field in
            guard let family, !field.isDisjoint(with: .addresses) else { return [] }
            var counts: [Int: Int] = [:]
            for member in members {
                for range in field.addresses(member.box).ranges(of: family) {
                    for network in range.prefixes { counts[network.length, default: 0] += 1 }
                }
            }
            return NetworkLengths.kept(counts)
        }
        let combinations = lengths.reduce(1) { $0 * max(1, $1.count) }
        let hash = NFTCost.hash * Double(combinations)
        let intervals = Self.intervalCost(members, self.fields, family)
        let values = Self.valueCount(members, self.fields, family)
        if values <= 4 * members.count + 256, hash <= intervals ?? .infinity {
            (kind, cost, otherCost) = (.hash, hash, intervals)
        } else if let intervals {
            (kind, cost, otherCost) = (.concatenatedIntervals, intervals, hash)
        } else {
            return nil
        }
    }

    /// A look-up for each set.
    struct Lookup {
        var key: NFTExpression
        var kind: NFTSet.Kind
        /// What the name of the set ends with: the lengths of its networks.
        var suffix: String
        var values: [NFTValue]
        var sources: [[String]]
    }

    /// What is looked up, set by set; sets without elements are left out.
    func lookups() -> [Lookup] { kind == .hash ? hashLookups() : [intervalLookup()] }

    /// Why the sets are kept so.
    func plan(_ lookups: Int) -> NFTSetPlan {
        let way = kind == .hash ? "a set of concatenated intervals" : "a set of single values for each length"
        return NFTSetPlan(kind, lookups: lookups, cost: cost, instead: otherCost.map { (way, $0) })
    }

    /// The fields in the name of a set: `saddr4-odport`.
    var word: String {
        fields.map { $0.word + ($0.isDisjoint(with: .addresses) ? "" : family == .ip ? "4" : "6") }
            .joined(separator: "-")
    }

    // MARK: - Single values

    private func hashLookups() -> [Lookup] {
        var found: [[Int]: SetMembers<[NFTValue]>] = [:]
        for member in members {
            var rows = [Row()]
            for (index, field) in fields.enumerated() {
                let parts = parts(of: field, lengths[index], member.box)
                // Most boxes name one value of each field.
                if parts.count == 1, rows.count == 1 {
                    rows[0].append(parts[0])
                } else {
                    rows = rows.flatMap { row in parts.map { row.appending($0) } }
                }
            }
            let source = [member.source.id]
            for row in rows { found[row.lengths, default: SetMembers()].add(row.values, from: source) }
        }
        return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { lengths, members in
            lookup(lengths, members)
        }
    }

    /// A value of a field, with the length of its network if it is one.
    private typealias Part = (length: Int?, value: NFTValue)

    /// A value of each field, and the lengths of those that are networks.
    private struct Row {
        var lengths: [Int] = []
        var values: [NFTValue] = []

        mutating func append(_ part: Part) {
            if let length = part.length { lengths.append(length) }
            values.append(part.value)
        }

        func appending(_ part: Part) -> Row {
            var row = self
            row.append(part)
            return row
        }
    }

    /// The values of a field.
    private func parts(of field: BoxFields, _ kept: [Int], _ box: Box) -> [Part] {
        var parts: [Part] = []
        guard let family, !field.isDisjoint(with: .addresses) else {
            for interval in field.ports(box).intervals {
                for port in interval { parts.append((nil, .number(Int64(port)))) }
            }
            return parts
        }
        for range in field.addresses(box).ranges(of: family) {
            for network in range.prefixes {
                let length = kept.first { $0 >= network.length } ?? network.length
                for address in network.split(to: length) { parts.append((length, .address(address))) }
            }
        }
        return parts
    }

    private func lookup(_ lengths: [Int], _ members: SetMembers<[NFTValue]>) -> Lookup {
        var next = lengths[...]
        let parts = fields.map { field -> NFTExpression in
            let expression = field.expression(family)
            guard let family, !field.isDisjoint(with: .addresses), let length = next.popFirst() else {
                return expression
            }
            return length == family.addressBits ? expression : .network(expression, length: length)
        }
        let kinds = fields.map { $0.expression(family).kind }
        let isOne = fields.count == 1
        return Lookup(
            key: isOne ? parts[0] : .concat(parts), kind: isOne ? kinds[0] : .concat(kinds),
            suffix: lengths.map(String.init).joined(separator: "-"),
            values: members.values.map { isOne ? $0[0] : .concat($0) }, sources: members.sources)
    }

    // MARK: - Intervals

    /// Intervals are made disjoint by us: of an address and a port, with the ports cut where any of them ends.
    private static func intervalCost(
        _ members: [UnionPlan.Member], _ fields: [BoxFields], _ family: AddressFamily?
    ) -> Double? {
        guard fields.count == 2, !fields[0].isDisjoint(with: .addresses), !fields[1].isDisjoint(with: .ports),
            family != nil
        else { return nil }
        let elements = members.reduce(0) {
            $0 + fields[0].addresses($1.box).rangeCount * fields[1].ports($1.box).intervals.count
        }
        return elements > 65536 ? nil : NFTCost.concatenatedIntervals(elements)
    }

    private func intervalLookup() -> Lookup {
        let (address, port) = (fields[0], fields[1])
        let family = family ?? .ip
        var byPorts: [ClosedRange<UInt16>: [(set: IPAddressSet, sources: [String])]] = [:]
        let cuts = PortCuts(members.lazy.flatMap { port.ports($0.box).intervals })
        for member in members {
            for piece in port.ports(member.box).intervals.flatMap(cuts.pieces) {
                byPorts[piece, default: []].append((address.addresses(member.box), [member.source.id]))
            }
        }
        var values: [NFTValue] = []
        var sources: [[String]] = []
        for (ports, parts) in byPorts.sorted(by: { $0.key.lowerBound < $1.key.lowerBound }) {
            let addresses = SourcedAddresses(parts: parts)
            for range in addresses.union.ranges(of: family) {
                values.append(.concat([range.value, ports.value]))
                sources.append(addresses.sources(of: range))
            }
        }
        return Lookup(
            key: .concat([address.expression(family), port.expression(family)]),
            kind: .concat([address.expression(family).kind, .port]), suffix: "ranges", values: values, sources: sources)
    }

    private static func valueCount(
        _ members: [UnionPlan.Member], _ fields: [BoxFields], _ family: AddressFamily?
    ) -> Int {
        members.reduce(0) { total, member in
            let product = fields.reduce(1) { product, field in
                let count =
                    field.isDisjoint(with: .addresses)
                    ? field.ports(member.box).count : field.addresses(member.box).rangeCount
                return min(1 << 24, product * max(1, count))
            }
            return min(1 << 40, total + product)
        }
    }
}

/// Where ranges of ports are cut so that no two pieces overlap without being the same.
private struct PortCuts {
    private let starts: [Int]

    init(_ ranges: some Sequence<ClosedRange<UInt16>>) {
        starts = Set(ranges.flatMap { [Int($0.lowerBound), Int($0.upperBound) + 1] }).sorted()
    }

    func pieces(_ range: ClosedRange<UInt16>) -> [ClosedRange<UInt16>] {
        let inside = starts.filter { $0 > Int(range.lowerBound) && $0 <= Int(range.upperBound) }
        let ends = [Int(range.lowerBound)] + inside + [Int(range.upperBound) + 1]
        return zip(ends, ends.dropFirst()).map { UInt16($0)...UInt16($1 - 1) }
    }
}

extension SourcedAddresses {
    /// The rules that name a part of a range.
    fileprivate func sources(of range: IPAddressRange) -> [String] {
        let asked = IPAddressSet([range])
        return parts.reduce(into: []) { found, part in
            guard !part.set.intersection(asked).isEmpty else { return }
            for id in part.sources where !found.contains(id) { found.append(id) }
        }
    }
}

extension IPAddressSet {
    /// How many ranges of either family there are.
    fileprivate var rangeCount: Int { v4.intervals.count + v6.intervals.count }
}

extension BoxFields {
    /// One key field as nft names it, in a family for addresses.
    func expression(_ family: AddressFamily?) -> NFTExpression {
        let header = family == .ip6 ? "ip6" : "ip"
        return switch self {
        case .source: .payload(header, "saddr")
        case .destination: .payload(header, "daddr")
        case .originalSource: .ct(family == .ip6 ? .ip6Source : .ipSource, original: true)
        case .originalDestination: .ct(family == .ip6 ? .ip6Destination : .ipDestination, original: true)
        case .sourcePort: .payload("th", "sport")
        case .destinationPort: .payload("th", "dport")
        case .originalSourcePort: .ct(.protoSource, original: true)
        default: .ct(.protoDestination, original: true)
        }
    }

    /// One key field in the name of a set.
    fileprivate var word: String {
        switch self {
        case .source: "saddr"
        case .destination: "daddr"
        case .originalSource: "osaddr"
        case .originalDestination: "odaddr"
        case .sourcePort: "sport"
        case .destinationPort: "dport"
        case .originalSourcePort: "osport"
        default: "odport"
        }
    }
}
