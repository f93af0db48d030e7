import Deployment
import Diagnostics
import IPTablesBackend
import PacketModel
import Testing

/// Sets of addresses in a real kernel, under both variants of iptables.
@Suite(.enabled(if: KernelTests.areEnabled, KernelTests.reason))
struct IPSetKernelTests {
    private let tools = HostTools(executable: TestExecutable.path)

    private func withDocker(
        _ variant: IPTablesVariant, _ body: (TestNamespace, IPTablesApplier) async throws -> Void
    ) async throws {
        try await withNamespace { host in
            let text = "*filter\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\nCOMMIT\n"
            for family in AddressFamily.allCases {
                try await host.shell("\(variant.restoreTool(family)) --noflush", input: text)
            }
            try await body(host, IPTablesApplier(tools: tools, namespace: host.namespace))
        }
    }

    private func addresses(_ texts: [String]) -> IPAddressSet {
        IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
    }

    /// A program whose one rule drops what comes from, or goes to, a set.
    private func program(
        _ family: AddressFamily, _ texts: String..., side: String = "src", target: IPTablesTarget = .drop
    ) -> IPTablesProgram {
        let name = "sw-aaaaaaaa-s\(family == .ip ? 4 : 6)"
        let asked = IPTablesMatch.module("set", options: [IPTablesOption("--match-set", [name, side])])
        var program = IPTablesProgram(
            family: family, entry: [IPTablesRule([asked, .comment("sw:aaaaaaaa")], target: target)], chains: [])
        program.sets = [IPSet(name: name, family: family, addresses: addresses(texts))]
        return program
    }

    private func sets(_ host: TestNamespace) async throws -> [String: IPSet] {
        IPSetListing(try await host.shell("ipset save")).sets
    }

    private func asked(_ host: TestNamespace, _ variant: IPTablesVariant, _ family: AddressFamily = .ip) async throws
        -> String
    {
        let text = try await host.shell(variant.saveTool(family))
        let line = text.split(separator: "\n").first { $0.hasPrefix("-A DOCKER-USER") && $0.contains("--match-set") }
        return line?.split(separator: " ").first { $0.hasPrefix("sw-") }.map(String.init) ?? ""
    }

    @Test(arguments: IPTablesVariant.allCases)
    func setsComeBeforeTheirRulesAndFormerOnesGo(variant: IPTablesVariant) async throws {
        try await withDocker(variant) { host, applier in
            let first = [program(.ip, "10.0.0.0/8", "192.0.2.1-192.0.2.9"), program(.ip6, "2001:db8::/32", "fd00::1")]
            try await applier.apply(try await applier.plan(first))
            #expect(try await asked(host, variant) == "sw-aaaaaaaa-s4")
            #expect(try await sets(host)["sw-aaaaaaaa-s4"] == first[0].sets[0])
            #expect(try await sets(host)["sw-aaaaaaaa-s6"] == first[1].sets[0])
            let shown = try await LoadedState.read(
                tools: tools, nft: NFTProcessRunner(executable: TestExecutable.path, namespace: host.namespace),
                namespace: host.namespace)
            #expect(
                shown.text.hasSuffix(
                    """
                    ipset: 2 sets of addresses
                      set sw-aaaaaaaa-s4: 5 entries
                      set sw-aaaaaaaa-s6: 2 entries

                    """), "\(shown.text)")
            // The same again: the sets stay.
            let again = try await applier.plan(first)
            #expect(again.sets.made.isEmpty && again.sets.obsolete.isEmpty)
            try await applier.apply(again)
            // Another content is another set, and the former one is gone.
            let second = [program(.ip, "10.0.0.0/8"), first[1]]
            try await applier.apply(try await applier.plan(second))
            #expect(try await asked(host, variant) == "sw-aaaaaaaa-s4..2")
            #expect(try await sets(host).keys.sorted() == ["sw-aaaaaaaa-s4..2", "sw-aaaaaaaa-s6"])
            // And back.
            try await applier.apply(try await applier.plan(first))
            #expect(try await sets(host).keys.sorted() == ["sw-aaaaaaaa-s4", "sw-aaaaaaaa-s6"])
            // A policy without sets takes them away.
            let none = AddressFamily.allCases.map {
                IPTablesProgram(family: $0, entry: [Programs.drop("b")], chains: [])
            }
            try await applier.apply(try await applier.plan(none))
            #expect(try await sets(host).isEmpty)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func whatFailsLeavesRulesAndSetsAsTheyWere(variant: IPTablesVariant) async throws {
        try await withDocker(variant) { host, applier in
            try await applier.apply(try await applier.plan([program(.ip, "10.0.0.0/8"), program(.ip6, "fd00::/8")]))
            let before = try await host.state()
            let sets = try await sets(host)
            // The second family's rules are refused: the kernel has no such chain.
            let bad = program(.ip6, "2001:db8::/32", target: .jump("SEAWALL-missing"))
            let plan = try await applier.plan([program(.ip, "172.16.0.0/12"), bad])
            await #expect(throws: DiagnosticError.self) { try await applier.apply(plan) }
            #expect(try await host.state() == before)
            #expect(try await self.sets(host) == sets)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func aDryRunLeavesNothing(variant: IPTablesVariant) async throws {
        try await withDocker(variant) { host, applier in
            let plan = try await applier.plan([program(.ip, "10.0.0.0/8")])
            let documents = try await applier.apply(plan, dryRun: true)
            #expect(documents.count == 1)
            #expect(try await host.shell("ipset list -n") == "")
            #expect(try await asked(host, variant) == "")
        }
    }

    @Test func setsOfOthersAreLeftAlone() async throws {
        try await withDocker(.legacy) { host, applier in
            try await host.shell(
                """
                ipset create sw-aaaaaaaa-s4 hash:ip family inet
                ipset create sw-others hash:net family inet
                ipset create sw-bbbbbbbb-s4 hash:net family inet
                iptables-legacy -A INPUT -m set --match-set sw-bbbbbbbb-s4 src -j DROP
                """)
            try await applier.apply(try await applier.plan([program(.ip, "10.0.0.0/8")]))
            let names = try await host.shell("ipset list -n").split(separator: "\n").sorted()
            // One of our names that is no set of ours is not asked, and what a rule asks stays.
            #expect(names == ["sw-aaaaaaaa-s4..2", "sw-bbbbbbbb-s4", "sw-others"])
        }
    }

    @Test func theTextIsLoadedAgainAndAgain() async throws {
        try await withNamespace { host in
            for texts in [["10.0.0.0/8"], ["10.0.0.0/8", "192.0.2.0/24", "0.0.0.0-9.255.255.255"], ["192.0.2.7"]] {
                let set = IPSet(name: "sw-aaaaaaaa-s4", family: .ip, addresses: addresses(texts))
                try await host.shell("ipset restore", input: IPSetDocument(replacing: [set], header: ["a header"]).text)
                #expect(try await sets(host) == [set.name: set])
            }
            let all = IPSet(name: "sw-aaaaaaaa-s6", family: .ip6, addresses: .all)
            try await host.shell("ipset restore", input: IPSetDocument(replacing: [all]).text)
            #expect(try await sets(host)["sw-aaaaaaaa-s6"]?.addresses == all.addresses.complement.complement.only6)
        }
    }

    /// Packets are counted by a rule while the set that it asks is swapped again and again.
    @Test(arguments: IPTablesVariant.allCases)
    func swappingLosesNoPacket(variant: IPTablesVariant) async throws {
        try await withNamespace { host in
            let one = IPSet(name: "sw-aaaaaaaa-d4", family: .ip, addresses: addresses(["127.0.0.5", "10.0.0.0/8"]))
            let other = IPSet(name: "sw-aaaaaaaa-d4", family: .ip, addresses: addresses(["127.0.0.0/29"]))
            let texts = [one, other].map { IPSetDocument(replacing: [$0]).text }
            let tool = variant.saveTool(.ip).replacing("-save", with: "")
            let numbers = try await host.shell(
                """
                ip link set lo up
                folder=$(mktemp -d); cat > $folder/sets
                sed '/^---$/,$d' $folder/sets > $folder/one; sed '1,/^---$/d' $folder/sets > $folder/other
                ipset restore < $folder/one
                \(tool) -A OUTPUT -p udp -m set --match-set sw-aaaaaaaa-d4 dst -j DROP
                (for i in $(seq 50); do ipset restore < $folder/other; ipset restore < $folder/one; done
                    touch $folder/done) &
                bash -c 'n=0; while [ ! -e $0/done ]; do
                    for i in $(seq 50); do echo x > /dev/udp/127.0.0.5/9; done; n=$((n + 50)); done
                    echo $n' $folder 2>/dev/null
                wait
                \(tool)-save -c | sed -n 's/^\\[\\([0-9]*\\):.*--match-set.*/\\1/p'
                rm -r $folder
                """, input: texts.joined(separator: "---\n"))
            let counts = numbers.split(separator: "\n").compactMap { Int($0) }
            #expect(counts.count == 2 && counts[0] == counts[1] && counts[0] >= 50, "sent, counted: \(counts)")
        }
    }

    /// What a set holds is what a rule for each of its addresses would match, under both variants.
    @Test(arguments: IPTablesVariant.allCases)
    func packetsMeetTheSameFateWithSets(variant: IPTablesVariant) async throws {
        let listed = ["127.0.0.4/30", "127.0.1.1", "127.0.2.0-127.0.2.5", "127.1.0.0/16"]
        let asked = [
            "127.0.0.3", "127.0.0.4", "127.0.0.7", "127.0.0.8", "127.0.1.1", "127.0.1.2", "127.0.2.0", "127.0.2.5",
            "127.0.2.6", "127.0.255.255", "127.1.0.0", "127.1.255.255", "127.2.0.0",
        ]
        try await withNamespace { host in
            let set = addresses(listed)
            let document = IPSetDocument(making: [IPSet(name: "sw-aaaaaaaa-d4", family: .ip, addresses: set)])
            try await host.shell("ip link set lo up; ipset restore", input: document.text)
            let tool = variant.saveTool(.ip).replacing("-save", with: "")
            let lines = set.ranges(of: .ip).map { range in
                "\(tool) -A LINES -m iprange --dst-range \(range.first)-\(range.last) -j RETURN"
            }
            let script = """
                \(tool) -N LINES
                \(lines.joined(separator: "\n"))
                \(tool) -A LINES -m comment --comment others
                \(tool) -A OUTPUT -p udp -m set --match-set sw-aaaaaaaa-d4 dst -m comment --comment in
                \(tool) -A OUTPUT -p udp -m set ! --match-set sw-aaaaaaaa-d4 dst -m comment --comment out
                \(tool) -A OUTPUT -p udp -j LINES
                for address in \(asked.joined(separator: " ")); do
                    \(tool) -Z; bash -c "echo x > /dev/udp/$address/9" 2>/dev/null || true
                    \(tool)-save -c | sed -n 's/^\\[\\([0-9]*\\):.*--comment \\(.*\\)/\\2\\1/p' | sort | tr '\\n' ' '
                    echo $address
                done
                """
            let fates = try await host.shell(script).split(separator: "\n").map(String.init)
            let expected = asked.map { text in
                let isIn = IPAddress(text).map(set.contains) == true
                return isIn ? "in1 others0 out0 \(text)" : "in0 others1 out1 \(text)"
            }
            #expect(fates == expected)
        }
    }

    @Test func withoutTheToolSetsAreRefusedByName() async throws {
        let tools = FakeTools(
            listings: ["iptables-legacy-save": [Listings.docker], "iptables-nft-save": [""]], missing: ["ipset"])
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        let error = await #expect(throws: DiagnosticError.self) {
            try await applier.plan([program(.ip, "10.0.0.0/8")])
        }
        #expect(
            error?.diagnostics.map(\.text) == [
                "seawall: error: 'ipset' is neither in PATH nor in /usr/sbin or /sbin: install the Debian package 'ipset', or leave out '--ipset' [tool-missing]"
            ])
    }

    @Test func whatTheToolRefusesChangesNoRule() async throws {
        let tools = FakeTools(
            listings: ["iptables-legacy-save": [Listings.docker]],
            results: [
                "ipset": [
                    HostToolResult(), HostToolResult(code: 1, errors: "ipset v7.17: Kernel error received: no\n"),
                ]
            ])
        let applier = IPTablesApplier(tools: tools, variant: .legacy)
        let plan = try await applier.plan([program(.ip, "10.0.0.0/8")])
        let error = await #expect(throws: DiagnosticError.self) { try await applier.apply(plan) }
        #expect(
            error?.diagnostics.map(\.message) == [
                "'ipset restore' refuses the sets (exit code 1); the rules were not changed"
            ])
        #expect(await tools.loads.allSatisfy { $0.tool == "ipset" })
    }
}

extension IPAddressSet {
    fileprivate var only6: IPAddressSet { IPAddressSet(v6: v6) }
}
