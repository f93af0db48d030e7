import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// A host is made ready for Docker's own nft backend while packets pass, and as it was again.
    @Suite struct ReadyTests {
        private static let fix = ["migrate", "--check", "docker-nftables", "--fix"]

        @Test("before the switch no packet is treated otherwise", arguments: [TrialHost.DockerPlace.legacy, .nft])
        func beforeTheSwitch(_ place: TrialHost.DockerPlace) async throws {
            try await TrialHost.withDocker(place) { host in
                let before = try await host.state()
                let patrol = try host.patrolOfForward()
                let planned = try await host.ask(Self.fix + ["--plan"])
                #expect(planned.status == 0 && planned.errors == "")
                let mismatch = Golden.mismatch(planned.output, "Host/ready-plan-\(place).txt")
                #expect(mismatch == nil, "\(mismatch ?? "")")
                if place == .legacy {
                    let json = try await host.ask(Self.fix + ["--plan", "--json"]).output
                    let mismatch = Golden.mismatch(json, "Host/ready-plan.json")
                    #expect(mismatch == nil, "\(mismatch ?? "")")
                }
                #expect(try await host.state() == before)
                let fixed = try await host.ask(Self.fix)
                #expect(fixed.status == 1, "\(fixed)")
                #expect(
                    fixed.output == """
                        iptables-\(place): FORWARD has the policy ACCEPT; DOCKER-USER and its jump are gone
                        ip6tables-\(place): FORWARD has the policy ACCEPT; DOCKER-USER and its jump are gone
                        proved: iptables-\(place): what the policy of FORWARD stops is stopped by the table inet seawall
                        proved: ip6tables-\(place): what the policy of FORWARD stops is stopped by the table inet seawall
                        state 2 is in force; `seawall migrate --back` undoes it
                        3 things stand in the way of `firewall-backend: nftables` on this host

                        """)
                #expect(try await host.policies(place) == ["ACCEPT", "ACCEPT"])
                #expect(try await host.dockerUserLines() == [])
                #expect(try await host.must("status").contains("in sync"))
                let again = try await host.ask(Self.fix)
                #expect(again.output.hasPrefix("nothing to fix\n3 things stand"), "\(again)")
                #expect(
                    try await host.must("migrate", "--back") == """
                        iptables-\(place): FORWARD is as it was
                        ip6tables-\(place): FORWARD is as it was
                        state 3 is in force

                        """)
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0 && report.sent.allowed > 10, "\(report)")
                #expect(try await host.state() == before)
            }
        }

        @Test("after the switch published ports pass again, and nothing else does; unconfirmed, all is as it was")
        func afterTheSwitch() async throws {
            try await TrialHost.withDocker(.nftables) { host in
                let before = try await host.state()
                let open = AddressFamily.allCases.map { host.published($0) }
                let shut = AddressFamily.allCases.flatMap { host.closed($0) }
                #expect(try host.lab.send(open + shut).allSatisfy { $0 != .passed })
                let patrol = try Patrol(in: host.lab, allowed: [], forbidden: shut)
                let fixed = try await host.ask(Self.fix + ["--confirm-within", "60s"])
                #expect(
                    fixed.output.hasPrefix(
                        """
                        iptables-legacy: FORWARD has the policy ACCEPT; DOCKER-USER and its jump are gone
                        ip6tables-legacy: FORWARD has the policy ACCEPT; DOCKER-USER and its jump are gone
                        proved: iptables-legacy: what the policy of FORWARD stops besides Docker's traffic is stopped by the table inet seawall
                        proved: ip6tables-legacy: what the policy of FORWARD stops besides Docker's traffic is stopped by the table inet seawall
                        state 2 is in force for 60 s: `seawall confirm` keeps it, from a new connection if it is about yours

                        """), "\(fixed)")
                try await Task.sleep(for: .milliseconds(300))
                #expect(try patrol.end().leaked == 0)
                #expect(try host.lab.send(open).allSatisfy { $0 == .passed })
                #expect(try await host.must("rollback") == "state 2 is taken back: the host is as it was before\n")
                #expect(try await host.state() == before)
                _ = try await host.ask(Self.fix)
                let fates = try host.lab.send(open + shut)
                #expect(fates.prefix(2) == [.passed, .passed] && fates.dropFirst(2).allSatisfy { $0 != .passed })
                // What would shut everything again is not brought back unasked.
                let back = try await host.ask(["migrate", "--back"])
                #expect(
                    back.errors == """
                        seawall: error: Docker has its rules in nft: with the former policy DROP of FORWARD of iptables-legacy, nothing that it forwards would pass [docker-nft-switched]
                        seawall: note: switch the daemon back to iptables first
                        seawall: note: nothing was changed

                        """)
                #expect(try await host.seawall("rollback", "--to", "1").errors == back.errors)
            }
        }

        @Test("what rules of others in FORWARD let pass goes on passing")
        func othersRules() async throws {
            let others = ["-i eth1 -o eth0 -p tcp -m tcp --dport 8080 -j ACCEPT", "-i eth1 -j LOG"]
            try await TrialHost.withDocker(.legacy, others: others) { host in
                let before = try await host.state()
                func allowed(_ family: AddressFamily) -> Probe {
                    host.probe(.neighbour, to: Host.stranger.address(family), 8080, reaches: .stranger)
                }
                let patrol = try Patrol(
                    in: host.lab, allowed: AddressFamily.allCases.flatMap { [host.published($0), allowed($0)] },
                    forbidden: AddressFamily.allCases.flatMap { host.closed($0).dropLast() })
                let fixed = try await host.ask(Self.fix)
                #expect(
                    fixed.output.contains(
                        "is stopped by the table inet seawall, but for what 2 rules of FORWARD decide\n"), "\(fixed)")
                try await Task.sleep(for: .milliseconds(200))
                // A start of the host brings the guard back with the policy.
                try Program.demand(["nft", "delete", "table", "inet", "seawall"], in: host.lab[.router])
                let report = try patrol.end()
                try await host.must("boot")
                #expect(report.refused == 0, "\(report)")
                #expect(
                    try host.lab.send(AddressFamily.allCases.flatMap { host.closed($0).dropLast() }).allSatisfy {
                        $0 != .passed
                    })
                try await host.must("migrate", "--back")
                #expect(try await host.state() == before)
            }
        }

        @Test("a migration with it goes back as a whole; policies that follow keep it, and nothing takes it away")
        func keeps() async throws {
            try await TrialHost.withDocker(.legacy, policy: false) { host in
                for family in AddressFamily.allCases {
                    try host.lab.loadDockerUser(
                        [
                            "-i eth0 -s \(Host.client.addressText(family)) -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j RETURN",
                            "-i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP",
                        ], family)
                }
                let before = try await host.state()
                let patrol = try host.patrolOfForward()
                let refused = try await host.ask(Self.fix)
                #expect(
                    refused.errors == """
                        seawall: error: no policy of Seawall's is in force: without our nft table, what the policy DROP of FORWARD stops besides Docker's traffic would be open [docker-nft-no-table]
                        seawall: note: `seawall migrate` moves what is in DOCKER-USER to nft, `seawall apply --backend nft` loads a policy
                        seawall: note: nothing was changed

                        """)
                try await host.must("migrate", "--observe", "0")
                #expect(try await host.ask(Self.fix).status == 1)
                let fixed = try await host.state()
                for command in [
                    ["apply", try await host.new, "--backend", "iptables"],
                    ["uninstall", "--rules", "--root", host.folder.path],
                ] {
                    let outcome = try await host.ask(command)
                    #expect(outcome.status == 4 && outcome.errors.contains("[docker-nft-fixed]"), "\(outcome)")
                }
                #expect(try await host.state() == fixed)
                try await host.must("apply", try await host.new, "--backend", "nft")
                #expect(try await host.state().contains("forward-ip-in"))
                #expect(try await host.must("status").contains("in sync"))
                try await host.must("rollback", "--to", "2")
                #expect(try await host.state() == fixed)
                try await host.must("migrate", "--back")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
            }
        }

        @Test("to a state from before it, policies and jumps come back first")
        func rollsBack() async throws {
            try await TrialHost.withDocker(.legacy) { host in
                let before = try await host.state()
                let patrol = try host.patrolOfForward()
                _ = try await host.ask(Self.fix)
                try await host.must("rollback")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
                #expect(try await host.must("history").contains("ready for docker-nftables: Old (nft)"))
            }
        }

        @Test("what our table would not stop, or would stop too, is named by a packet, and nothing is changed")
        func wouldOpen() async throws {
            // A limit is an instance of its own in each place, so that a packet may be beyond the one and not the other.
            let limited = "-i eth1 -m limit --limit 5/min -j ACCEPT"
            try await TrialHost.withDocker(.legacy, others: [limited]) { host in
                let before = try await host.state()
                let refused = try await host.ask(Self.fix)
                #expect(refused.status == 3)
                #expect(
                    refused.errors == """
                        seawall: error: it cannot be proved that nothing would change: iptables-legacy: the limits of one rule set cannot be related to those of the other [migration-not-proved]
                        seawall: note: nothing was changed

                        """)
                #expect(try await host.state() == before)
            }
            try await TrialHost.withDocker(.legacy, policy: false) { host in
                let source = """
                    import Seawall

                    @main
                    struct Routed: Policy {
                        var body: PolicyContent {
                            Containers { Inbound(on: "eth0") { Drop(.tcp(9090)) } }
                            Forward(policy: .accept) { Rule(.drop, .inInterface("eth0"), .outInterface("eth1")) }
                        }
                    }

                    """
                let compiled = try await Executable.run(
                    "compile", try host.folder.write("Routed.swift", source), "--document")
                let policy = try host.folder.write("routed.json", compiled.output)
                try await host.must("apply", policy, "--backend", "nft")
                let before = try await host.state()
                let refused = try await host.ask(Self.fix)
                #expect(refused.status == 3)
                #expect(
                    refused.errors == """
                        seawall: error: FORWARD of iptables-legacy: its policy DROP stops what nothing else stops, and the rules of our table for all of FORWARD do not take its place: a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:22 (after DNAT: 172.17.0.2:22), entering at eth0, leaving at eth0 [docker-nft-would-open]
                        seawall: note: let a rule of FORWARD or the policy decide that
                        seawall: note: nothing was changed

                        """)
                #expect(try await host.state() == before)
                // And once the table stops it, such a policy is no longer possible.
                try await host.must("apply", try await host.old, "--backend", "nft")
                _ = try await host.ask(Self.fix)
                let two = try await host.seawall("apply", policy, "--backend", "nft")
                #expect(two.status == 3)
                #expect(
                    two.errors.hasSuffix(
                        """
                        seawall: error: 'Routed' has rules for all of FORWARD, where our table stops what the policy of FORWARD stopped before `migrate --check docker-nftables --fix` [docker-nft-fixed]
                        seawall: note: `seawall migrate --back` puts back what was there first

                        """), "\(two)")
            }
        }

        @Test("what cannot be closed, and what others keep, is named and stays")
        func leaves() async throws {
            // Our table would have to let pass what this rule does.
            let rule = "-i eth1 -m string --string GET --algo bm --to 200 -j ACCEPT"
            try await TrialHost.withDocker(.legacy, others: [rule]) { host in
                try host.lab.loadDockerUser(["-s 192.0.2.7/32 -j DROP"], .ip)
                let before = try await host.state()
                let refused = try await host.ask(Self.fix)
                #expect(refused.status == 3)
                let reason =
                    "cannot be expressed in nft: the match 'string' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'string' first"
                #expect(
                    refused.errors == """
                        seawall: error: rules of others in FORWARD have no exact form in our table, which has to stop what its policy DROP stops besides them [docker-nft-not-closed]
                        seawall: note: \(reason)
                        seawall: note: \(reason)
                        seawall: note: nothing was changed

                        """)
                #expect(try await host.state() == before)
            }
            try await TrialHost.withDocker(.legacy) { host in
                try host.lab.loadDockerUser(["-s 192.0.2.7/32 -j DROP"], .ip)
                let fixed = try await host.ask(Self.fix)
                #expect(
                    fixed.errors.hasPrefix(
                        """
                        seawall: warning: DOCKER-USER of iptables-legacy stays, with its jump: there are rules of others [docker-nft-left]
                        seawall: note: -A DOCKER-USER -s 192.0.2.7/32 -j DROP

                        """), "\(fixed)")
                #expect(fixed.output.hasPrefix("iptables-legacy: FORWARD has the policy ACCEPT\n"), "\(fixed)")
                #expect(try await host.dockerUserLines().count == 3)
                #expect(try await host.policies(.legacy) == ["ACCEPT", "ACCEPT"])
                try Program.demand(
                    ["nft", "flush", "chain", "inet", "seawall", "filter-forward"], in: host.lab[.router])
                try Program.demand(["iptables-legacy", "-P", "FORWARD", "DROP"], in: host.lab[.router])
                let drifted = try await host.ask(Self.fix)
                #expect(drifted.status == 4)
                #expect(
                    drifted.errors.hasPrefix(
                        "seawall: error: what is live is not state 2 (Old): our nft table has to be in force [docker-nft-no-table]\n"
                    ), "\(drifted)")
            }
        }
    }
}

extension TrialHost {
    /// Runs `seawall` on the host, with words that are known only then.
    func ask(_ arguments: [String], faults: String = "") async throws -> ShellOutcome {
        try await run(Executable.path, arguments + ["--netns", lab[.router].name], environment: variables(faults))
    }

    /// The policies of FORWARD, IPv4 first.
    func policies(_ place: DockerPlace) async throws -> [String] {
        let variant = place == .nft ? "nft" : "legacy"
        return try ["iptables", "ip6tables"].map { tool in
            let text = try Program.demand(["\(tool)-\(variant)-save", "-t", "filter"], in: lab[.router])
            let line = text.split(separator: "\n").first { $0.hasPrefix(":FORWARD ") } ?? ""
            return line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        }
    }

    /// All lines about `DOCKER-USER`.
    func dockerUserLines() async throws -> [String] {
        try await state().split(separator: "\n").map(String.init).filter { $0.contains("DOCKER-USER") }
    }
}
