/// A network: the addresses that share their first `length` bits.
public struct IPPrefix: Hashable, Sendable {
    /// The first address of the network; its host bits are zero.
    public let address: IPAddress
    /// The number of leading bits that count: up to 32 for IPv4, up to 128 for IPv6.
    public let length: Int

    /// A network from an address without host bits; `nil` if the length is out of range or host bits are set.
    public init?(_ address: IPAddress, length: Int) {
        guard length >= 0, length <= address.family.addressBits, address.masked(to: length) == address else {
            return nil
        }
        self.address = address
        self.length = length
    }

    /// The network of a length that holds an address.
    public init?(holding address: IPAddress, length: Int) {
        guard length >= 0, length <= address.family.addressBits else { return nil }
        self.address = address.masked(to: length)
        self.length = length
    }
}

extension IPPrefix: CustomStringConvertible {
    /// `192.0.2.0/24`.
    public var description: String { address.description + "/" + String(length) }
}

extension AddressFamily {
    /// The number of bits in an address: 32 or 128.
    public var addressBits: Int { self == .ip ? 32 : 128 }
}

extension IPAddress {
    /// The address with all but the first `length` bits cleared.
    public func masked(to length: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(length == 0 ? 0 : value & ~0 << UInt32(32 - length))
        case .v6(let value): .v6(length == 0 ? 0 : value & ~0 << UInt128(128 - length))
        }
    }
}
