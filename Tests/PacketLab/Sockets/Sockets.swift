internal import Glibc
internal import PacketModel

/// Opens a socket of a family that does not block and that no program inherits.
func openSocket(_ family: AddressFamily, _ type: __socket_type, protocol number: Int32 = 0) throws -> Descriptor {
    let flags = Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    return Descriptor(try check(socket(family == .ip ? AF_INET : AF_INET6, flags, number), "socket"))
}

extension Descriptor {
    func setOption(_ level: Int32, _ name: Int32, to value: Int32) throws {
        var value = value
        _ = try check(setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size)), "setsockopt")
    }

    func bind(to address: SocketAddress) throws {
        _ = try check(address.withPointer { Glibc.bind(number, $0, $1) }, "bind")
    }

    /// Begins to connect; gives 0, or the errno value.
    func connect(to address: SocketAddress) -> Int32 {
        address.withPointer { Glibc.connect(number, $0, $1) } < 0 ? errno : 0
    }

    /// The error that has come in for the socket, once; 0 for none.
    var pendingError: Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &length) < 0 ? errno : value
    }

    /// The address that the socket is bound to.
    var localAddress: SocketAddress {
        var address = SocketAddress()
        _ = address.fill { getsockname(number, $0, $1) }
        return address
    }

    /// Sends bytes to where the socket is connected, or to an address; says whether the kernel took them.
    @discardableResult
    func send(_ bytes: [UInt8], to address: SocketAddress? = nil) -> Bool {
        guard let address else { return Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count }
        return address.withPointer { sendto(number, bytes, bytes.count, 0, $0, $1) } == bytes.count
    }

    /// Receives what has come in, and from where; `nil` if nothing has.
    func receive() -> (bytes: [UInt8], from: SocketAddress)? {
        var address = SocketAddress()
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = address.fill { recvfrom(number, &buffer, buffer.count, 0, $0, $1) }
        return count < 0 ? nil : (Array(buffer[..<count]), address)
    }
}
