/// Where an engine keeps its rules.
package enum DockerBackend: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// `iptables-legacy`.
    case legacy
    /// `iptables-nft`.
    case nft
    /// Its own nft tables, `ip docker-bridges` and `ip6 docker-bridges`.
    case nftables

    /// The variant of iptables, if it is one.
    package var variant: IPTablesVariant? { IPTablesVariant(rawValue: rawValue) }

    /// `iptables-legacy`, `iptables-nft` or `nftables`.
    package var description: String {
        switch self {
        case .legacy, .nft: "iptables-\(rawValue)"
        case .nftables: "nftables"
        }
    }
}

/// Where Docker's rules stand, as far as the signs tell.
package struct DockerBackendFinding: Hashable, Sendable {
    /// What came of the signs.
    package enum Outcome: Hashable, Sendable {
        /// The signs agree, or the one that may contradict is known to be left behind.
        case decided(DockerBackend)
        /// The signs contradict each other.
        case ambiguous
        /// There is no sign.
        case unknown
    }

    /// What came of the signs.
    package var outcome: Outcome
    /// The signs, the strongest first.
    package var signs: [DockerBackendSign]

    /// A finding.
    package init(_ outcome: Outcome, signs: [DockerBackendSign]) {
        self.outcome = outcome
        self.signs = signs
    }

    /// The backend, if the signs tell.
    package var backend: DockerBackend? { if case .decided(let backend) = outcome { backend } else { nil } }
}

/// Something that tells where Docker's rules stand.
package struct DockerBackendSign: Hashable, Sendable {
    /// What kind of sign it is: an earlier one is stronger.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// What the daemon says of itself.
        case daemon
        /// The version: engines before 29 have no nft tables of their own.
        case version
        /// What the daemon was told.
        case configuration
        /// Rules that translate published ports: only the backend in use has them.
        case translations
        /// The iptables that the daemon finds in its `PATH`.
        case path
        /// A jump from FORWARD to `DOCKER-USER`, which stays behind when the backend is changed.
        case jump
        /// The tables `docker-bridges`, which stay behind when the daemon stops.
        case table
    }

    /// The kind.
    package var kind: Kind
    /// The backends that it leaves possible.
    package var backends: Set<DockerBackend>
    /// What was seen.
    package var text: String

    /// A sign.
    package init(_ kind: Kind, _ backends: Set<DockerBackend>, _ text: String) {
        self.kind = kind
        self.backends = backends
        self.text = text
    }
}
