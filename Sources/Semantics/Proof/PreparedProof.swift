package import FirewallIR
package import PacketModel

/// The half of a proof that needs one side alone, worked out while the other is still being made.
///
/// The other side is looked at in the space that was made for the first. Where that holds all of its boxes, equal functions
/// are one diagram in it, as in the one that `ProveEquality` makes for both. It says nothing but "equal": whatever else is
/// left to `ProveEquality`.
///
/// It is made by one task and asked by another, once, when the first has ended; so the two do not share it at any time.
package final class PreparedProof: @unchecked Sendable {
    private let query: Query
    private let function: Diagram

    /// The half for a scope; `nil` where the rules depend on more than the packet, or the budget is used up.
    package init?(_ scope: Scope, family: AddressFamily, _ options: ProofOptions = ProofOptions()) {
        let representation = options.representation ?? ProofOptions.Representation.allCases[0]
        query = Query(
            [scope], family: family, strictness: options.strictness, budget: options.budget,
            layout: Space.Layout(representation))
        guard query.refusal == nil, query.isOfPacketsAlone else { return nil }
        function = query.function(side: 0)
        if query.isExhausted { return nil }
    }

    /// Whether another scope treats every packet as this one does; `false` also where that is not plain.
    ///
    /// To be asked once.
    package func isPlainlyEqual(to other: Scope) -> Bool {
        guard query.add(other) else { return false }
        let found = query.function(side: 1)
        return !query.isExhausted && found == function
    }
}
