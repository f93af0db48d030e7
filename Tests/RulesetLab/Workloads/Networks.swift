internal import PacketModel

extension SeededGenerator {
    /// A random network of a length, in either family: `10.0.0.0/8` and `2001:db8::/32` hold them all.
    mutating func network(_ family: AddressFamily, length: Int) -> IPAddressSet {
        let address = address(family)
        return IPPrefix(holding: address, length: length).map { IPAddressSet([IPAddressRange($0)]) } ?? .none
    }

    /// A random address that is private (IPv4) or for documentation (IPv6).
    mutating func address(_ family: AddressFamily) -> IPAddress {
        let bits = next()
        return switch family {
        case .ip: .v4(0x0a00_0000 | UInt32(truncatingIfNeeded: bits) & 0x00ff_ffff)
        case .ip6: .v6(UInt128(0x2001_0db8) << 96 | UInt128(bits) << 32 | UInt128(next() & 0xffff_ffff))
        }
    }

    /// A family of a set.
    mutating func family(of families: FamilySet) -> AddressFamily {
        let members = families.families
        return members.isEmpty ? .ip : pick(members)
    }

    /// A random network of a length within another.
    mutating func network(_ length: Int, in root: IPPrefix) -> IPPrefix? {
        let bits = UInt128(next()) << 64 | UInt128(next())
        let address: IPAddress =
            switch root.address {
            case .v4(let value): .v4(value | UInt32(truncatingIfNeeded: bits) & (UInt32.max >> UInt32(root.length)))
            case .v6(let value): .v6(value | bits & (UInt128.max >> UInt128(root.length)))
            }
        return IPPrefix(holding: address, length: length)
    }
}
