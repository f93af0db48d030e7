package import PacketModel

/// One of the two sets of tools, and of rules in the kernel, that bear the name iptables.
package enum IPTablesVariant: String, CaseIterable, Hashable, Sendable {
    /// `iptables-legacy`: the kernel's own xtables.
    case legacy
    /// `iptables-nft`: the tables `ip filter` and `ip6 filter` of nftables.
    case nft

    /// The other one.
    package var other: IPTablesVariant { self == .legacy ? .nft : .legacy }

    /// The tool that prints all tables and leaves no trace: `iptables-legacy-save`.
    package func saveTool(_ family: AddressFamily) -> String { name(family) + "-save" }

    /// The tool that loads a document: `iptables-legacy-restore`.
    package func restoreTool(_ family: AddressFamily) -> String { name(family) + "-restore" }

    /// The name before `-save` and `-restore`: `iptables-legacy`, `ip6tables-nft` and so on.
    package func name(_ family: AddressFamily) -> String { "\(family == .ip ? "iptables" : "ip6tables")-\(rawValue)" }
}

/// Which variant is to be written.
package enum IPTablesVariantChoice: String, CaseIterable, Hashable, Sendable {
    /// The one in which `DOCKER-USER` is reached from FORWARD.
    case auto
    /// `iptables-legacy`.
    case legacy
    /// `iptables-nft`.
    case nft

    /// The variant, if it was named.
    package var variant: IPTablesVariant? { IPTablesVariant(rawValue: rawValue) }
}
