package import PacketModel

/// A port of a container that Docker publishes on the host (`-p 8080:80/tcp`).
package struct PublishedPort: Hashable, Sendable {
    /// The protocol: TCP, UDP or SCTP.
    package let transport: IPProtocol
    /// The port on the host.
    package let host: UInt16
    /// The container.
    package let container: Host
    /// The port of the container.
    package let port: UInt16

    /// A published port.
    package init(_ transport: IPProtocol, _ host: UInt16, to container: Host, _ port: UInt16) {
        self.transport = transport
        self.host = host
        self.container = container
        self.port = port
    }

    /// What the lab publishes unless it is told otherwise.
    package static let usual: [PublishedPort] = [
        PublishedPort(.tcp, 8080, to: .web, 80), PublishedPort(.tcp, 443, to: .web, 443),
        PublishedPort(.udp, 443, to: .web, 443), PublishedPort(.tcp, 22, to: .web, 22),
        PublishedPort(.tcp, 113, to: .web, 113), PublishedPort(.udp, 5353, to: .web, 53),
        PublishedPort(.tcp, 5432, to: .database, 5432), PublishedPort(.tcp, 9090, to: .web, 80),
        PublishedPort(.sctp, 3868, to: .web, 3868),
    ]
}
