internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

/// Takes the rules that were moved to nft out of `DOCKER-USER`, or puts them back; what others have there stays.
package struct TakeRulesOut: Sendable {
    let host: ManagedHost

    /// Rules of a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Takes them out, one transaction for each family.
    ///
    /// - Throws: `DiagnosticError` if one of them is not there any more, or the tool refuses.
    package func run(_ taken: [TakenRules]) async throws {
        for rules in taken {
            let filter = try await read(rules)
            guard let left = rules.takenOut(of: filter.table.rules(of: IPTablesNames.dockerUser)) else {
                // Our table is loaded by now, so that this has to be undone, unlike a change that is noticed before.
                throw DiagnosticError.rulesGone(filter)
            }
            try await load(left, rules, filter)
            try await host.steps.reached(rules.family == .ip ? .rulesTakenOut : .rules6TakenOut)
        }
    }

    /// Sees to it that the chains are as they were when it was decided what is taken out of them.
    ///
    /// - Throws: `DiagnosticError` if somebody has changed one meanwhile.
    package func requireUnchanged(_ taken: [TakenRules]) async throws {
        for rules in taken {
            let filter = try await read(rules)
            let now = filter.table.rules(of: IPTablesNames.dockerUser)
            guard now.map(\.words) == rules.was.map(\.words) else { throw DiagnosticError.concurrentChange(filter) }
        }
    }

    /// Puts them back to their former places.
    ///
    /// - Throws: `DiagnosticError` if there is no chain any more, or the tool refuses.
    package func undo(_ taken: [TakenRules]) async throws {
        for rules in taken {
            let filter = try await read(rules)
            guard filter.table.chain(IPTablesNames.dockerUser) != nil else {
                throw DiagnosticError.dockerUser(filter.reach, filter)
            }
            let all = rules.putBack(into: filter.table.rules(of: IPTablesNames.dockerUser))
            try await load(all, rules, filter)
            try await host.steps.reached(rules.family == .ip ? .rulesPutBack : .rules6PutBack)
        }
    }

    /// Sees to it that they are out, or back.
    ///
    /// - Throws: `DiagnosticError` if what is live is something else.
    package func require(_ taken: [TakenRules], isOut: Bool) async throws {
        for rules in taken {
            let filter = try await read(rules)
            let now = filter.table.rules(of: IPTablesNames.dockerUser)
            let isSo = isOut ? rules.isOut(of: now) : rules.putBack(into: now).map(\.words) == now.map(\.words)
            guard isSo else {
                throw DiagnosticError.readBack(filter, ["DOCKER-USER holds other rules than were left in it"])
            }
        }
    }

    /// Takes out what a migration had put in.
    package func removeAdded(_ taken: [TakenRules]) async throws {
        for rules in taken where !rules.added.isEmpty {
            let filter = try await read(rules)
            let added = Set(rules.added.map(\.words))
            let left = filter.table.rules(of: IPTablesNames.dockerUser).filter { !added.contains($0.words) }
            try await load(left, rules, filter)
        }
    }

    private func read(_ rules: TakenRules) async throws -> IPTablesFilter {
        try await IPTablesFilter.read(rules.variant, rules.family, tools: host.tools, in: host.namespace)
    }

    private func load(_ rules: [SaveRule], _ taken: TakenRules, _ filter: IPTablesFilter) async throws {
        if rules.map(\.words) == filter.table.rules(of: IPTablesNames.dockerUser).map(\.words) { return }
        var document = IPTablesUndo()
        document.restore(
            SaveChain(name: IPTablesNames.dockerUser, rules: rules), named: IPTablesNames.dockerUser)
        let tool = taken.variant.restoreTool(taken.family)
        let call = HostToolCall(
            tool, ["--noflush", "--counters", "--wait", "30"], input: document.text, in: host.namespace)
        let result = try await host.tools.run(call)
        guard result.code == 0 else { throw DiagnosticError.restoreRefused(tool, result) }
    }
}

extension TakenRules {
    /// Whether a chain holds what was left, and nothing of what was taken out.
    fileprivate func isOut(of now: [SaveRule]) -> Bool {
        let there = Set(now.map(\.words))
        let left = Set(left.map(\.words))
        return left.isSubset(of: there) && there.isDisjoint(with: Set(gone.map(\.words)).subtracting(left))
    }
}
