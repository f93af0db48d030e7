internal import Glibc
internal import PacketModel

/// A `sockaddr` in bytes.
struct SocketAddress: Hashable, Sendable {
    private(set) var bytes: [UInt8]

    /// An address and port of either family.
    init(_ address: IPAddress, port: UInt16) {
        switch address {
        case .v4(let value):
            bytes =
                hostBytes(UInt16(AF_INET)) + networkBytes(port) + networkBytes(value) + [UInt8](repeating: 0, count: 8)
        case .v6(let value):
            bytes =
                hostBytes(UInt16(AF_INET6)) + networkBytes(port) + [0, 0, 0, 0] + networkBytes(value) + [0, 0, 0, 0]
        }
    }

    /// A packet socket's address: an interface, an EtherType and a hardware address.
    init(interface: Int32, etherType: UInt16, hardwareAddress: [UInt8] = []) {
        let address = hardwareAddress + [UInt8](repeating: 0, count: 8 - hardwareAddress.count)
        bytes = hostBytes(UInt16(AF_PACKET)) + networkBytes(etherType) + hostBytes(interface)
        bytes += [0, 0, 0, UInt8(hardwareAddress.count)] + address
    }

    /// A place for an address that the kernel fills in.
    init() { bytes = [UInt8](repeating: 0, count: 128) }

    /// Calls with the address as C knows it.
    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        bytes.withUnsafeBytes {
            body($0.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, socklen_t($0.count))
        }
    }

    /// Calls with a place for an address; cut to what was written.
    mutating func fill<Value>(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Value)
        -> Value
    {
        var length = socklen_t(bytes.count)
        let value = bytes.withUnsafeMutableBytes {
            body($0.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, &length)
        }
        bytes = Array(bytes.prefix(Int(length)))
        return value
    }

    /// The port of an Internet address.
    var port: UInt16 { UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }
}

/// The bytes of a number in network order.
func networkBytes(_ value: some FixedWidthInteger) -> [UInt8] { hostBytes(value.bigEndian) }
