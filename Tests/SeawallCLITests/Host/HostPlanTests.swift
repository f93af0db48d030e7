import JSONC
import TestSupport
import Testing

/// `seawall plan` says what applying a policy would change on a host, and changes nothing.
@Suite(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
struct HostPlanTests {
    private let foreign = "-s 198.51.100.7/32 -j DROP"

    private func arguments(_ backend: String, _ variant: String) -> [String] {
        ["--backend", backend] + (backend == "iptables" ? ["--variant", variant] : [])
    }

    @Test func aFirstPolicyIsToldByItsTraffic() async throws {
        try await withHost { host in
            try await host.docker()
            try host.folder.write("policy.json", TestPolicy.office().document)
            let outcome = try await host.seawall("plan", "policy.json", "--backend", "iptables")
            #expect(outcome.status == 1)
            expectGolden(outcome.output, "HostPlan/first.txt")
        }
    }

    @Test(arguments: [("iptables", "legacy"), ("iptables", "nft"), ("nft", "legacy")])
    func whatWasAppliedIsNothingToDo(backend: String, variant: String) async throws {
        try await withHost(variant) { host in
            try await host.docker([foreign])
            try host.folder.write("policy.json", TestPolicy.office().document)
            try await host.must("apply", "policy.json", "--backend", backend)
            let outcome = try await host.seawall("plan", "policy.json", "--backend", backend)
            let place = backend == "nft" ? "nft holds" : "iptables-\(variant) and ip6tables-\(variant) hold"
            #expect(outcome.status == 0)
            #expect(outcome.output == "nothing to do for Test: it is what \(place)\n")
            let json = try JSONValue.parse(
                try await host.seawall("plan", "policy.json", "--backend", backend, "--json").output)
            #expect(json["outcome"] == "nothing" && json["targets"] == [])
        }
    }

    @Test(arguments: [("iptables", "legacy"), ("iptables", "nft"), ("nft", "legacy")])
    func aChangeIsToldByPortAndRule(backend: String, variant: String) async throws {
        try await withHost(variant) { host in
            try await host.docker()
            try host.folder.write("old.json", TestPolicy.office().document)
            try host.folder.write(
                "new.json", TestPolicy.office(blocked: "192.0.2.0/25", from: "203.0.113.128/25").document)
            try await host.must("apply", "old.json", "--backend", backend)
            let outcome = try await host.seawall("plan", "new.json", "--backend", backend)
            #expect(outcome.status == 1)
            let todo =
                backend == "nft"
                ? """
                  load 8 rules into nft, table inet seawall
                    the whole table: the chain 'containers-in-eth0' has other rules
                """
                : """
                  load 6 rules into iptables-\(variant), DOCKER-USER
                  load 4 rules into ip6tables-\(variant), DOCKER-USER
                """
            #expect(
                outcome.output == """
                    tcp 443
                      from 192.0.2.128/25, entering at eth0  was dropped, will be allowed  Policy.swift:8 (was Policy.swift:7)

                    tcp 8080
                      from 203.0.113.0/25, entering at eth0  was allowed, will be dropped  Policy.swift:10 (was Policy.swift:9)

                    2 changes (IPv4 and IPv6); replies and related ICMP errors as before

                    to do:
                    \(todo)

                    """, "\(outcome.output)")
        }
    }

    @Test func rulesOfOthersArePartOfBothSides() async throws {
        try await withHost { host in
            try await host.docker(["-s 198.51.100.0/24 -j DROP"])
            try host.folder.write(
                "policy.json",
                TestPolicy(#""verdict":"drop","services":[{"protocol":"tcp","ports":22}]"#).document)
            let outcome = try await host.seawall("plan", "policy.json", "--backend", "iptables", "--family", "ip")
            #expect(outcome.status == 1)
            #expect(
                outcome.output == """
                    tcp 22
                      from anywhere but 198.51.100.0/24, entering at eth0  was allowed, will be dropped  Policy.swift:7 (was no rule)

                    1 change (IPv4); replies and related ICMP errors as before

                    to do:
                      load 3 rules into iptables-legacy, SEAWALL (1 rule of others stays)

                    """, "\(outcome.output)")
        }
    }

    @Test func whatOfOthersCannotBeComparedIsNamed() async throws {
        try await withHost { host in
            try await host.docker(["-m statistic --mode random --probability 0.5 -j DROP"])
            try host.folder.write("policy.json", TestPolicy.office().document)
            let outcome = try await host.seawall("plan", "policy.json", "--backend", "iptables", "--family", "ip")
            #expect(outcome.status == 1)
            #expect(
                outcome.output.contains(
                    "\nnot compared: iptables-legacy: the rule of others in DOCKER-USER: the limits of one rule set cannot be related to those of the other\n"
                ), "\(outcome.output)")
            #expect(outcome.output.contains("was allowed, will be dropped"), "\(outcome.output)")
        }
    }

    @Test func onlyACommentIsNoTraffic() async throws {
        try await withHost { host in
            try await host.docker()
            try host.folder.write("old.json", TestPolicy.office().document)
            let renamed = TestPolicy.office().document.replacing("blocklist", with: "bad ones")
            try host.folder.write("new.json", renamed)
            try await host.must("apply", "old.json", "--backend", "iptables", "--family", "ip")
            let outcome = try await host.seawall(
                "plan", "new.json", "--backend", "iptables", "--family", "ip", "--text")
            #expect(outcome.status == 1)
            #expect(
                outcome.output.hasPrefix(
                    """
                    no traffic changes (IPv4)

                    to do:
                      load 6 rules into iptables-legacy, DOCKER-USER

                    lines of iptables-legacy, DOCKER-USER:
                    - -A DOCKER-USER -s 192.0.2.0/24 -i eth0 -m comment --comment "sw:r0000100 blocklist" -j DROP
                    + -A DOCKER-USER -s 192.0.2.0/24 -i eth0 -m comment --comment "sw:r0000100 bad ones" -j DROP

                    for iptables-legacy, DOCKER-USER:
                    # seawall apply: policy Test
                    *filter
                    :DOCKER-USER - [0:0]

                    """), "\(outcome.output)")
            let json = try JSONValue.parse(
                try await host.seawall("plan", "new.json", "--backend", "iptables", "--family", "ip", "--json").output)
            #expect(json["outcome"] == "reload")
        }
    }

    @Test func elementsAreAllThatChanges() async throws {
        try await withHost { host in
            let addresses = { (numbers: [Int]) in numbers.map { "\"198.51.100.\($0)\"" }.joined(separator: ",") }
            let policy = { (numbers: [Int]) in
                TestPolicy(#""verdict":"drop","from":[\#(addresses(numbers))]"#).document
            }
            try host.folder.write("old.json", policy(Array(1...20).map { $0 * 2 }))
            try host.folder.write("new.json", policy(Array(2...21).map { $0 * 2 }))
            try await host.must("apply", "old.json", "--backend", "nft")
            let outcome = try await host.seawall("plan", "new.json", "--backend", "nft", "--text")
            #expect(outcome.status == 1)
            #expect(
                outcome.output.hasPrefix(
                    """
                    all services
                      from 198.51.100.2, entering at eth0, also packets without a conntrack entry  was dropped, will be allowed  no rule (was Policy.swift:7)
                      from 198.51.100.42, entering at eth0, also packets without a conntrack entry  was allowed, will be dropped  Policy.swift:7 (was no rule)

                    2 changes (IPv4 and IPv6); replies and related ICMP errors as before

                    to do:
                      change elements of nft, table inet seawall
                        2 elements of the set 'drop-saddr4-32-1': 1 added, 1 removed

                    lines of nft, table inet seawall:
                    -             198.51.100.2,
                    +             198.51.100.42,

                    for nft, table inet seawall:
                    {

                    """), "\(outcome.output)")
        }
    }

    @Test(arguments: [("iptables", "legacy"), ("iptables", "nft"), ("nft", "nft")])
    func nothingIsChangedByLooking(backend: String, variant: String) async throws {
        try await withHost(variant) { host in
            try await host.docker([foreign], ip6: ["-m limit --limit 5/min -j LOG"])
            try host.folder.write("old.json", TestPolicy.office().document)
            try host.folder.write("new.json", TestPolicy.office(from: "203.0.113.128/25").document)
            for round in 0..<2 {
                let before = try await host.everything()
                for command in [["plan", "new.json", "--text"], ["plan", "new.json", "--json"]] {
                    let outcome = try await host.seawall(command[0], command[1], command[2], "--backend", backend)
                    #expect(outcome.status == 1, "\(outcome.summary)")
                }
                for command in ["status", "counters"] where round == 1 {
                    #expect(try await host.seawall(command).status == 0)
                }
                #expect(try await host.everything() == before)
                if round == 0 { try await host.must("apply", "old.json", "--backend", backend) }
            }
        }
    }

    @Test func whereRulesWouldDoNothingThereIsNoPlan() async throws {
        try await withHost { host in
            try await host.namespace.must("iptables-legacy -N DOCKER-USER")
            try host.folder.write("policy.json", TestPolicy.office().document)
            let outcome = try await host.seawall("plan", "policy.json", "--backend", "iptables", "--family", "ip")
            #expect(outcome.status == 4 && outcome.errors.contains("[docker-user-not-reached]"), "\(outcome.summary)")
            let made = try await host.seawall(
                "plan", "policy.json", "--backend", "iptables", "--family", "ip", "--without-docker")
            #expect(made.status == 1 && made.output.contains("was allowed, will be dropped"), "\(made.summary)")
        }
    }

    @Test func formerRulesInTheOtherBackendAreWarnedOf() async throws {
        try await withHost { host in
            try await host.docker()
            try host.folder.write("policy.json", TestPolicy.office().document)
            try await host.must("apply", "policy.json", "--backend", "iptables")
            let outcome = try await host.seawall("plan", "policy.json", "--backend", "nft")
            #expect(outcome.status == 1 && outcome.errors.contains("[other-backend]"), "\(outcome.summary)")
        }
    }

    @Test func placesOfAFormerPolicyBearItsState() async throws {
        try await withHost { host in
            try await host.docker()
            let old = TestPolicy.office().document
            try host.folder.write("old.json", old)
            try host.folder.write(
                "new.json",
                TestPolicy(
                    #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#,
                    #""verdict":"drop","default":true"#
                ).document)
            try await host.must("apply", "old.json", "--backend", "nft")
            let outcome = try await host.seawall("plan", "new.json", "--backend", "nft")
            #expect(
                outcome.output.contains(
                    "was allowed, will be dropped  Policy.swift:8 (was state 1: Policy.swift:9)"), "\(outcome.output)")
        }
    }
}
