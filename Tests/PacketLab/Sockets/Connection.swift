package import PacketModel

/// A connection that somebody in the lab opens, over TCP or UDP.
package struct Connection: Hashable, Sendable {
    /// Who opens it.
    package let client: Host
    /// The protocol: TCP or UDP.
    package let transport: IPProtocol
    /// What is dialled.
    package let address: IPAddress
    /// The port that is dialled.
    package let port: UInt16

    /// A connection to any address.
    package init(from client: Host, _ transport: IPProtocol, to address: IPAddress, _ port: UInt16) {
        self.client = client
        self.transport = transport
        self.address = address
        self.port = port
    }

    /// A connection to an address of a machine; to a published port if the machine is the router.
    package init(from client: Host, _ transport: IPProtocol, to host: Host, _ port: UInt16, _ family: AddressFamily) {
        self.init(from: client, transport, to: host.address(family), port)
    }
}

/// What came of opening a connection.
package enum Answer: Hashable, Sendable {
    /// It stands; under UDP, the question was answered.
    case connected
    /// A reset or port unreachable came back.
    case refused
    /// Another ICMP error came back; the errno value that Linux makes of it.
    case unreachable(Int32)
    /// Nothing came back in time.
    case timeout
}
