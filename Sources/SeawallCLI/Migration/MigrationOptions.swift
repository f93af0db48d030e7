internal import Deployment
internal import IPTablesBackend
internal import NFTablesBackend

/// What somebody wants of a migration.
struct MigrationOptions {
    /// Which iptables.
    var variant = IPTablesVariantChoice.auto
    /// The name of the policy that imported rules become.
    var name = "Migrated"
    /// The mark by which `ACCEPT` is kept.
    var acceptMark: AcceptMark?
    /// All tables of the host's iptables, of both variants: none of their rules may use bits of that mark.
    var tables: [SaveTable] = []
    /// Rules of others in nft that are about marks, likewise.
    var markUses: [NFTMarkUse] = []
    /// Further chains that stay as they are.
    var keptChains: [String] = []
    /// Chains that are moved whatever their names say.
    var movedChains: [String] = []
    /// Whether what docker-proxy accepts is judged as well.
    var hasTwin = false
    /// How long both are in force.
    var observation = Duration.zero
    /// The network namespace.
    var namespace: String?
    /// How equality is proved.
    var proof: EmissionProofOptions
}
