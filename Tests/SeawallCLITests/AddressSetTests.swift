import TestSupport
import Testing

/// Sets of ipset beside the rules that ask them.
struct AddressSetTests {
    private static let addresses = (0..<9).map { "\"192.0.2.\($0 * 2 + 1)\"" }.joined(separator: ",")
    private static let policy = TestPolicy(
        #""verdict":"drop","from":[\#(addresses)]"#,
        #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#)

    private func compile(_ options: String..., in folder: TestFolder) async throws -> ShellOutcome {
        try await run(
            Executable.path, ["compile", "-", "--backend", "iptables", "--ipset"] + options,
            input: Self.policy.document, folder: folder.path)
    }

    @Test func setsStandInAFileOfTheirOwn() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("-o", "out/", in: folder).summary == "exit 0\n")
            #expect(TestFolder(path: folder.path + "/out").names == ["rules.ipset", "rules.v4", "rules.v6"])
            let sets = folder.read("out/rules.ipset") ?? ""
            #expect(
                sets.hasPrefix(
                    """
                    # seawall 0.1.0: sets of ipset, policy Test
                    # load with: ipset restore; before the rules, which ask these sets
                    create sw-r0000100-s4-new hash:net family inet hashsize 64 maxelem 2147483648 -exist
                    flush sw-r0000100-s4-new
                    add sw-r0000100-s4-new 192.0.2.1

                    """))
            let rules = folder.read("out/rules.v4") ?? ""
            #expect(rules.contains("# load the sets first: 'ipset restore' with rules.ipset\n"))
            #expect(rules.contains("-A DOCKER-USER -i eth0 -m set --match-set sw-r0000100-s4 src "))
            #expect(folder.read("out/rules.v6")?.contains("set") == false)
        }
    }

    @Test func setsComeFirstOnStandardOutput() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            let outcome = try await compile("--family", "ip", in: folder)
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("# seawall 0.1.0: sets of ipset, policy Test\n"))
            #expect(
                outcome.output.contains("destroy sw-r0000100-s4-new\n\n# seawall 0.1.0: iptables (ip), policy Test\n"))
        }
    }

    @Test func aNameMayHoldWhatItIsFor() async throws {
        try await withFolder { (folder: TestFolder) async throws in
            #expect(try await compile("-o", "fw.%f", in: folder).status == 0)
            #expect(folder.names == ["fw.ipset", "fw.v4", "fw.v6"])
            let outcome = try await compile("--family", "ip", "-o", "fw", in: folder)
            #expect(
                outcome.summary == """
                    exit 2
                    seawall: error: there are files of rules and one of the sets that they ask, and 'fw' is one name: name a folder, or put %f where v4, v6 and ipset are to stand [one-file-for-two]

                    """)
        }
    }

    @Test func setsAreForIptablesAlone() async throws {
        for options in [["--backend", "nft"], ["--for", "netfilter-persistent"]] {
            let outcome = try await run(
                Executable.path, ["compile", "-", "--ipset"] + options, input: Self.policy.document)
            #expect(outcome.status != 0)
            #expect(
                outcome.errors.contains(
                    "--ipset is for --backend iptables: a boot service loads rules alone, and no sets"))
        }
    }

    @Test func theProofSpeaksOfTheSets() async throws {
        let outcome = try await run(
            Executable.path, ["compile", "-", "--backend", "iptables", "--ipset", "--json"],
            input: Self.policy.document)
        let text = outcome.output.replacing(" ", with: "")
        #expect(text.contains(#""ip":"equal""#) && text.contains(#""ip6":"equal""#), "\(outcome.output)")
    }
}
