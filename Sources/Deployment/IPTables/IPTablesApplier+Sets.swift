internal import Diagnostics
internal import IPTablesBackend

extension IPTablesApplier {
    private static let tool = "ipset"

    /// What is to be done with sets; nothing is asked of the host where there are none.
    func sets(_ programs: [IPTablesProgram], _ filters: [IPTablesFilter]) async throws -> IPSetPlan {
        let isNeeded = programs.contains { !$0.sets.isEmpty }
        guard isNeeded || filters.contains(where: \.asksOwnSets) else { return IPSetPlan() }
        guard tools.path(of: Self.tool) != nil else {
            if isNeeded { throw DiagnosticError.ipsetMissing() }
            return IPSetPlan()
        }
        return IPSetPlan(programs, try await listing())
    }

    /// Makes sets, and sees that they hold what was sent.
    func make(_ sets: [IPSet]) async throws {
        guard !sets.isEmpty else { return }
        let result = try await ipset(["restore"], IPSetDocument(making: sets).text)
        guard result.code == 0 else { throw DiagnosticError.ipsetRefused(result) }
        let found = try await listing().sets
        let wrong = sets.filter { found[$0.name] != $0 }.map(\.name)
        guard wrong.isEmpty else { throw DiagnosticError.ipsetReadBack(wrong) }
    }

    /// Takes sets away; those that some rule still asks stay, and so do those that are gone.
    ///
    /// A task that was cancelled takes them away as well.
    func remove(_ names: [String]) async {
        guard !names.isEmpty else { return }
        await Task {
            let all = try? await ipset(["restore"], IPSetDocument(destroying: names).text)
            if all?.code == 0 { return }
            var left = names
            // iptables-nft lets go of the sets of former rules a moment after these are gone.
            for attempt in 0..<5 where !left.isEmpty {
                if attempt > 0 { try? await Task.sleep(for: .milliseconds(50)) }
                guard let there = try? await listing().names else { return }
                left = left.filter(there.contains)
                for name in left { _ = try? await ipset(["destroy", name], "") }
            }
        }.value
    }

    private func listing() async throws -> IPSetListing {
        let result = try await ipset(["save"], "")
        guard result.code == 0 else { throw DiagnosticError.toolFailed(Self.tool, result) }
        return IPSetListing(String(decoding: result.output, as: UTF8.self))
    }

    private func ipset(_ arguments: [String], _ input: String) async throws -> HostToolResult {
        try await tools.run(HostToolCall(Self.tool, arguments, input: input, in: namespace))
    }
}
