package import Diagnostics
package import FirewallIR
package import PacketModel

/// Turns the rules of a rule set for one family into rules of iptables: `Ruleset -> IPTablesProgram`.
///
/// Scopes of what Docker forwards become the content of `DOCKER-USER`; scopes of the hooks input, forward and output a
/// whole filter table with its policies. RETURN hands a packet on only from the first chain, or from a chain that was gone to with `-g`; a rule that needs
/// further chains is built so (docs/backends.md). What has no exact form is refused by name; nothing is emitted partially.
package enum LowerToIPTables {
    /// The program of a family.
    ///
    /// - Parameters:
    ///   - ruleset: the rules.
    ///   - family: for which family.
    ///   - sets: when addresses are put into sets of the kernel; without, all are written out.
    /// - Returns: the rules for the family, and the sets that they ask.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule that cannot be expressed.
    package static func lower(
        _ ruleset: Ruleset, family: AddressFamily, sets: IPSetOptions? = nil
    ) throws(DiagnosticError) -> IPTablesProgram {
        let first = emitted(ruleset, family, sets, growsTrees: true)
        // Where the kernel would not follow so far, lists are written out line by line.
        let isTooDeep = !first.refusals.isEmpty && first.trees > 0
        let emitter = isTooDeep ? emitted(ruleset, family, sets, growsTrees: false) : first
        guard emitter.refusals.isEmpty else { throw DiagnosticError(.refused, emitter.refusals) }
        return emitter.result
    }

    private static func emitted(
        _ ruleset: Ruleset, _ family: AddressFamily, _ sets: IPSetOptions?, growsTrees: Bool
    ) -> IPTablesEmitter {
        var emitter = IPTablesEmitter(family: family, sets: sets, growsTrees: growsTrees)
        let scopes = ruleset.scopes.filter { $0.families.contains(FamilySet(family)) && !$0.lacksSockets(family) }
        let table = scopes.filter { $0.hook.isWholeTable }
        let twice = table.first { scope in table.count(where: { $0.hook == scope.hook }) > 1 }
        if let twice {
            emitter.refuse(nil, "two scopes stand at the hook '\(twice.hook.rawValue)', where iptables has one chain")
        } else if !table.isEmpty && table.count < scopes.count {
            emitter.refuse(
                nil, "what Docker forwards and a whole filter table stand in one policy; write a policy for each")
        } else if table.isEmpty {
            for scope in scopes { emitter.emitContainers(scope) }
        } else {
            emitter.emitTable(table)
        }
        return emitter
    }
}

extension Scope {
    /// Whether it is about what docker-proxy accepts, and no client of the family can dial any of its sockets.
    fileprivate func lacksSockets(_ family: AddressFamily) -> Bool {
        guard hook == .proxied, let first = chains.first(where: { $0.name == entry }) else { return false }
        return !first.rules.contains { rule in
            rule.verdict != .leave && rule.condition.contains { $0.restricted(to: family) != nil }
        }
    }
}
