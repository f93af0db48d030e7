internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// What a policy became in one of the backends, before it is written as text.
enum Emission: Sendable {
    case iptables([IPTablesProgram])
    case nft(NFTDocument, acceptMark: AcceptMark?)

    /// The rules of one or both families, read back.
    struct Lifted {
        var families: FamilySet
        var ruleset: Ruleset
    }

    /// What the rules mean, each read back as the kernel evaluates it.
    ///
    /// - Parameter policy: the policy, by whose identifiers the rules find their places in it.
    /// - Returns: the rules of each document, in the backend's order.
    /// - Throws: `DiagnosticError` with every rule whose meaning is not known.
    func lifted(_ policy: Ruleset) throws(DiagnosticError) -> [Lifted] {
        let origins = policy.origins
        switch self {
        case .iptables(let programs):
            var lifted: [Lifted] = []
            for program in programs {
                let scopes = try LiftFromIPTables.liftAll(program, origins: origins)
                lifted.append(
                    Lifted(
                        families: FamilySet(program.family), ruleset: Ruleset(name: policy.name, scopes: scopes)))
            }
            return lifted
        case .nft(let document, let acceptMark):
            let scopes = try LiftFromNFTables.lift(document.table, acceptMark: acceptMark, origins: origins)
            return [Lifted(families: .both, ruleset: Ruleset(name: policy.name, scopes: scopes))]
        }
    }

    /// The name of the backend for people.
    var backend: String {
        switch self {
        case .iptables: "iptables"
        case .nft: "nft"
        }
    }

    /// All of it as text, for a report of a mistake.
    var text: String {
        switch self {
        case .iptables(let programs):
            programs.map { $0.document(layout: .dockerUser, header: ["family \($0.family.rawValue)"]).text }
                .joined(separator: "\n")
        case .nft(let document, _): document.text(header: [])
        }
    }
}

extension Ruleset {
    /// The place of each rule by its identifier.
    fileprivate var origins: [String: SourceLocation] {
        var origins: [String: SourceLocation] = [:]
        origins.reserveCapacity(scopes.reduce(0) { $0 + $1.chains.reduce(0) { $0 + $1.rules.count } })
        for rule in scopes.lazy.flatMap(\.chains).flatMap(\.rules) where origins[rule.id] == nil {
            origins[rule.id] = rule.origin
        }
        return origins
    }
}
