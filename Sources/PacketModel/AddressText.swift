/// What is wrong with the text of an address, a network or a range of addresses.
public enum AddressTextError: Error, Hashable, Sendable {
    /// Neither an address, nor a network, nor a range.
    case notAnAddress
    /// A prefix length that is no number or too long for its family.
    case badPrefixLength(maximum: Int)
    /// A network written with host bits; `network` is the one that holds the address.
    case hostBits(network: IPPrefix)
    /// A range whose ends are of different families.
    case mixedRange
    /// A range whose first address is behind its last.
    case invertedRange

    /// What was expected, and what to write instead.
    public func explanation(for text: String) -> String {
        switch self {
        case .notAnAddress:
            "'\(text)' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
        case .badPrefixLength(let maximum):
            "'\(text)' has no valid prefix length: expected a number from 0 to \(maximum)"
        case .hostBits(let network):
            "'\(text)' has bits set behind its prefix: write \(network) for the network, or the address without a prefix for the one host"
        case .mixedRange:
            "'\(text)' goes from one address family to the other: write one range for IPv4 and one for IPv6"
        case .invertedRange:
            "'\(text)' ends before it begins: write the lower address first"
        }
    }
}

extension IPAddressRange {
    /// Reads `192.0.2.7`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9` or their IPv6 equals.
    public init(text: some StringProtocol) throws(AddressTextError) {
        self = try text.withBytes { Self.read($0) }.get()
    }

    /// Reads the bytes of such a text.
    package static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<IPAddressRange, AddressTextError> {
        do throws(AddressTextError) {
            if let slash = bytes.firstIndex(of: UInt8(ascii: "/")) {
                return .success(
                    try network(
                        UnsafeBufferPointer(rebasing: bytes[..<slash]),
                        UnsafeBufferPointer(rebasing: bytes[(slash + 1)...])))
            }
            if let dash = bytes.firstIndex(of: UInt8(ascii: "-")) {
                return .success(
                    try range(
                        UnsafeBufferPointer(rebasing: bytes[..<dash]),
                        UnsafeBufferPointer(rebasing: bytes[(dash + 1)...])))
            }
            guard let address = IPAddress(bytes: bytes) else { throw .notAnAddress }
            return .success(Self(address))
        } catch {
            return .failure(error)
        }
    }

    private static func network(
        _ address: UnsafeBufferPointer<UInt8>, _ length: UnsafeBufferPointer<UInt8>
    ) throws(AddressTextError) -> Self {
        guard let address = IPAddress(bytes: address) else { throw .notAnAddress }
        let bits = address.family.addressBits
        guard let length = number(length), let holding = IPPrefix(holding: address, length: length) else {
            throw .badPrefixLength(maximum: bits)
        }
        guard holding.address == address else { throw .hostBits(network: holding) }
        return Self(holding)
    }

    /// One to three decimal digits.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard (1...3).contains(bytes.count), bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private static func range(
        _ first: UnsafeBufferPointer<UInt8>, _ last: UnsafeBufferPointer<UInt8>
    ) throws(AddressTextError) -> Self {
        guard let first = IPAddress(bytes: first), let last = IPAddress(bytes: last) else { throw .notAnAddress }
        switch (first, last) {
        case (.v4(let low), .v4(let high)):
            guard low <= high else { throw .invertedRange }
            return .v4(low...high)
        case (.v6(let low), .v6(let high)):
            guard low <= high else { throw .invertedRange }
            return .v6(low...high)
        default:
            throw .mixedRange
        }
    }
}
