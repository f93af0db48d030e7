package import PacketModel

/// A socket of the host on which docker-proxy accepts connections for a published port, and the container behind it.
///
/// Such connections pass the input hook and never the forward hook: those of IPv6 clients to containers without IPv6, of
/// containers to the host's own address, of the host itself, and those that are early at a start of the daemon.
package struct ProxyListener: Hashable, Sendable {
    /// Where docker-proxy hands a connection on to.
    package struct Container: Hashable, Sendable {
        /// The container's address; its family may be another than that of the client.
        package var address: IPAddress
        /// The container's port.
        package var port: UInt16
        /// The bridge through which the container is reached: `docker0`.
        package var interface: String

        /// A container's port.
        package init(address: IPAddress, port: UInt16, interface: String) {
            self.address = address
            self.port = port
            self.interface = interface
        }
    }

    /// The family of the clients.
    package var family: AddressFamily
    /// The address of the host; nothing for every one of the family (`0.0.0.0`, `::`).
    package var address: IPAddress?
    /// The protocol: TCP, UDP or SCTP.
    package var transport: IPProtocol
    /// The port on the host.
    package var port: UInt16
    /// The container behind it.
    package var container: Container

    /// A listener.
    package init(
        family: AddressFamily, address: IPAddress?, transport: IPProtocol, port: UInt16, container: Container
    ) {
        self.family = family
        self.address = address
        self.transport = transport
        self.port = port
        self.container = container
    }
}
