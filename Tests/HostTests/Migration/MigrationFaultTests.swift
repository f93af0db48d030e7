import Deployment
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// A migration that is killed, or fails, at any step leaves the old rules in force, the new ones or both, and `recover`
    /// brings it to an end.
    @Suite struct MigrationFaultTests {
        enum Way: String, CaseIterable {
            case there, back

            var steps: [String] {
                let common: [DeploymentStep] = [
                    .locked, .snapshotTaken, .stateKept, .snapshotKept, .changeBegun,
                ]
                let own: [DeploymentStep] =
                    self == .there
                    ? [.tableLoaded, .tableProved, .rulesTakenOut, .rules6TakenOut]
                    : [.rulesPutBack, .rules6PutBack, .tableRemoved]
                return (common + own + [.proved, .headWritten, .changeEnded]).map(\.rawValue)
            }
        }

        @Test("no step is too bad a moment", arguments: TrialHost.Variant.allCases)
        func everyStep(_ variant: TrialHost.Variant) async throws {
            let ends = try await Ends(variant)
            var rows: [String] = []
            for way in Way.allCases {
                for step in way.steps {
                    var cells = [way == .there ? "migrate" : "migrate --back", step]
                    for fault in FaultTrial.Fault.allCases {
                        cells += try await trial(variant, way, step, fault, ends)
                    }
                    rows.append("| " + cells.joined(separator: " | ") + " |")
                }
            }
            let head = [
                "| command | step | killed: left | recovered | failed: left | recovered |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            let table = (head + rows).joined(separator: "\n") + "\n"
            let mismatch = Golden.mismatch(table, "Host/faults-migrate-\(variant).md")
            #expect(mismatch == nil, "\(mismatch ?? "")")
        }

        /// What the host looks like before and after.
        private struct Ends {
            let old: String
            let new: String

            init(_ variant: TrialHost.Variant) async throws {
                (old, new) = try await TrialHost.withUserRules(variant) { host in
                    let old = try await host.state()
                    try await host.must("migrate", "--observe", "0")
                    return (old, try await host.state())
                }
            }

            /// `old`, `new`, or `both`: that what is between is no hole is what the patrol sees.
            func name(_ state: String) -> String { state == old ? "old" : state == new ? "new" : "both" }
        }

        private func trial(
            _ variant: TrialHost.Variant, _ way: Way, _ step: String, _ fault: FaultTrial.Fault, _ ends: Ends
        ) async throws -> [String] {
            try await TrialHost.withUserRules(variant) { host in
                if way == .back { try await host.must("migrate", "--observe", "0") }
                let patrol = try host.patrol()
                let options = way == .back ? ["--back"] : ["--observe", "0"]
                let outcome = try await run(
                    Executable.path, ["migrate"] + options + ["--netns", host.lab[.router].name],
                    environment: host.variables("\(fault.rawValue):\(step)"))
                #expect(outcome.status == (fault == .kill ? 137 : 4), "\(way) \(step): \(outcome)")
                let left = ends.name(try await host.state())
                try await host.must("recover")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(way) \(step) \(fault): \(report)")
                let state = try await host.state()
                #expect(ends.name(state) != "both", "\(way) \(step) \(fault): \(state)")
                // The history is no obstacle to another try.
                let again = ends.name(state) == "old" ? ["--observe", "0"] : ["--back"]
                let next = try await run(
                    Executable.path, ["migrate"] + again + ["--netns", host.lab[.router].name],
                    environment: host.variables())
                #expect(next.status == 0, "\(way) \(step) \(fault), again: \(next)")
                return [left, ends.name(state)]
            }
        }
    }
}
