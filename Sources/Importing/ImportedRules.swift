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

        /// What stays.
        package init(family: AddressFamily, text: String) {
            self.family = family
            self.text = text
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

    /// The name of the policy that the rules become.
    package var policyName = "Imported"
    /// Whether the whole filter table is wanted where `DOCKER-USER` exists as well.
    package var takesWholeTable = false

    /// Whether another text that is imported with this one has a chain `DOCKER-USER`.
    var isBesideDockerUser = false

    /// The usual.
    package init() {}
}
