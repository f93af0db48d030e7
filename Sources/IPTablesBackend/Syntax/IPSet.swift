package import PacketModel

/// A set of addresses in the kernel, for `-m set --match-set NAME src|dst`: `hash:net` of one family.
///
/// It has this type also where it holds hosts alone: so it keeps its type when a network joins them, and only sets of one
/// type can be swapped.
package struct IPSet: Hashable, Sendable {
    /// The name: 1 to 31 bytes.
    package var name: String
    /// The family.
    package var family: AddressFamily
    /// The addresses of the family that are in it.
    package var addresses: IPAddressSet

    /// A set.
    package init(name: String, family: AddressFamily, addresses: IPAddressSet) {
        self.name = name
        self.family = family
        self.addresses = addresses
    }

    /// What is added to it, ascending: networks that have nothing in common.
    ///
    /// `hash:net` knows no network of all addresses; that is two halves.
    package var entries: [IPPrefix] {
        addresses.ranges(of: family).flatMap(\.prefixes).flatMap { $0.length == 0 ? $0.halves : [$0] }
    }
}

extension IPPrefix {
    /// The two networks that are longer by one bit.
    fileprivate var halves: [IPPrefix] {
        let upper: IPAddress =
            switch address {
            case .v4(let low): .v4(low | 1 << UInt32(31 - length))
            case .v6(let low): .v6(low | 1 << UInt128(127 - length))
            }
        return [address, upper].compactMap { IPPrefix($0, length: length + 1) }
    }
}

/// Names of sets that both the rules and the host know.
package enum IPSetNames {
    /// What the names of our sets begin with.
    package static let prefix = "sw-"
    /// What is put behind the name of a set while it is being filled.
    package static let fillingSuffix = "-new"
    /// How many bytes a name has at most (`IPSET_MAXNAMELEN`).
    package static let limit = 31

    /// Whether a set is one of ours by its name: `sw-`, the identifier of a rule, the side and the family, as in
    /// `sw-4k2m8p0q-s4`, perhaps with numbers behind it.
    package static func isOwn(_ name: String) -> Bool { family(of: name) != nil }

    /// The family that the name of one of our sets says.
    package static func family(of name: String) -> AddressFamily? {
        guard name.hasPrefix(prefix) else { return nil }
        var parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        if parts.last == "new" { parts.removeLast() }
        guard let last = parts.last, parts.count >= 2, let first = parts.first, !first.isEmpty else { return nil }
        // Numbers tell sets of one rule apart, and behind two dots those that take each other's place.
        let words = last.split(separator: ".")
        guard words.dropFirst().allSatisfy({ UInt($0) != nil }) else { return nil }
        return switch words.first {
        case "s4", "d4": .ip
        case "s6", "d6": .ip6
        default: nil
        }
    }

    /// The name of a set that takes the place of another while rules still ask that one: `sw-4k2m8p0q-s4..2`.
    package static func other(_ name: String, _ number: Int) -> String { number < 2 ? name : "\(name)..\(number)" }
}
