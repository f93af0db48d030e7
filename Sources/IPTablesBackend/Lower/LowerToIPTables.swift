package import Diagnostics
package import FirewallIR
package import PacketModel

/// Turns the rules of a rule set for one family into rules of iptables: `Ruleset -> IPTablesProgram`.
///
/// RETURN hands a packet on only from the first chain, or from a chain that was gone to with `-g`; a rule that needs
/// further chains is built so (docs/backends.md). What has no exact form is refused by name; nothing is emitted partially.
package enum LowerToIPTables {
    /// The program of a family.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule that cannot be expressed.
    package static func lower(_ ruleset: Ruleset, family: AddressFamily) throws(DiagnosticError) -> IPTablesProgram {
        var emitter = IPTablesEmitter(family: family)
        for scope in ruleset.scopes where scope.families.contains(FamilySet(family)) {
            guard scope.hook == .containers else {
                emitter.refuse(
                    nil,
                    "only what Docker forwards can be expressed in DOCKER-USER, not the hook '\(scope.hook.rawValue)'")
                continue
            }
            emitter.emit(scope)
        }
        guard emitter.refusals.isEmpty else { throw DiagnosticError(.refused, emitter.refusals) }
        return emitter.program
    }
}
