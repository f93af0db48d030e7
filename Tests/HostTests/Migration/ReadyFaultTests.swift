import Deployment
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostFaultSuite {
    /// `migrate --check docker-nftables --fix`, killed or failing at its own steps, and back: at no moment is anything open that
    /// was closed, and `recover` or the watchdog brings the host to an end.
    @Suite struct ReadyFaultTests {
        private static let fix = ["migrate", "--check", "docker-nftables", "--fix"]
        private static let back = ["migrate", "--back"]
        private static let title = "Ready for Docker's own nft backend"

        /// What the host looks like before and after.
        private struct Ends {
            let old: String
            let new: String

            init() async throws {
                (old, new) = try await TrialHost.withDocker(.legacy) { host in
                    let old = try await host.state()
                    _ = try await host.ask(ReadyFaultTests.fix)
                    return (old, try await host.state())
                }
            }

            func name(_ state: String) -> String { state == old ? "old" : state == new ? "new" : "between" }
        }

        @Test("no step is too bad a moment")
        func everyStep() async throws {
            let ends = try await Ends()
            var rows: [String] = []
            let there: [DeploymentStep] = [.tableLoaded, .leftoversOut, .leftovers6Out]
            let back: [DeploymentStep] = [.leftoversBack, .leftovers6Back, .tableLoaded]
            for (command, steps) in [(Self.fix, there), (Self.back, back)] {
                for step in steps {
                    var cells = [command == Self.fix ? "--fix" : "--back", step.rawValue]
                    for fault in FaultTrial.Fault.allCases { cells += try await trial(command, step, fault, ends) }
                    rows.append("| " + cells.joined(separator: " | ") + " |")
                }
            }
            let head = [
                "| command | step | killed: left | recovered | failed: left | recovered |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            FaultPage.expect(head + rows, under: Self.title)
        }

        private func trial(
            _ command: [String], _ step: DeploymentStep, _ fault: FaultTrial.Fault, _ ends: Ends
        ) async throws -> [String] {
            try await TrialHost.withDocker(.legacy) { host in
                if command == Self.back { _ = try await host.ask(Self.fix) }
                let patrol = try host.patrolOfForward()
                let outcome = try await host.ask(command, faults: "\(fault.rawValue):\(step.rawValue)")
                #expect(outcome.status == (fault == .kill ? 137 : 4), "\(command) \(step): \(outcome)")
                let left = ends.name(try await host.state())
                try await host.must("recover")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(command) \(step) \(fault): \(report)")
                let state = try await host.state()
                #expect(ends.name(state) != "between", "\(command) \(step) \(fault): \(state)")
                return [left, ends.name(state)]
            }
        }

        @Test("killed while it can still go back, the watchdog brings it back")
        func watchdog() async throws {
            let ends = try await Ends()
            var rows = ["| command | step | killed: left | when the time is over |", "| --- | --- | --- | --- |"]
            for step in [DeploymentStep.leftoversOut, .changeEnded] {
                let left = try await TrialHost.withDocker(.legacy) { host in
                    let patrol = try host.patrolOfForward()
                    let outcome = try await host.ask(
                        Self.fix + ["--confirm-within", "60s"], faults: "kill:\(step.rawValue)")
                    #expect(outcome.status == 137, "\(step): \(outcome)")
                    let left = ends.name(try await host.state())
                    try await host.letTimeRunOut()
                    let report = try patrol.end()
                    #expect(report.leaked == 0 && report.refused == 0, "\(step): \(report)")
                    return [left, ends.name(try await host.state())]
                }
                rows.append("| --fix | \(step.rawValue) | \(left.joined(separator: " | ")) |")
            }
            FaultPage.expect(rows, under: Self.title)
        }
    }
}
