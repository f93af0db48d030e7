import TestSupport
import Testing

/// `seawall import` as a user sees it, and the commands that take imported rules.
@Suite struct ImportTests {
    private let rules = """
        *filter
        :FORWARD DROP [0:0]
        :DOCKER-USER - [0:0]
        -A FORWARD -j DOCKER-USER
        -A DOCKER-USER -s 192.0.2.1/32 -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j RETURN
        -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP
        -A DOCKER-USER -s 192.0.2.7/32 -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -m comment --comment "too late" -j RETURN
        -A DOCKER-USER -j RETURN
        COMMIT

        """

    private func seawall(_ arguments: String..., rules: String? = nil) async throws -> ShellOutcome {
        try await withFolder { folder in
            try folder.write("rules.v4", rules ?? self.rules)
            return try await run(Executable.path, arguments, folder: folder.path)
        }
    }

    @Test func aRuleSetBecomesAPolicyThatMeansTheSame() async throws {
        try await withFolder { folder in
            try folder.write("rules.v4", rules)
            let made = try await run(Executable.path, ["import", "rules.v4", "-o", "policy"], folder: folder.path)
            #expect(
                made.output == """
                    rules.v4: containers (IPv4)
                    rules read     4
                    taken exactly  4
                    rewritten      0
                    kept by name   0
                    refused        0
                    left alone     1
                      rules.v4: the chain 'FORWARD' is not reached and left out, with 1 rule
                    findings       2
                    proved: the policy means what was read (containers, IPv4)
                    wrote policy/Policy.swift

                    """)
            #expect(made.status == 0)
            #expect(made.errors.contains("rules.v4:7: warning: the rule decides nothing"))
            expectGolden(folder.read("policy/Policy.swift") ?? "", "Import/Policy.swift.txt")
            let proof = try await run(Executable.path, ["prove", "rules.v4", "policy"], folder: folder.path)
            #expect(proof.status == 0 && proof.output.contains("equal (IPv4, containers)"))
        }
    }

    @Test func whatIsMadeGoesToStandardOutputAndTheReportToError() async throws {
        let ir = try await seawall("import", "rules.v4", "--to", "ir")
        #expect(
            ir.status == 0 && ir.output.hasPrefix("ruleset Imported\nscope containers families ip entry DOCKER-USER"))
        #expect(ir.errors.contains("rules read     4"))
        let document = try await seawall("import", "rules.v4", "--to", "document", "--json")
        #expect(document.status == 0 && document.output.contains("\"outcome\": \"imported\""))
    }

    @Test func refusedRulesAreAllNamedAndNothingIsWritten() async throws {
        try await withFolder { folder in
            try folder.write(
                "rules.v4",
                "*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -m geoip --src-cc XX -j DROP\n-A DOCKER-USER -j FOO --bar\nCOMMIT\n"
            )
            let outcome = try await run(Executable.path, ["import", "rules.v4", "-o", "out"], folder: folder.path)
            #expect(outcome.status == 3)
            #expect(outcome.errors.contains("rules.v4:3") && outcome.errors.contains("rules.v4:4"))
            #expect(folder.read("out/Policy.swift") == nil)
        }
    }

    @Test func everyCommandTakesRules() async throws {
        let explained = try await seawall("explain", "tcp 192.0.2.9:1 -> 198.51.100.1:8080 in eth0", "rules.v4")
        #expect(explained.status == 0 && explained.output.contains("rules.v4:6"))
        let checked = try await seawall("check", "rules.v4")
        #expect(checked.status == 0 && checked.output.hasPrefix("Imported: 4 rules, no errors"))
        let compiled = try await seawall("compile", "rules.v4", "--backend", "nft")
        #expect(compiled.status == 0 && compiled.output.contains("\"nftables\""))
    }

    @Test func acrossBothBackendsAndBack() async throws {
        try await withFolder { folder in
            try folder.write("a.v4", rules.replacing("RETURN", with: "ACCEPT"))
            let mark = ["--accept-mark", "0x40000000/0x40000000"]
            func seawall(_ arguments: [String]) async throws -> ShellOutcome {
                try await run(Executable.path, arguments, folder: folder.path)
            }
            let refused = try await seawall(["compile", "a.v4", "--backend", "nft"])
            #expect(refused.status == 3 && refused.errors.contains("a.v4:5: error:"))
            #expect(try await seawall(["compile", "a.v4", "--backend", "nft", "-o", "b.json"] + mark).status == 0)
            let proved = try await seawall(["prove", "a.v4", "b.json"] + mark)
            #expect(proved.status == 0 && proved.output.contains("assuming accept-mark: Docker accepts packets"))
            let same = try await seawall(["diff", "a.v4", "b.json"] + mark)
            #expect(
                same.status == 0 && same.output.contains("assumed: Docker accepts packets with the mark 0x40000000"))
            // Without the mark, setting it and leaving is not accepting.
            #expect(try await seawall(["prove", "a.v4", "b.json"]).status == 1)
            let back = ["compile", "b.json", "--family", "ip", "--backend", "iptables", "-o", "c.v4"] + mark
            #expect(try await seawall(back).status == 0)
            #expect(try await seawall(["prove", "a.v4", "c.v4"]).status == 0)
        }
    }

    @Test(arguments: [
        (["import"], "say what to read"), (["import", "a", "--host"], "say what to read"),
        (["import", "a", "--netns", "x"], "go with --host"), (["import", "a", "--name", "a b"], "Swift type"),
        (["import", "a", "--keep-unsupported"], "name a folder"),
    ])
    func wrongUseIsSaid(arguments: [String], words: String) async throws {
        let outcome = try await run(Executable.path, arguments)
        #expect(outcome.status == 2 && outcome.errors.contains(words))
    }
}
