package import Diagnostics
package import FirewallIR
package import NFTablesBackend
package import PacketModel

/// Rules that somebody else wrote, with what they mean.
package struct ImportedRules: Sendable {
    /// What they were read from.
    package var format: InputFormat
    /// What they mean; its origins are lines of the input.
    package var ruleset: Ruleset
    /// What the user should know although they were read.
    package var warnings: [Diagnostic]
    /// What became of each rule.
    package var account: ImportAccount
    /// Whether *set the mark that Docker accepts and leave* was taken for *accept* somewhere.
    package var usesAcceptMark = false
    /// Texts that stay on iptables if only a part is imported: one for each family.
    package var remainders: [Remainder]
    /// The texts that were read, so that they can be read again.
    package internal(set) var texts: [ImportText] = []
    /// How they were read.
    package internal(set) var options = ImportOptions()

    /// The rules of one family that a partial import leaves on iptables.
    package struct Remainder: Hashable, Sendable {
        package var family: AddressFamily
        /// A file for `iptables-restore --noflush`.
        package var text: String
        /// The lines of the input with rules that iptables no longer needs.
        package var moved: Set<Int>

        /// What stays.
        package init(family: AddressFamily, text: String, moved: Set<Int> = []) {
            self.family = family
            self.text = text
            self.moved = moved
        }
    }

    /// Rules that were read.
    package init(
        format: InputFormat, ruleset: Ruleset, warnings: [Diagnostic] = [], account: ImportAccount = ImportAccount(),
        remainders: [Remainder] = []
    ) {
        self.format = format
        self.ruleset = ruleset
        self.warnings = warnings
        self.account = account
        self.remainders = remainders
    }
}

/// How rules are to be read.
package struct ImportOptions: Hashable, Sendable {
    /// The family of a text of iptables, if it is known.
    package var family: AddressFamily?
    /// The one chain that is wanted; by default `DOCKER-USER` where it exists, else the whole filter table.
    package var chain: String?
    /// The mark that Docker accepts on the nft side: there *set it and leave* is *accept*.
    package var acceptMark: AcceptMark?
    /// Whether what can be read is taken where something else is refused.
    package var keepsUnsupported = false
    /// The chains that stay on iptables because others fill them, and whose they are: by the name of the chain.
    package var othersChains: [String: String] = [:]
    /// Whether rules behind one that stays are taken as well, where that one only stops packets.
    package var passesOver = false
    /// Whether *accept* is taken for *leave*: where it was proved that it makes no difference.
    package var acceptLeaves = false

    /// The name of the policy that the rules become.
    package var policyName = "Imported"
    /// Whether the whole filter table is wanted where `DOCKER-USER` exists as well.
    package var takesWholeTable = false

    /// Whether another text that is imported with this one has a chain `DOCKER-USER`.
    var isBesideDockerUser = false

    /// The usual.
    package init() {}
}
