import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// What `--confirm-within` promises.
    @Suite struct ConfirmTests {
        @Test("a change that nobody confirms goes back", arguments: TrialHost.Backend.allCases)
        func expires(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                #expect(try await host.apply(host.old).status == 0)
                let before = try await host.state()
                let patrol = try host.patrol()
                #expect(try await host.apply(host.new, "--confirm-within", "8s").status == 0)
                try await host.waitFor("state 2 goes back") { try await host.state() == before }
                let report = try patrol.end()
                #expect(report.refused == 0 && report.leaked == 0 && report.sent.allowed > 20, "\(report)")
                try await host.waitFor("that is kept") {
                    try await host.must("history").contains("not confirmed in time")
                }
                #expect(try await host.seawall("confirm").status == 4)
            }
        }

        @Test("a change that is confirmed stays", arguments: TrialHost.Backend.allCases)
        func stays(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let output = try await host.apply(host.new, "--confirm-within", "30s").output
                #expect(
                    output.hasSuffix(
                        "state 2 is in force for 30 s: `seawall confirm` keeps it, from a new connection if it is about yours\n"
                    ), "\(output)")
                let loaded = try await host.state()
                #expect(
                    try await host.must("confirm") == "state 2 (New) is confirmed: it stays, also over a reboot\n")
                // What waits no longer does not go back either when its time is over.
                try await Task.sleep(for: .milliseconds(300))
                #expect(try await host.state() == loaded)
                #expect(try await host.must("recover") == "nothing to recover: no change of this host was cut short\n")
            }
        }

        @Test("the watchdog outlives whoever started it, and the terminal")
        func outlives() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                // A shell in a session of its own is killed with all that is in its process group.
                let script = """
                    "$0" "$@" & wait $!
                    kill -KILL 0
                    """
                let arguments =
                    ["sh", "-c", script, Executable.path, "apply"]
                    + [
                        try await host.new, "--backend", "nft", "--netns", host.lab[.router].name, "--confirm-within",
                        "6s",
                    ]
                let killed = try await run("/usr/bin/setsid", ["-w"] + arguments, environment: host.variables())
                #expect(killed.status == 137, "\(killed)")
                #expect(try await host.state() != before)
                try await host.waitFor("state 2 goes back") { try await host.state() == before }
            }
        }

        @Test("an apply that hangs goes back at its deadline as well")
        func hangs() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                async let stopped = host.apply(host.new, "--confirm-within", "1s", faults: "stop:table-loaded")
                #expect(try await stopped.status == 137)
                try await host.waitFor("state 2 goes back") { try await host.state() == before }
            }
        }

        @Test("a policy that cuts the operator off is taken back, and the connection is there again")
        func lockOut() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let connection = Connection(from: .client, .tcp, to: .router, 8080, .ip)
                #expect(try host.lab.dial(connection) == .connected)
                let cut = try host.folder.write(
                    "cut.v4",
                    "*filter\n:FORWARD ACCEPT\n:DOCKER-USER -\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j DROP\nCOMMIT\n"
                )
                #expect(try await host.apply(cut, "--confirm-within", "3s").status == 0)
                #expect(try host.lab.dial(connection) == .timeout)
                try await host.waitFor("the connection is back", within: 60) {
                    try host.lab.dial(connection) == .connected
                }
            }
        }

        @Test("nothing is confirmed if the probe fails")
        func probes() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old, "--confirm-within", "30s")
                let web = Host.web.addressText(.ip)
                let refused = try await host.seawall("confirm", "--probe", "\(web):9999")
                #expect(refused.status == 4)
                #expect(
                    refused.errors.contains("no connection to \(web):9999 can be opened: Connection refused"),
                    "\(refused.errors)")
                #expect(try await host.must("confirm", "--probe", "\(web):80").hasPrefix("state 1 "))
            }
        }

        @Test("another change waits until the first is confirmed")
        func waits() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                _ = try await host.apply(host.new, "--confirm-within", "30s")
                let second = try await host.apply(host.old)
                #expect(
                    second.status == 4 && second.errors.contains("state 2 waits to be confirmed"), "\(second.errors)")
                #expect(try await host.must("rollback") == "state 2 is taken back: the host is as it was before\n")
                #expect(try await host.state() == before)
            }
        }
    }
}

extension TrialHost {
    /// Waits for something to become true.
    func waitFor(_ what: String, within seconds: Int = 60, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while try await !condition() {
            try #require(ContinuousClock.now < end, "\(what): not within \(seconds) s")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
