internal import Diagnostics
internal import IPTablesBackend
package import PacketModel

/// One variant of iptables for one family.
package struct IPTablesFacts: Hashable, Sendable {
    /// The variant.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// The version of the tools, `1.8.9`; that there are none is stated as such.
    package var version: Fact<String>
    /// What is loaded.
    package var rules: Fact<IPTablesRuleFacts>

    /// Facts.
    package init(
        variant: IPTablesVariant, family: AddressFamily, version: Fact<String>, rules: Fact<IPTablesRuleFacts>
    ) {
        self.variant = variant
        self.family = family
        self.version = version
        self.rules = rules
    }

    /// `iptables-legacy`, `ip6tables-nft` and so on.
    package var name: String { variant.name(family) }
}

/// What of a variant of iptables judges forwarded and incoming packets.
package struct IPTablesRuleFacts: Hashable, Sendable {
    /// A built-in chain.
    package struct BuiltIn: Hashable, Sendable {
        /// The table: `filter`, `mangle`, `security`.
        package var table: String
        /// `FORWARD` or `INPUT`.
        package var chain: String
        /// `ACCEPT` or `DROP`.
        package var policy: String
        /// How many rules it has.
        package var rules: Int
        /// How many of these are neither Docker's nor Seawall's.
        package var otherRules: Int
    }

    /// The names of the tables that the kernel has.
    package var tables: [String] = []
    /// The chains FORWARD and INPUT of these tables.
    package var builtIns: [BuiltIn] = []
    /// Whether packets come from FORWARD to `DOCKER-USER`.
    package var dockerUser: ChainReach = .missing
    /// The rules in `DOCKER-USER` that are somebody else's, as `iptables -S` shows them.
    package var foreignRules: [String] = []
    /// How many rules of Docker's translate published ports.
    package var dockerTranslations: Int = 0
    /// Whether Docker's chains stand in the filter table, whatever leads to them.
    package var hasDockerChains: Bool = false
    /// The mark on which Docker's own rule accepts packets (`--bridge-accept-fwmark`).
    package var dockerAcceptMark: String?
    /// Docker's translations: where a published port leads.
    package var translations: [DockerTranslation] = []

    /// Nothing.
    package init() {}

    /// The policy of the filter table's FORWARD; nothing, if the kernel has no such table.
    package var forwardPolicy: String? { policy(of: "FORWARD") }
    /// The policy of the filter table's INPUT; nothing, if the kernel has no such table.
    package var inputPolicy: String? { policy(of: "INPUT") }

    /// Whether FORWARD leads to `DOCKER-USER`, under conditions or not.
    package var hasDockerUserJump: Bool { dockerUser != .missing && dockerUser != .unreached }

    private func policy(of chain: String) -> String? {
        builtIns.first { $0.table == "filter" && $0.chain == chain }?.policy
    }
}

/// A rule of Docker's that translates a published port.
package struct DockerTranslation: Hashable, Sendable {
    /// The protocol.
    package var transport: IPProtocol
    /// The host's address; nothing for any.
    package var address: IPAddress?
    /// The host's port.
    package var port: UInt16
    /// The container's address.
    package var container: IPAddress
    /// The container's port.
    package var containerPort: UInt16
}
