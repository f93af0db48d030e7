import Deployment
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostFaultSuite {
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
                    ? [.tableLoaded, .tableProved, .observed, .rulesTakenOut, .rules6TakenOut]
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
            FaultPage.expect(head + rows, under: "Migrations")
        }

        @Test("killed while it can still go back, the watchdog brings it back", arguments: TrialHost.Variant.allCases)
        func watchdog(_ variant: TrialHost.Variant) async throws {
            let ends = try await Ends(variant)
            var rows = ["| command | step | killed: left | when the time is over |", "| --- | --- | --- | --- |"]
            for step in [DeploymentStep.rulesTakenOut, .rules6TakenOut, .changeEnded] {
                let left = try await TrialHost.withUserRules(variant) { host in
                    let patrol = try host.patrol()
                    let outcome = try await host.seawall(
                        "migrate", "--observe", "0", "--confirm-within", "60s", faults: "kill:\(step.rawValue)")
                    #expect(outcome.status == 137, "\(step): \(outcome)")
                    let left = ends.name(try await host.state())
                    try await host.letTimeRunOut()
                    let report = try patrol.end()
                    #expect(report.leaked == 0 && report.refused == 0, "\(step): \(report)")
                    return [left, ends.name(try await host.state())]
                }
                rows.append("| migrate | \(step.rawValue) | \(left.joined(separator: " | ")) |")
            }
            FaultPage.expect(rows, under: "Migrations")
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
                let time = step == DeploymentStep.observed.rawValue ? "1s" : "0"
                let options = way == .back ? ["--back"] : ["--observe", time]
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
