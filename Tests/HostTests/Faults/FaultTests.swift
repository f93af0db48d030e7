import Deployment
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostFaultSuite {
    /// A process that is killed, or fails, at any step leaves the host at one of its ends, or `recover` brings it there.
    @Suite struct FaultTests {
        /// The steps of each operation, by backend.
        private static func steps(_ operation: FaultTrial.Operation, _ backend: TrialHost.Backend) -> [String] {
            let foreign: Set<DeploymentStep> =
                backend == .nft
                ? [.setsMade, .rulesLoaded, .rules6Loaded, .setsRemoved] : [.tableLoaded]
            let all = DeploymentStep.allCases
            let steps: ArraySlice<DeploymentStep> =
                switch operation {
                case .apply: all.prefix { $0 != .confirmLocked }
                case .confirm: all.drop { $0 != .confirmLocked }.prefix { $0 != .restoreBegun }
                case .rollback, .watchdog: all.drop { $0 != .restoreBegun }
                }
            return steps.filter { !foreign.contains($0) && !DeploymentStep.ofMigrations.contains($0) }.map(\.rawValue)
        }

        @Test("no step is too bad a moment", arguments: TrialHost.Backend.allCases)
        func everyStep(_ backend: TrialHost.Backend) async throws {
            let ends = try await FaultTrial.Ends(backend)
            var rows: [String] = []
            for operation in FaultTrial.Operation.allCases {
                for step in Self.steps(operation, backend) {
                    var cells = [operation.rawValue, step]
                    for fault in FaultTrial.Fault.allCases {
                        // What fails in the watchdog is tried again by it.
                        if operation == .watchdog, fault == .fail { continue }
                        let trial = FaultTrial(
                            operation: operation, step: step, fault: fault, backend: backend, ends: ends)
                        let outcome = try await trial.run()
                        cells += [outcome.left, outcome.recovered]
                    }
                    if operation == .watchdog { cells += ["–", "–"] }
                    rows.append("| " + cells.joined(separator: " | ") + " |")
                }
            }
            let head = [
                "| command | step | killed: left | recovered | failed: left | recovered |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            FaultPage.expect(head + rows, under: "\(backend)")
        }

        @Test("a watchdog that is killed itself is missed by recover")
        func watchdogKilled() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                _ = try await host.apply(host.new, "--confirm-within", "60s")
                let record = try #require(host.folder.read("state/netns/\(host.lab[.router].name)/watchdog.json"))
                let pid = try #require(record.split(separator: "\"pid\": ").last?.prefix { $0.isNumber })
                _ = try await run("/bin/kill", ["-KILL", String(pid)])
                #expect(try await host.must("recover") == "state 2 is undone: the host is as it was before\n")
                #expect(try await host.state() == before)
            }
        }

        @Test("a watchdog goes on watching while its journal cannot be read")
        func journalUnreadable() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                _ = try await host.apply(host.new, "--confirm-within", "2s")
                let states = "state/netns/\(host.lab[.router].name)"
                let journal = try #require(host.folder.read("\(states)/change.json"))
                try host.folder.write("\(states)/change.json", "{")
                try await Task.sleep(for: .milliseconds(300))
                try host.folder.write("\(states)/change.json", journal)
                try await host.waitFor("the host is as before") { try await host.state() == before }
            }
        }

        @Test("the patrol sees a hole, and a port that is shut")
        func patrolSees() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let hole = try host.patrol()
                try await Task.sleep(for: .milliseconds(100))
                try Program.demand(["nft", "delete", "table", "inet", "seawall"], in: host.lab[.router])
                try await Task.sleep(for: .milliseconds(200))
                #expect(try hole.end().leaked > 0)
                let shut = try host.patrol()
                try host.lab.loadDockerUser(["-j DROP"], .ip)
                try await Task.sleep(for: .milliseconds(200))
                #expect(try shut.end().refused > 0)
            }
        }
    }
}
