internal import JSONC
internal import NFTablesBackend

/// What has to be done so that our table becomes what a document makes of it.
struct NFTApplyPlan {
    /// What has to be done.
    let change: NFTTableChange
    /// What the document makes; nothing, if it is not compared.
    private let wanted: NFTTableImage?

    /// Compares with what was listed, if there is a table.
    static func make(
        _ listing: JSONValue?, _ document: JSONValue, _ timings: inout NFTApplier.Timings
    ) async -> NFTApplyPlan {
        guard let listing else { return NFTApplyPlan(change: .replacement(reason: "it is not there yet"), wanted: nil) }
        return await timings.during(\.comparing) { compare(listing, document) }
    }

    private static func compare(_ listing: JSONValue, _ document: JSONValue) -> NFTApplyPlan {
        do throws(NFTIncomparable) {
            let live = try NFTTableImage(listing)
            let wanted = try NFTTableImage(document)
            return NFTApplyPlan(change: NFTTableChange(from: live, to: wanted), wanted: wanted)
        } catch {
            return NFTApplyPlan(
                change: .replacement(reason: "it cannot be compared with what is loaded: \(error.reason)"), wanted: nil)
        }
    }

    /// Whether the kernel holds what is wanted, after elements were changed.
    ///
    /// Few elements are asked for one by one; for many of them, and for intervals, the elements are listed.
    func isInForce(_ changes: [NFTSetChange], runner: any NFTRunner) async throws -> Bool {
        guard let wanted else { return false }
        let isFew = changes.reduce(0) { $0 + $1.count } <= Self.fewElements
        guard isFew, let questions = NFTTableChange.questions(changes) else {
            return try await image(terse: false, runner: runner)?.isSame(as: wanted) ?? false
        }
        for question in questions {
            if case .refused = try await runner.run(question, check: true) { return false }
        }
        return try await image(terse: true, runner: runner)?.hasSameRules(as: wanted) ?? false
    }

    private func image(terse: Bool, runner: any NFTRunner) async throws -> NFTTableImage? {
        guard let listing = try await runner.list(.seawall, terse: terse) else { return nil }
        return try? NFTTableImage(listing)
    }

    /// So many elements are asked for; above that listing them is cheaper.
    private static let fewElements = 1000
}
