internal import Diagnostics
internal import IPTablesBackend

extension IPTablesPlan {
    /// Sees to it that the plan was made for the host as it is in a snapshot.
    ///
    /// - Throws: `DiagnosticError` if somebody has changed what the plan is about in between.
    package func require(_ snapshot: HostSnapshot) throws {
        for family in families {
            let part = snapshot.iptables.first { $0.variant == variant && $0.family == family.family }
            guard let filter = try part?.filter(), IPTablesSeen(filter) == family.before else {
                throw DiagnosticError.concurrentChange(
                    IPTablesFilter(variant: variant, family: family.family, table: SaveTable(name: "filter")))
            }
        }
    }
}
