import JSONC
import TestSupport
import Testing

/// `seawall status` says whether a host still treats packets as the applied policy does.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct StatusTests {
    /// A host on which a policy was applied, and what `status` then says without the time.
    private func withApplied(
        _ backend: String = "iptables", _ variant: String = "legacy", foreign: [String] = [],
        _ body: (CommandHost) async throws -> Void
    ) async throws {
        try await withHost(variant) { host in
            try await host.docker(foreign)
            try host.folder.write("policy.json", TestPolicy.office().document)
            try await host.must("apply", "policy.json", "--backend", backend)
            try await body(host)
        }
    }

    /// What is said, without when and by whom it was applied.
    private func status(_ host: CommandHost, _ options: String...) async throws -> (status: Int32, text: String) {
        let outcome = try await run(
            Executable.path, ["status", "--netns", host.namespace.name] + options,
            environment: ["SEAWALL_STATE_DIR": host.folder.path + "/state"], folder: host.folder.path)
        #expect(outcome.errors == "")
        let text = outcome.output.replacing(host.namespace.name, with: "HOST")
        guard let first = text.firstIndex(of: "\n"), let comma = text[..<first].lastRange(of: ", applied ") else {
            return (outcome.status, text)
        }
        return (outcome.status, String(text[..<comma.lowerBound] + text[first...]))
    }

    @Test(arguments: [("iptables", "legacy"), ("iptables", "nft"), ("nft", "legacy")], [false, true])
    func whatWasAppliedIsInSync(_ place: (backend: String, variant: String), isShared: Bool) async throws {
        let foreign = isShared ? ["-s 198.51.100.7/32 -j DROP", "-m recent --update --name bad -j DROP"] : []
        try await withApplied(place.backend, place.variant, foreign: foreign) { host in
            let found = try await status(host)
            let notes =
                isShared && place.backend == "iptables"
                ? "\nnote: iptables-\(place.variant): 2 rules of others in DOCKER-USER are asked behind Seawall's: "
                    + "-A DOCKER-USER -s 198.51.100.7/32 -j DROP and 1 more\n" : ""
            #expect(found.status == 0)
            #expect(found.text == "in sync with state 1: Test (\(place.backend))\n\(notes)", "\(found.text)")
        }
    }

    @Test func dockersOwnReturnIsNoDrift() async throws {
        try await withApplied { host in
            try await host.namespace.must("iptables-legacy -A DOCKER-USER -j RETURN")
            #expect(try await status(host).text == "in sync with state 1: Test (iptables)\n")
        }
    }

    @Test(arguments: ["legacy", "nft"]) func aRuleThatIsGoneIsNamedByItsLine(variant: String) async throws {
        try await withApplied("iptables", variant) { host in
            try await host.namespace.must("iptables-\(variant) -D DOCKER-USER 3")
            let found = try await status(host)
            #expect(found.status == 1)
            #expect(
                found.text == """
                    drifted from state 1: Test (iptables)

                    tcp 443
                      from 192.0.2.0/24, entering at eth0  should be dropped, is allowed  Policy.swift:8 (meant by Policy.swift:7)

                    1 difference (IPv4 and IPv6); replies and related ICMP errors as meant

                    - iptables-\(variant): the rules of Seawall's are not as they were loaded

                    to repair:
                      seawall apply --repair --netns HOST

                    """, "\(found.text)")
            try await host.must("apply", "--repair")
            #expect(try await status(host).status == 0)
        }
    }

    @Test func aRuleOfSomebodyElseIsNamedByItsText() async throws {
        try await withApplied { host in
            try await host.namespace.must(
                "iptables-legacy -I DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 443 --ctdir ORIGINAL -j DROP"
            )
            let found = try await status(host)
            let rule =
                "-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 443 --ctdir ORIGINAL -j DROP"
            #expect(found.status == 1)
            #expect(
                found.text.contains(
                    "should be allowed, is dropped  iptables-legacy: \(rule) (meant by Policy.swift:8)\n"),
                "\(found.text)")
            #expect(
                found.text.contains("- iptables-legacy: others have put rules among Seawall's: \(rule)\n"),
                "\(found.text)")
        }
    }

    @Test func dockersJumpThatIsGoneIsSaidWithItsRemedy() async throws {
        try await withApplied { host in
            try await host.namespace.must("ip6tables-legacy -D FORWARD -j DOCKER-USER")
            let found = try await status(host, "--limit", "1")
            #expect(found.status == 1)
            #expect(
                found.text.hasSuffix(
                    """

                    - ip6tables-legacy: DOCKER-USER is not reached: Docker's jump is gone, no rule leads there from FORWARD

                    to repair:
                      ip netns exec HOST ip6tables-legacy -I FORWARD 1 -j DOCKER-USER

                    """), "\(found.text)")
            #expect(found.text.contains("should be dropped, is allowed  no rule"), "\(found.text)")
            try await host.namespace.must("ip6tables-legacy -I FORWARD 1 -j DOCKER-USER")
            #expect(try await status(host).status == 0)
        }
    }

    @Test func anotherRuleBeforeOurJumpIsDriftWhereItChangesTraffic() async throws {
        try await withApplied(foreign: ["-s 198.51.100.7/32 -j DROP"]) { host in
            try await host.namespace.must("iptables-legacy -I DOCKER-USER -s 203.0.113.5/32 -j LOG")
            let harmless = try await status(host)
            #expect(harmless.status == 0)
            #expect(
                harmless.text.hasPrefix(
                    """
                    in sync with state 1: Test (iptables)

                    - iptables-legacy: the jump to SEAWALL is not the first rule of DOCKER-USER: before it stands -A DOCKER-USER -s 203.0.113.5/32 -j LOG

                    note: no packet is treated otherwise by that: `seawall apply --repair --netns HOST` writes it as it was

                    """), "\(harmless.text)")
            try await host.namespace.must("iptables-legacy -I DOCKER-USER -s 192.0.2.9/32 -j RETURN")
            let found = try await status(host)
            #expect(found.status == 1)
            #expect(
                found.text.contains(
                    "should be dropped, is allowed  iptables-legacy: -A DOCKER-USER -s 192.0.2.9/32 -j RETURN"),
                "\(found.text)")
            try await host.must("apply", "--repair")
            #expect(try await status(host).status == 0)
        }
    }

    @Test func aCommentIsANote() async throws {
        try await withApplied { host in
            try await host.namespace.must(
                "iptables-legacy -R DOCKER-USER 3 -s 192.0.2.0/24 -i eth0 -m comment --comment 'sw:r0000100 other' -j DROP"
            )
            let found = try await status(host)
            #expect(found.status == 0)
            #expect(
                found.text == """
                    in sync with state 1: Test (iptables)

                    - iptables-legacy: the rules of Seawall's are not as they were loaded

                    note: no packet is treated otherwise by that: `seawall apply --repair --netns HOST` writes it as it was

                    """, "\(found.text)")
        }
    }

    @Test func aTableThatWasChangedIsDrift() async throws {
        try await withApplied("nft") { host in
            try await host.namespace.must(
                "nft insert rule inet seawall containers iifname eth0 ip saddr 192.0.2.7 accept")
            let found = try await status(host)
            #expect(found.status == 1)
            #expect(
                found.text.contains(
                    """
                    all services
                      from 192.0.2.7, entering at eth0, also packets without a conntrack entry  should be dropped, is allowed  nft: containers: iifname "eth0" ip saddr 192.0.2.7 accept (meant by Policy.swift:7)
                    """), "\(found.text)")
            #expect(found.text.contains("- nft: the table inet seawall is not as it was loaded\n"), "\(found.text)")
            try await host.must("apply", "--repair")
            #expect(try await status(host).status == 0)
            try await host.namespace.must("nft delete table inet seawall")
            let gone = try await status(host, "--limit", "1")
            #expect(gone.status == 1 && gone.text.contains("- nft: there is no table inet seawall\n"), "\(gone.text)")
        }
    }

    @Test func whatTheOtherBackendHoldsIsDrift() async throws {
        try await withApplied { host in
            try await host.must("apply", "policy.json", "--backend", "nft")
            let found = try await status(host)
            #expect(found.status == 1)
            #expect(
                found.text.hasPrefix(
                    """
                    drifted from state 2: Test (nft)

                    - iptables-legacy, ip6tables-legacy still holds rules of a former policy of Seawall's: packets have to pass them as well

                    to repair:

                    """), "\(found.text)")
        }
    }

    @Test func whatIsOursAndNotUnderstoodIsUndecided() async throws {
        try await withApplied { host in
            try await host.namespace.must(
                "iptables-legacy -A DOCKER-USER -p tcp -m osf --genre Linux -m comment --comment sw:r0000100 -j DROP")
            let found = try await status(host)
            #expect(found.status == 5)
            #expect(
                found.text == """
                    not known whether in sync with state 1: Test (iptables)

                    - not compared: iptables-legacy, rules of Seawall's: -A DOCKER-USER -p tcp -m osf --genre Linux -m comment --comment sw:r0000100 -j DROP: the match 'osf' is not known
                    - iptables-legacy: the rules of Seawall's are not as they were loaded

                    to repair:
                      seawall apply --repair --netns HOST

                    """, "\(found.text)")
        }
    }

    @Test func withoutAPolicyThereIsNothingToCompare() async throws {
        try await withHost { host in
            let outcome = try await host.seawall("status")
            #expect(
                outcome.summary.hasPrefix(
                    "exit 4\nseawall: error: by what Seawall keeps of this host no policy of its is in force: there is nothing that it could be compared with [no-policy-in-force]\n"
                ), "\(outcome.summary)")
        }
    }

    @Test func anotherPolicyCanBeExpected() async throws {
        try await withApplied { host in
            try host.folder.write("other.json", TestPolicy.office(from: "203.0.113.128/25").document)
            let same = try await status(host, "--policy", "policy.json", "--backend", "iptables")
            #expect(same.status == 0 && same.text == "in sync with policy.json: Test (iptables)\n", "\(same.text)")
            let other = try await status(host, "--policy", "other.json", "--backend", "iptables")
            #expect(other.status == 1)
            #expect(
                other.text.contains("\n  seawall apply other.json --backend iptables --netns HOST\n"), "\(other.text)")
            let half = try await host.seawall("status", "--policy", "policy.json")
            #expect(half.status == 2 && half.errors.contains("--policy and --backend go together"), "\(half.summary)")
        }
    }

    @Test func monitoringReadsJSON() async throws {
        try await withApplied { host in
            try await host.namespace.must("iptables-legacy -D DOCKER-USER 3")
            let json = try JSONValue.parse(try await host.seawall("status", "--json").output)
            #expect(json["outcome"] == "drifted" && json["backend"] == "iptables")
            #expect(json["state"]?["number"] == 1)
            #expect(json["traffic"]?["changes"]?.array?.count == 1)
            #expect(json["problems"]?.array?.map { $0["id"]?.string } == ["rules-changed"])
            #expect(
                json["repair"]?.array?.map(\.string) == ["seawall apply --repair --netns \(host.namespace.name)"])
        }
    }
}

extension String {
    /// The last place of a text in a part of this one.
    fileprivate func lastRange(of text: String) -> Range<String.Index>? { self[...].lastRange(of: text) }
}

extension Substring {
    /// The last place of a text.
    fileprivate func lastRange(of text: String) -> Range<String.Index>? { ranges(of: text).last }
}
