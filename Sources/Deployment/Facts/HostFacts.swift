package import FirewallIR

/// What Seawall sees of a host: its kernel, its tools, its Docker, and whatever else judges the same packets.
///
/// A value made by reading alone (`read`). What could not be read is stated as such, with the reason; nothing is guessed.
package struct HostFacts: Hashable, Sendable {
    /// The release of the kernel: `6.18.44`.
    package var kernel: Fact<String>
    /// nft, libnftables, and the base chains that nftables has.
    package var nftables: NFTablesFacts
    /// Both variants of iptables for both families, legacy and IPv4 first.
    package var iptables: [IPTablesFacts]
    /// Docker, its settings, networks and containers.
    package var docker: DockerFacts
    /// What the kernel is told about forwarding.
    package var forwarding: ForwardingFacts
    /// The sockets on which docker-proxy accepts connections, sorted; none, if it does not run.
    package var proxyListeners: [ProxyListener]
    /// What of these sockets is not known, and why: a listener that is left out for one.
    package var proxyNotes: [String]

    /// Facts.
    package init(
        kernel: Fact<String>, nftables: NFTablesFacts, iptables: [IPTablesFacts], docker: DockerFacts,
        forwarding: ForwardingFacts, proxyListeners: [ProxyListener] = [], proxyNotes: [String] = []
    ) {
        self.kernel = kernel
        self.nftables = nftables
        self.iptables = iptables
        self.docker = docker
        self.forwarding = forwarding
        self.proxyListeners = proxyListeners
        self.proxyNotes = proxyNotes
    }
}

/// Something that a host may tell.
package enum Fact<Value: Hashable & Sendable>: Hashable, Sendable {
    /// It is so.
    case known(Value)
    /// It could not be read: why.
    case unknown(String)

    /// The value, if it is known.
    package var value: Value? { if case .known(let value) = self { value } else { nil } }

    /// The same of something that is made of the value.
    package func map<Other>(_ transform: (Value) -> Other) -> Fact<Other> {
        switch self {
        case .known(let value): .known(transform(value))
        case .unknown(let reason): .unknown(reason)
        }
    }
}
