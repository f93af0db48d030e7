import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport
import Testing

extension HostSuite {
    /// Rules move from iptables to nft and back while packets pass.
    @Suite struct MigrateTests {
        @Test(
            "there and back: nothing leaks, nothing is refused, and what others have stays",
            arguments: TrialHost.Variant.allCases)
        func thereAndBack(_ variant: TrialHost.Variant) async throws {
            try await TrialHost.withUserRules(variant) { host in
                let before = try await host.state()
                let patrol = try host.patrol()
                for _ in 0..<(TestEnvironment.isLong ? 20 : 3) {
                    try await host.must("migrate", "--observe", "0")
                    let left = try await host.dockerUser()
                    #expect(
                        left == Array(repeating: "-A DOCKER-USER -p tcp -m multiport --dports 22,2222 -j f2b", count: 2)
                    )
                    #expect(try await host.state().contains("table inet seawall"))
                    try await host.must("migrate", "--back")
                    #expect(try await host.state() == before)
                }
                let report = try patrol.end()
                print("\(variant): \(report)")
                #expect(report.leaked == 0 && report.refused == 0 && report.sent.allowed > 10, "\(report)")
                let again = try await host.seawall("migrate", "--back")
                #expect(again.status == 4)
                #expect(
                    again.errors
                        == "seawall: error: there is no migration to go back from: `seawall history` lists what was done to this host [nothing-to-move-back]\n"
                )
            }
        }

        @Test("a plan touches nothing, and says what would be done")
        func plans() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let before = try await host.state()
                let plan = try await host.must("migrate", "--plan")
                #expect(try await host.state() == before)
                #expect(
                    plan.hasPrefix(
                        """
                        would move 6 of 8 rules of DOCKER-USER to nft, table inet seawall
                        iptables-legacy: 3 of 4
                          stays    -p tcp -m multiport --dports 22,2222 -j f2b  (the chain 'f2b' is fail2ban's, which fills it again and again)

                        """), "\(plan)")
                #expect(
                    plan.hasSuffix(
                        """
                        steps
                          1. write down what is live, and that a change is under way
                          2. load the table inet seawall (6 rules) in one transaction: from here on a packet has to pass both
                          3. read the table back, and prove that it is what was meant
                          4. observe both for 30 s: of what nft lets pass, a rule that moves must stop nothing
                          5. take 3 rules out of DOCKER-USER of iptables-legacy, in one transaction
                          6. take 3 rules out of DOCKER-USER of ip6tables-legacy, in one transaction
                          7. read both back, and compare
                          8. keep the state: a start of the host loads it, `seawall migrate --back` undoes it

                        """), "\(plan)")
            }
        }

        @Test("both are observed, and a rule of iptables that stops what nft let pass ends it")
        func observes() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let before = try await host.state()
                let patrol = try host.patrol()
                async let outcome = host.seawall("migrate", "--observe", "20s")
                try await host.waitFor("the table is loaded") {
                    try await host.state().contains("table inet seawall")
                }
                try await Task.sleep(for: .milliseconds(1500))
                try Program.demand(["nft", "flush", "chain", "inet", "seawall", "DOCKER-USER"], in: host.lab[.router])
                let result = try await outcome
                let report = try patrol.end()
                #expect(result.status == 4, "\(result)")
                #expect(result.errors.contains("iptables-legacy: a rule stopped "), "\(result.errors)")
                #expect(result.errors.contains("[migration-disagrees]"), "\(result.errors)")
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
                let seen = try await host.must("migrate", "--observe", "1s")
                #expect(
                    seen.contains(
                        "observed: 1 s with both in force: nft stopped 0 packets, and of the 0 that it let pass"),
                    "\(seen)")
            }
        }

        @Test("a rule that somebody takes away while both are in force undoes all of it")
        func rulesGone() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let before = try await host.state()
                let patrol = try host.patrol()
                async let outcome = host.seawall("migrate", "--observe", "3s")
                try await host.waitFor("the table is loaded") {
                    try await host.state().contains("table inet seawall")
                }
                let rule = try #require(try host.dockerUserOf(.ip6).last)
                try Program.demand(["sh", "-c", "ip6tables-legacy -w -D DOCKER-USER \(rule)"], in: host.lab[.router])
                let result = try await outcome
                let report = try patrol.end()
                #expect(
                    result.errors.hasSuffix(
                        """
                        seawall: error: ip6tables-legacy: somebody else has changed DOCKER-USER meanwhile: a rule that moves is not there any more [rules-gone]
                        seawall: note: the host is as it was before

                        """), "\(result)")
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
            }
        }

        @Test("unless it is confirmed, it goes back exactly")
        func notConfirmed() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let before = try await host.state()
                let patrol = try host.patrol()
                try await host.must("migrate", "--observe", "0", "--confirm-within", "1s")
                // fail2ban bans somebody meanwhile, in the chain itself.
                let ban = "-s 203.0.113.77/32 -j REJECT --reject-with icmp-port-unreachable"
                try Program.demand(
                    ["sh", "-c", "iptables-legacy -w -I DOCKER-USER 1 \(ban)"], in: host.lab[.router])
                try await Task.sleep(for: .seconds(2))
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.dockerUser().first == "-A DOCKER-USER \(ban)")
                try Program.demand(["iptables-legacy", "-w", "-D", "DOCKER-USER", "1"], in: host.lab[.router])
                #expect(try await host.state() == before)
            }
        }

        @Test("ACCEPT is kept by a mark, or refused with what it would open and close")
        func accepts() async throws {
            try await TrialHost.withUserRules(.legacy, verdict: "ACCEPT") { host in
                for family in AddressFamily.allCases {
                    try host.lab.loadDockerUser(
                        host.dockerUserOf(family).filter { !$0.contains("-j f2b") }, family)
                    try host.lab.appendToForward(["-i eth0 -p tcp -m conntrack --ctorigdstport 8080 -j DROP"], family)
                }
                let before = try await host.state()
                let refused = try await host.seawall("migrate", "--observe", "0")
                #expect(refused.status == 3 && refused.errors.contains("[migration-accept]"), "\(refused)")
                let used = try await host.seawall("migrate", "--observe", "0", "--accept-mark", "0x2/0x2")
                #expect(used.status == 3)
                #expect(
                    used.errors
                        == """
                        seawall: error: other rules use bits of the mark 0x2/0x2: -A PREROUTING -m dscp --dscp 0x02 -j MARK --set-xmark 0x2/0xffffffff (table mangle) [mark-in-use]
                        seawall: note: choose bits with `--accept-mark` that nothing on this host uses

                        """)
                #expect(try await host.state() == before)
                try host.lab.loadNFT(
                    """
                    table inet shaping {
                        chain up {
                            type filter hook postrouting priority 0;
                            meta mark set mark or 0x60
                        }
                    }

                    """)
                let foreign = try await host.seawall("migrate", "--observe", "0", "--accept-mark", "0x40/0x40")
                #expect(
                    foreign.errors
                        == """
                        seawall: error: other rules use bits of the mark 0x40/0x40: a rule of the chain 'up' sets bits of it (handle 2) (table inet shaping) [mark-in-use]
                        seawall: note: choose bits with `--accept-mark` that nothing on this host uses

                        """)
                try Program.demand(["nft", "delete", "table", "inet", "shaping"], in: host.lab[.router])
                #expect(try await host.state() == before)
                let patrol = try host.patrol()
                let kept = try await host.seawall("migrate", "--observe", "0", "--accept-mark", "0x40/0x40")
                #expect(!kept.errors.contains("mark-rule"), "\(kept)")
                try await host.bootBringsBackTheMarkRule()
                let left = try await host.dockerUser()
                #expect(left == Array(repeating: "-A DOCKER-USER -m mark --mark 0x40/0x40 -j ACCEPT", count: 2))
                let back = try await host.seawall("migrate", "--back")
                let report = try patrol.end()
                #expect(kept.status == 0 && back.status == 0, "\(kept) \(back)")
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
            }
        }

        @Test("a policy of Seawall's moves, and comes back", arguments: ["docker-user", "own-chain"])
        func movesPolicy(_ layout: String) async throws {
            try await TrialHost.with(.iptables) { host in
                if layout == "docker-user" {
                    for family in AddressFamily.allCases { try host.lab.loadDockerUser([], family) }
                }
                let foreign = try await host.dockerUser()
                try await host.must("apply", host.old, "--backend", "iptables", "--ipset")
                let before = try await host.state()
                let patrol = try host.patrol()
                try await host.must("migrate", "--observe", "0")
                #expect(try await host.dockerUser() == foreign)
                #expect(try await !host.state().contains("SEAWALL"))
                #expect(try await host.must("status").contains("in sync"))
                try await host.must("migrate", "--back")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
            }
        }

        @Test("the systemd units are written, and taken back where the migration wrote them")
        func writesUnits() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let root = host.folder.path + "/root"
                let folder = root + "/etc/systemd/system"
                let planned = try await host.must("migrate", "--plan", "--root", root)
                #expect(planned.hasSuffix("  9. write the systemd units that load it\n"), "\(planned)")
                let moved = try await host.must("migrate", "--observe", "0", "--root", root)
                #expect(moved.contains("\nwrote \(folder)/seawall.service\n"), "\(moved)")
                #expect(moved.hasSuffix("\nlinked \(folder)/docker.service.wants/seawall-twin.service\n"), "\(moved)")
                let back = try await host.must("migrate", "--back", "--root", root)
                #expect(back.contains("\nremoved \(folder)/seawall.service\n"), "\(back)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
                // Those that somebody else has installed stay.
                let installed = try await run(
                    Executable.path, ["install", "--root", root], environment: host.variables())
                #expect(installed.status == 0, "\(installed)")
                let again = try await host.must("migrate", "--observe", "0", "--root", root)
                #expect(!again.contains("seawall.service"), "\(again)")
                #expect(try await !host.must("migrate", "--back", "--root", root).contains("removed"))
                #expect(FileManager.default.fileExists(atPath: folder + "/seawall.service"))
            }
        }

        @Test("units that cannot be written are said, and the rules have moved")
        func unitsFail() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let root = try host.folder.write("root", "no folder")
                let outcome = try await host.seawall("migrate", "--observe", "0", "--root", root)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(
                    outcome.errors.contains(
                        "warning: the rules have moved, and a start of the host does not load them: cannot make the folder '\(root)/etc"
                    ),
                    "\(outcome)")
                #expect(outcome.errors.contains("[boot-files-not-written]"), "\(outcome)")
                let none = try await host.seawall("migrate", "--back", "--root", root)
                #expect(none.status == 0, "\(none)")
                let unwanted = try await host.must("migrate", "--observe", "0", "--root", root, "--no-install")
                #expect(!unwanted.contains("seawall.service"))
                try await host.must("migrate", "--back", "--root", root)
            }
        }

        @Test("rules that were moved are not taken away with Seawall")
        func isNotUninstalled() async throws {
            try await TrialHost.withUserRules(.legacy) { host in
                let before = try await host.state()
                try await host.must("migrate", "--observe", "0")
                let moved = try await host.state()
                let outcome = try await host.seawall("uninstall", "--rules", "--root", host.folder.path)
                #expect(outcome.status == 4 && outcome.errors.contains("[migration-in-force]"), "\(outcome)")
                #expect(try await host.state() == moved)
                // A start of the host loads the table again.
                try await host.forgetSeawall()
                #expect(try await host.must("boot") == "state 1 (Migrated) is in force\n")
                #expect(try await host.state() == moved)
                #expect(try await host.must("status").contains("in sync"))
                try await host.must("migrate", "--back")
                try await host.must("uninstall", "--rules", "--root", host.folder.path)
                #expect(try await host.state() == before)
            }
        }

        @Test("what cannot move stays, and what stands behind a rule that only stops moves")
        func movesAPart() async throws {
            let text = "-i eth0 -p tcp -m string --string GET --algo bm --to 200 -j DROP"
            try await TrialHost.withUserRules(.legacy, [text]) { host in
                let before = try await host.state()
                let patrol = try host.patrol()
                let moved = try await host.must("migrate", "--observe", "0")
                #expect(moved.contains("iptables-legacy: 3 of 5\n"), "\(moved)")
                #expect(moved.contains("  stays    -i eth0 -p tcp -m string"), "\(moved)")
                try await host.must("migrate", "--back")
                let report = try patrol.end()
                #expect(report.leaked == 0 && report.refused == 0, "\(report)")
                #expect(try await host.state() == before)
            }
        }
    }
}

extension TrialHost {
    /// A start of the host, before Docker's and beside it, puts the rule for the mark at the top of `DOCKER-USER`.
    fileprivate func bootBringsBackTheMarkRule() async throws {
        try await withNamespace { fresh in
            let states = "\(folder.path)/state/netns"
            try FileManager.default.copyItem(
                atPath: "\(states)/\(lab[.router].name)", toPath: "\(states)/\(fresh.name)")
            let jump = "-A FORWARD -j DOCKER-USER"
            let mark = "-A DOCKER-USER -m mark --mark 0x40/0x40 -j ACCEPT"
            func boot() async throws -> [String] {
                let outcome = try await run(Executable.path, ["boot", "--netns", fresh.name], environment: variables())
                #expect(outcome.output == "state 1 (Migrated) is in force\n", "\(outcome)")
                return try await fresh.must("iptables-legacy-save; ip6tables-legacy-save").split(separator: "\n")
                    .map(String.init).filter { $0.hasPrefix("-A") }
            }
            #expect(try await boot() == [jump, mark, jump, mark])
            // Docker 20.10 puts its RETURN at the end, and its own rules behind the jump.
            _ = try await fresh.must(
                "iptables-legacy -A DOCKER-USER -j RETURN; iptables-legacy -A FORWARD -o docker0 -j DROP")
            let docker = [jump, "-A FORWARD -o docker0 -j DROP", mark, "-A DOCKER-USER -j RETURN", jump, mark]
            #expect(try await boot() == docker)
            // A chain that Docker has made, or that comes from elsewhere.
            _ = try await fresh.must(
                "iptables-legacy -D DOCKER-USER 1; iptables-legacy -A DOCKER-USER \(mark.dropFirst("-A DOCKER-USER ".count))"
            )
            _ = try await fresh.must("ip6tables-legacy -D FORWARD 1")
            #expect(try await boot() == docker)
        }
    }

    /// The rules of `DOCKER-USER` of one family in iptables-legacy, without `-A DOCKER-USER`.
    fileprivate func dockerUserOf(_ family: AddressFamily) throws -> [String] {
        let tool = family == .ip ? "iptables-legacy-save" : "ip6tables-legacy-save"
        return try Program.demand([tool, "-t", "filter"], in: lab[.router]).split(separator: "\n").filter {
            $0.hasPrefix("-A DOCKER-USER ")
        }.map { String($0.dropFirst("-A DOCKER-USER ".count)) }
    }
}
