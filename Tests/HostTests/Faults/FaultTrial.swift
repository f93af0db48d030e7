import PacketLab
import TestSupport
import Testing

/// One command, cut short or let fail at one step, and what became of the host.
struct FaultTrial {
    /// What is done to the process.
    enum Fault: String, CaseIterable {
        case kill, fail
    }

    /// The command that is cut short, and in which situation.
    enum Operation: String, CaseIterable {
        case apply
        case confirm
        case rollback
        /// The watchdog, when nobody has confirmed.
        case watchdog
    }

    let operation: Operation
    let step: String
    let fault: Fault
    let backend: TrialHost.Backend
    let ends: Ends

    /// What became of the host.
    struct Outcome: Hashable {
        /// Before anything was done about it.
        var left: String
        /// After `seawall recover`.
        var recovered: String
    }

    /// What the host looks like under either policy.
    struct Ends {
        let old: String
        let new: String

        init(_ backend: TrialHost.Backend) async throws {
            (old, new) = try await TrialHost.with(backend) { host in
                try #require(try await host.apply(host.new).status == 0)
                let new = try await host.state()
                try #require(try await host.apply(host.old).status == 0)
                return (try await host.state(), new)
            }
        }

        func name(_ state: String) -> String { state == old ? "old" : state == new ? "new" : "between" }
    }

    /// Does it, and sees that no forbidden connection passes and no allowed one is refused at any time.
    func run() async throws -> Outcome {
        try await TrialHost.with(backend) { host in
            try #require(try await host.apply(host.old).status == 0)
            let patrol = try host.patrol()
            try await cutShort(host)
            let left = ends.name(try await host.state())
            let recovery = try await host.seawall("recover")
            #expect(recovery.status == 0, "\(self): \(recovery.errors)")
            // A change that still waits to be confirmed is no leftover of a crash.
            if recovery.output.contains("waits to be confirmed") { _ = try await host.must("rollback") }
            let report = try patrol.end()
            #expect(report.leaked == 0 && report.refused == 0, "\(self): \(report)")
            let state = try await host.state()
            let recovered = ends.name(state)
            #expect(recovered != "between", "\(self): \(lines(of: state, missingIn: ends))")
            return Outcome(left: left, recovered: recovered)
        }
    }

    private func cutShort(_ host: TrialHost) async throws {
        let faults = "\(fault.rawValue):\(step)"
        switch operation {
        case .apply:
            expect(try await host.apply(host.new, "--confirm-within", "60s", faults: faults))
        case .confirm:
            try #require(try await host.apply(host.new, "--confirm-within", "60s").status == 0)
            expect(try await host.seawall("confirm", faults: faults))
        case .rollback:
            try #require(try await host.apply(host.new, "--confirm-within", "60s").status == 0)
            expect(try await host.seawall("rollback", faults: faults))
        case .watchdog:
            try #require(try await host.apply(host.new, "--confirm-within", "60s", faults: faults).status == 0)
            try await host.letTimeRunOut()
        }
    }

    private func expect(_ outcome: ShellOutcome) {
        #expect(outcome.status == (fault == .kill ? 137 : 4), "\(self): \(outcome.status) \(outcome.errors)")
    }

    private func lines(of state: String, missingIn ends: Ends) -> String {
        let known = Set(ends.old.split(separator: "\n") + ends.new.split(separator: "\n"))
        return state.split(separator: "\n").filter { !known.contains($0) }.joined(separator: "\n")
    }
}

extension TrialHost {
    /// Sets the deadline of the change that waits to the start of the host, and waits until its watchdog has ended.
    func letTimeRunOut() async throws {
        let states = "state/netns/\(lab[.router].name)"
        let journal = try #require(folder.read("\(states)/change.json"))
        let lines = journal.split(separator: "\n").map { line in
            line.contains("\"deadline\"") ? "  \"deadline\": 1," : String(line)
        }
        let watchdog = try #require(folder.read("\(states)/watchdog.json"))
        let pid = try #require(watchdog.split(separator: "\"pid\": ").last?.prefix { $0.isNumber })
        try folder.write("\(states)/change.json", lines.joined(separator: "\n") + "\n")
        try await waitFor("the watchdog ends") { try await run("/bin/kill", ["-0", String(pid)]).status != 0 }
    }
}
