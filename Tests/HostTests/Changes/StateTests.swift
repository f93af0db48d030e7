import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// Former states, starts of the host, and whoever else is at work on it.
    @Suite struct StateTests {
        @Test("every state can be applied again, also that of the other backend")
        func rollsBack() async throws {
            try await TrialHost.with(.iptables) { host in
                _ = try await host.apply(host.old)
                let old = try await host.state()
                try await host.must("apply", host.new, "--backend", "nft")
                _ = try await host.apply(host.new)
                try await host.must("rollback", "--to", "1")
                #expect(try await host.state() == old)
                try await host.must("rollback")
                #expect(try await host.state() != old)
                let history = try await host.must("history")
                let what = history.split(separator: "\n").dropFirst().map { line in
                    line.split(separator: " ", omittingEmptySubsequences: true).dropFirst(3).joined(separator: " ")
                }
                #expect(
                    what == [
                        "apply Old (iptables) 14 confirmed", "apply New (nft) 11 confirmed",
                        "apply New (iptables) 14 confirmed", "rollback to 1: Old (iptables) 14 confirmed",
                        "rollback to 3: New (iptables) 14 in force",
                    ], "\(history)")
                let unknown = try await host.seawall("rollback", "--to", "9")
                #expect(unknown.status == 2)
                #expect(
                    unknown.errors
                        == "seawall: error: there is no state 9: `seawall history` lists those that are kept [no-such-state]\n"
                )
            }
        }

        @Test("a start of the host brings the last confirmed state back", arguments: TrialHost.Backend.allCases)
        func boots(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let confirmed = try await host.state()
                _ = try await host.apply(host.new, "--confirm-within", "60s")
                // The kernel forgets all of it; Docker is not there yet.
                try await host.forgetSeawall()
                #expect(try await host.must("boot") == "state 1 (Old) is in force\n")
                #expect(try await host.state() == confirmed)
                #expect(try await host.must("recover") == "nothing to recover: no change of this host was cut short\n")
            }
        }

        @Test(
            "on a host that has just started there is the policy before there is Docker",
            arguments: TrialHost.Backend.allCases)
        func bootsBeforeDocker(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let rules = try await host.ownRules(host.lab[.router].name)
                try await withNamespace { fresh in
                    // The state directory is all that a start of the host leaves.
                    let states = "\(host.folder.path)/state/netns"
                    try FileManager.default.copyItem(
                        atPath: "\(states)/\(host.lab[.router].name)", toPath: "\(states)/\(fresh.name)")
                    let boot = try await run(
                        Executable.path, ["boot", "--netns", fresh.name], environment: host.variables())
                    #expect(boot.output == "state 1 (Old) is in force\n", "\(boot)")
                    #expect(try await host.ownRules(fresh.name) == rules)
                    if backend == .iptables {
                        let forward = try await fresh.must("iptables-legacy-save; ip6tables-legacy-save")
                        #expect(forward.ranges(of: "-A FORWARD -j DOCKER-USER").count == 2, "\(forward)")
                    }
                }
            }
        }

        @Test(
            "fifty thousand addresses go there and back",
            .enabled(if: TestEnvironment.isLong, "takes minutes in a debug build"))
        func large() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                let before = try await host.state()
                let drops = (0..<50_000).map {
                    "-A DOCKER-USER -s 10.\($0 / 62_500).\($0 / 250 % 250).\($0 % 250) -j DROP\n"
                }
                let text = "*filter\n:DOCKER-USER -\n" + drops.joined() + "COMMIT\n"
                let large = try host.folder.write("large.v4", text)
                let patrol = try host.patrol()
                let applied = try await host.apply(large, "--confirm-within", "600s")
                #expect(applied.status == 0, "\(applied.errors)")
                try await host.must("rollback")
                _ = try patrol.end()
                #expect(try await host.state() == before)
            }
        }

        @Test("without a confirmed state a start of the host loads nothing")
        func bootsNothing() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old, "--confirm-within", "60s")
                try await host.forgetSeawall()
                let before = try await host.state()
                #expect(try await host.must("boot") == "no state is confirmed: nothing was loaded\n")
                #expect(try await host.state() == before)
            }
        }

        @Test("two Seawalls never interleave", arguments: TrialHost.Backend.allCases)
        func concurrent(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let patrol = try host.patrol()
                try await withThrowingTaskGroup(of: ShellOutcome.self) { group in
                    for index in 0..<6 {
                        group.addTask { try await host.apply(index.isMultiple(of: 2) ? host.old : host.new) }
                    }
                    for try await outcome in group { #expect(outcome.status == 0, "\(outcome.errors)") }
                }
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                let history = try await host.must("history")
                #expect(history.split(separator: "\n").count == 8, "\(history)")
                #expect(!history.contains("cut short"))
            }
        }

        @Test("rules of others stay where they are, whatever happens", arguments: TrialHost.Backend.allCases)
        func keepsOthers(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                let untouched = try await host.state()
                _ = try await host.apply(host.old)
                _ = try await host.apply(host.new, "--confirm-within", "60s")
                // fail2ban bans somebody while the change waits.
                let ban = "-s 203.0.113.77/32 -j REJECT --reject-with icmp-port-unreachable"
                try Program.demand(
                    ["sh", "-c", "iptables-legacy -w -I f2b 1 \(ban); iptables-legacy -w -A DOCKER-USER \(ban)"],
                    in: host.lab[.router])
                try await host.must("rollback")
                let rules = try await host.state()
                #expect(rules.contains("-A f2b \(ban)") && rules.contains("-A DOCKER-USER \(ban)"))
                try Program.demand(
                    ["sh", "-c", "iptables-legacy -w -D f2b 1; iptables-legacy -w -D DOCKER-USER \(ban)"],
                    in: host.lab[.router])
                try await host.must("uninstall", "--rules", "--root", host.folder.path)
                #expect(try await host.state() == untouched)
            }
        }

        @Test("what somebody else changes after it was read is not overwritten")
        func changedMeanwhile() async throws {
            try await TrialHost.with(.nft) { host in
                _ = try await host.apply(host.old)
                async let outcome = host.apply(host.new, faults: "stop:change-begun")
                try await host.waitFor("the process has stopped") {
                    host.folder.read("state/netns/\(host.lab[.router].name)/change.json") != nil
                }
                try Program.demand(["nft", "add", "chain", "inet", "seawall", "stranger"], in: host.lab[.router])
                let changed = try await host.state()
                try await host.resume()
                let result = try await outcome
                #expect(result.status == 4)
                #expect(
                    result.errors.contains("was changed by somebody else after it was read; nothing was written"),
                    "\(result.errors)")
                #expect(try await host.state() == changed)
                #expect(try await host.must("recover") == "nothing to recover: no change of this host was cut short\n")
            }
        }

        @Test(
            "a hundred applies under packets: nothing leaks, and nothing is refused",
            arguments: TrialHost.Backend.allCases)
        func hundred(_ backend: TrialHost.Backend) async throws {
            try await TrialHost.with(backend) { host in
                _ = try await host.apply(host.old)
                let patrol = try host.patrol()
                for round in 0..<(TestEnvironment.isLong ? 100 : 10) {
                    let policy = try await round.isMultiple(of: 2) ? host.new : host.old
                    let outcome = try await host.apply(policy)
                    try #require(outcome.status == 0, "\(outcome.errors)")
                }
                let report = try patrol.end()
                print("\(backend): \(report)")
                #expect(report.leaked == 0 && report.refused == 0 && report.sent.allowed > 100, "\(report)")
            }
        }
    }
}

extension TrialHost {
    /// Takes all of ours out of the kernel, as a start of the host does.
    func forgetSeawall() async throws {
        let script = """
            nft delete table inet seawall 2>/dev/null || true
            for tool in iptables-legacy ip6tables-legacy; do
                $tool-save -t filter | grep -v -e SEAWALL -e sw: | $tool-restore
            done
            for set in $(ipset list -n | grep '^sw-'); do ipset destroy $set; done
            """
        try Program.demand(["sh", "-c", script], in: lab[.router])
    }

    /// What of ours the kernel holds in a namespace, without counters.
    func ownRules(_ namespace: String) async throws -> String {
        let script = """
            for tool in iptables-legacy-save ip6tables-legacy-save; do $tool | grep -e '-A SEAWALL' -e sw: | sed 's/-A DOCKER-USER/-A SEAWALL/'; done
            nft list table inet seawall 2>/dev/null
            ipset save
            """
        let rules = try await run("/sbin/ip", ["netns", "exec", namespace, "sh", "-c", script]).output
        // Beside rules of others ours have a chain of their own, and a jump to it.
        return rules.split(separator: "\n").filter { !$0.contains("sw:jump") }.joined(separator: "\n")
    }

    /// Lets processes of ours that a fault has stopped go on.
    func resume() async throws {
        let name = lab[.router].name
        try await waitFor("the process has stopped") {
            try await run("/usr/bin/pkill", ["-CONT", "-f", "apply.*--netns \(name)"]).status == 0
        }
    }
}
