import TestSupport
import Testing

/// `seawall migrate --from`: a migration on paper, and what it refuses.
@Suite struct MigrateTests {
    private let forward = """
        :FORWARD DROP [0:0]
        :DOCKER-USER - [0:0]
        :f2b-sshd - [0:0]
        :ufw-user-forward - [0:0]
        -A FORWARD -j DOCKER-USER
        -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A FORWARD -i docker0 ! -o docker0 -j ACCEPT

        """

    private func migrate(_ rules: [String], _ options: String...) async throws -> ShellOutcome {
        try await withFolder { folder in
            let lines = rules.map { "-A \($0)\n" }.joined()
            try folder.write("rules.v4", "*filter\n:own - [0:0]\n\(forward)\(lines)COMMIT\n")
            return try await run(
                Executable.path, ["migrate", "--from", "rules.v4", "-o", "out"] + options, folder: folder.path)
        }
    }

    private let port = "-p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL"

    @Test func aDumpBecomesAPolicyATableAndSteps() async throws {
        try await withFolder { folder in
            let rules = [
                "DOCKER-USER -p tcp -m multiport --dports 22 -j f2b-sshd",
                "DOCKER-USER -s 192.0.2.1/32 -i eth0 \(port) -j RETURN", "DOCKER-USER -i eth0 \(port) -j DROP",
                "DOCKER-USER -j RETURN", "f2b-sshd -s 203.0.113.9/32 -j DROP", "f2b-sshd -j RETURN",
            ]
            try folder.write("rules.v4", "*filter\n\(forward)\(rules.map { "-A \($0)\n" }.joined())COMMIT\n")
            let made = try await run(
                Executable.path, ["migrate", "--from", "rules.v4", "-o", "out", "--observe", "0"], folder: folder.path)
            #expect(
                made.output == """
                    would move 2 of 4 rules of DOCKER-USER to nft, table inet seawall
                    iptables-legacy: 2 of 4
                      stays    -p tcp -m multiport --dports 22 -j f2b-sshd  (the chain 'f2b-sshd' is fail2ban's, which fills it again and again)
                      stays    -j RETURN  (it is Docker's)
                    proved: the rules for nft are what was read, packet for packet
                    proved: nft, and what is left in DOCKER-USER behind it, treat every packet as DOCKER-USER does now (iptables-legacy, IPv4)
                    steps
                      1. write down what is live, and that a change is under way
                      2. load the table inet seawall (2 rules) in one transaction: from here on a packet has to pass both
                      3. read the table back, and prove that it is what was meant
                      4. take 2 rules out of DOCKER-USER of iptables-legacy, in one transaction
                      5. read both back, and compare
                      6. keep the state: a start of the host loads it, `seawall migrate --back` undoes it
                    wrote out/Policy.swift
                    wrote out/seawall.nft.json
                    wrote out/seawall.nft
                    wrote out/remaining.v4
                    wrote out/migration.txt

                    """)
            #expect(
                folder.read("out/remaining.v4") == """
                    # load with: iptables-legacy-restore --noflush
                    *filter
                    :DOCKER-USER - [0:0]
                    -A DOCKER-USER -p tcp -m multiport --dports 22 -j f2b-sshd
                    -A DOCKER-USER -j RETURN
                    COMMIT

                    """)
            let proved = try await run(
                Executable.path, ["prove", "out/Policy.swift", "out/seawall.nft.json", "--family", "ip"],
                folder: folder.path)
            #expect(proved.status == 0, "\(proved)")
        }
    }

    @Test func whatMayLetPacketsThroughIsNotPassedOver() async throws {
        let outcome = try await migrate([
            "DOCKER-USER -j ufw-user-forward", "DOCKER-USER -i eth0 \(port) -j DROP",
            "ufw-user-forward -s 192.0.2.7/32 -j DROP",
        ])
        #expect(
            outcome.summary == """
                exit 3
                seawall: error: no rule of DOCKER-USER can be moved to nft [nothing-to-migrate]
                seawall: note: iptables-legacy: -A DOCKER-USER -j ufw-user-forward: the chain 'ufw-user-forward' is ufw's, which fills it again and again
                seawall: note: iptables-legacy: -A DOCKER-USER -i eth0 \(port) -j DROP: it stands behind a rule that cannot move
                seawall: note: `--move ufw-user-forward` moves the chain, if nobody fills it any more

                """)
    }

    @Test func findingsNameTheChainAndTheRuleInIt() async throws {
        let outcome = try await migrate(
            [
                "DOCKER-USER -j own", "own -s 192.0.2.0/24 -j RETURN", "own -i eth0 -j DROP",
            ], "--observe", "0")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.errors.hasPrefix(
                "iptables-legacy own:2: warning: the rule drops replies of connections that are allowed [cuts-replies]\n"
            ),
            "\(outcome)")
    }

    @Test func aRuleThatOnlyCountsMovesAndIsNoMistake() async throws {
        let rules = ["DOCKER-USER -p tcp", "DOCKER-USER -i eth0 -p udp -m conntrack --ctdir ORIGINAL -j DROP"]
        let outcome = try await migrate(rules, "--observe", "0")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("would move 2 of 2 rules of DOCKER-USER to nft"), "\(outcome)")
        #expect(!outcome.errors.contains("[matches-nothing]"), "\(outcome)")
    }

    @Test func whatOnlyCountsByAMatchWithoutAFormStays() async throws {
        for target in ["", " -j LOG"] {
            let outcome = try await migrate(
                [
                    "DOCKER-USER -m physdev --physdev-is-bridged\(target)",
                    "DOCKER-USER -i eth0 -p udp -m conntrack --ctdir ORIGINAL -j DROP",
                ], "--observe", "0")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.contains("\n  stays    -m physdev --physdev-is-bridged\(target)  ("), "\(outcome)")
        }
    }

    @Test func aChainThatNobodyFillsAnyMoreIsMoved() async throws {
        let rules = ["DOCKER-USER -j ufw-user-forward", "ufw-user-forward -s 192.0.2.7/32 -j DROP"]
        let outcome = try await migrate(rules, "--move", "ufw-user-forward", "--observe", "0")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("would move 1 of 1 rule of DOCKER-USER to nft"), "\(outcome)")
        let both = try await migrate(rules, "--move", "ufw-user-forward", "--keep", "ufw-user-forward")
        #expect(both.status == 2)
        #expect(both.errors.contains("--keep and --move both name the chain 'ufw-user-forward'"), "\(both)")
    }

    @Test func whatHandsOnAndHasNoFormInNFTStaysWithAllBehindIt() async throws {
        let outcome = try await migrate([
            "DOCKER-USER -m physdev --physdev-is-bridged -j RETURN", "DOCKER-USER -i br-+ -o br-+ -j DROP",
        ])
        #expect(
            outcome.summary == """
                exit 3
                seawall: error: no rule of DOCKER-USER can be moved to nft [nothing-to-migrate]
                seawall: note: iptables-legacy: -A DOCKER-USER -m physdev --physdev-is-bridged -j RETURN: cannot be expressed in nft: the match 'physdev' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'physdev' first
                seawall: note: iptables-legacy: -A DOCKER-USER -i br-+ -o br-+ -j DROP: it stands behind a rule that cannot move

                """)
    }

    @Test func aLimitIsNotAskedBeforeARuleThatStays() async throws {
        let outcome = try await migrate([
            "DOCKER-USER -j f2b-sshd", "DOCKER-USER -i eth0 \(port) -m limit --limit 1/sec -j DROP",
            "f2b-sshd -s 192.0.2.7/32 -j DROP",
        ])
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("its limit would count packets that a rule before it stops"), "\(outcome)")
    }

    @Test func acceptThatIsNotReturnHereIsRefused() async throws {
        let outcome = try await migrate(["DOCKER-USER -s 192.0.2.1/32 -i eth0 -o virbr0 -j ACCEPT"])
        #expect(outcome.status == 3)
        #expect(
            outcome.errors.hasPrefix(
                "seawall: error: ACCEPT overrides the rules behind DOCKER-USER, which nft's accept does not, and on this host that is not what RETURN does: a "
            ), "\(outcome)")
        #expect(outcome.errors.contains("seawall: note: `--accept-mark 0x2/0x2` keeps it"), "\(outcome)")
        let kept = try await migrate(
            ["DOCKER-USER -s 192.0.2.1/32 -i eth0 -o virbr0 -j ACCEPT"], "--accept-mark", "0x2/0x2")
        #expect(kept.status == 0, "\(kept)")
        #expect(kept.output.contains("  new      -m mark --mark 0x2/0x2 -j ACCEPT  (what ACCEPT becomes)"))
    }

    @Test func acceptThatIsReturnHereIsTakenForIt() async throws {
        let outcome = try await migrate([
            "DOCKER-USER -i docker0 -o eth0 -j ACCEPT", "DOCKER-USER -i eth0 \(port) -j DROP",
        ])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.output.contains(
                "proved: nft, and FORWARD as it will be behind it, treat every packet as FORWARD does now"),
            "\(outcome.output)")
    }

    @Test func rulesBeforeDockerUserThatLetPacketsThroughAreSeen() async throws {
        try await withFolder { folder in
            try folder.write(
                "rules.v4",
                """
                *filter
                :FORWARD ACCEPT [0:0]
                :DOCKER-USER - [0:0]
                -A FORWARD -i wg0 -j ACCEPT
                -A FORWARD -j DOCKER-USER
                -A DOCKER-USER \(port) -j DROP
                COMMIT

                """)
            let outcome = try await run(
                Executable.path, ["migrate", "--from", "rules.v4", "-o", "out"], folder: folder.path)
            #expect(outcome.status == 3)
            #expect(
                outcome.errors.contains("moved to nft, the rules would not mean the same: ")
                    && outcome.errors.contains("[migration-not-proved]"), "\(outcome)")
        }
    }

    @Test(arguments: [
        (["--back", "--from", "a"], "--from writes files: name a folder with -o"),
        (["--back", "--twin"], "--back goes to what was before: of the other options it takes --plan and --netns"),
        (
            ["--plan", "--confirm-within", "5s"],
            "--plan changes nothing that could be confirmed: leave out --confirm-within"
        ), (["--fix"], "--fix is for what --check docker-nftables finds: name that as well"),
        (["--back", "--fix"], "--fix is for what --check docker-nftables finds: name that as well"),
        (
            ["--check", "docker-nftables", "--plan"],
            "--check touches nothing, and takes --netns and --json alone, or --fix"
        ),
        (
            ["--check", "docker-nftables", "--confirm-within", "5s"],
            "--check touches nothing, and takes --netns and --json alone, or --fix"
        ),
        (
            ["--check", "docker-nftables", "--fix", "--back"],
            "--check is about Docker's own nft backend: leave out --back, --from and -o"
        ),
    ])
    func optionsThatDoNotGoTogether(_ options: [String], _ message: String) async throws {
        let outcome = try await run(Executable.path, ["migrate"] + options)
        #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome)")
    }
}
