package import Diagnostics
package import FirewallIR
internal import PacketModel

/// A mark that Docker accepts at its own hook (`--bridge-accept-fwmark=VALUE/MASK`).
package struct AcceptMark: Hashable, Sendable {
    /// The bits that are set.
    package var value: UInt32
    /// The bits that count.
    package var mask: UInt32

    /// A mark; `nil` if it has bits outside of its mask, or none that are set.
    package init?(value: UInt32, mask: UInt32) {
        guard value & ~mask == 0, value != 0 else { return nil }
        self.value = value
        self.mask = mask
    }
}

/// Turns a rule set into our own nft table: `Ruleset -> NFTDocument`, in shapes that nft 1.0.6 loads and lists rightly.
///
/// Of what Docker forwards, *leave* is `accept`: in a base chain of our own it hands the packet on to Docker's chains at the
/// same hook. `Accept` sets the mark that Docker is configured to accept, and leaves. Whole filter tables become base chains
/// at their hooks, at the priority of the table that they stand for: there *accept* and *leave* are both `accept`, which is
/// final as long as nobody else has a base chain at the hook, and no mark is needed. What has no exact form is refused by name.
package enum LowerToNFTables {
    /// The name of our table.
    package static let tableName = "seawall"
    /// What the comments of all our rules begin with.
    package static let commentPrefix = "sw:"

    /// The table of a rule set.
    ///
    /// - Returns: the table, the chains that bear another name in it, and warnings about comments that were changed.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule that cannot be expressed.
    ///
    /// - Parameters:
    ///   - ruleset: the rules.
    ///   - acceptMark: the mark that Docker is configured to accept.
    ///   - optimized: whether rules become sets and maps as the cost model says; otherwise there is a line for each box.
    package static func lower(
        _ ruleset: Ruleset, acceptMark: AcceptMark? = nil, optimized: Bool = false
    ) throws(DiagnosticError) -> NFTDocument {
        var emitter = NFTEmitter(
            acceptMark: acceptMark, names: NFTChainNames(ruleset.scopes), isOptimized: optimized)
        for (index, scope) in ruleset.scopes.enumerated() {
            emitter.emit(scope, index, before: ruleset.scopes[..<index])
        }
        emitter.checkDepth()
        guard emitter.refusals.isEmpty else { throw DiagnosticError(.refused, emitter.refusals) }
        return emitter.document(tableName)
    }
}

/// Something that nft has no exact form for: the reason, and what to do.
struct NFTRefusal: Error {
    var reason: String
}

extension NFTRefusal {
    /// A module of iptables: what it is, and its name.
    static func module(_ kind: String, _ name: String) -> NFTRefusal {
        NFTRefusal(
            reason:
                "the \(kind) '\(name)' of iptables has no exact form in nft: leave the rule to iptables, or write it without '\(name)' first"
        )
    }
}
