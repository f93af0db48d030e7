internal import FirewallIR
internal import PacketModel

/// What comes into a set, each with the rules of the policy that it came from.
struct SetMembers<Value: Hashable> {
    /// The members in order of appearance, each once.
    private(set) var values: [Value] = []
    private(set) var sources: [[String]] = []
    private var places: [Value: Int] = [:]

    mutating func reserveCapacity(_ count: Int) {
        values.reserveCapacity(count)
        sources.reserveCapacity(count)
        places.reserveCapacity(count)
    }

    /// Adds a member, or a source to one that is there.
    mutating func add(_ value: Value, from source: [String]) {
        let next = values.count
        let place = Self.kept(&places[value, default: next])
        guard place == next else {
            for id in source where !sources[place].contains(id) { sources[place].append(id) }
            return
        }
        values.append(value)
        sources.append(source)
    }

    /// The place of a value that is there, or the next, which is kept: so a value is looked for once.
    private static func kept(_ place: inout Int) -> Int { place }
}

/// A set of addresses with the rules that its parts came from: what a field of several boxes allows together.
struct SourcedAddresses {
    /// The ranges of each part, and the rules.
    var parts: [(set: IPAddressSet, sources: [String])]

    /// All addresses.
    var union: IPAddressSet {
        parts.count == 1
            ? parts[0].set
            : IPAddressSet(parts.lazy.flatMap { $0.set.ranges(of: .ip) + $0.set.ranges(of: .ip6) })
    }

    /// The networks of a family, each with the rules that name it.
    func networks(_ family: AddressFamily) -> SetMembers<IPPrefix> {
        var members = SetMembers<IPPrefix>()
        for part in parts {
            for range in part.set.ranges(of: family) {
                for network in range.prefixes { members.add(network, from: part.sources) }
            }
        }
        return members
    }
}

extension IPPrefix {
    /// The first addresses of the networks of a length that the network is made of.
    func split(to length: Int) -> [IPAddress] {
        guard length > self.length else { return [address] }
        let count = 1 << (length - self.length)
        return (0..<count).map { index in
            switch address {
            case .v4(let value): .v4(value | UInt32(index) << UInt32(32 - length))
            case .v6(let value): .v6(value | UInt128(index) << UInt128(128 - length))
            }
        }
    }
}
