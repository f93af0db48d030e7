import Diagnostics
import FirewallIR
import JSONC
import NFTablesBackend
import PacketModel
import TestSupport
import Testing

/// What rule sets say that were not written in the policy language: nft takes each form, lists it so that it loads again,
/// and it reads back as it was.
struct ImportedFormsTests {
    /// A rule that nft has an exact form for, in one line for each family.
    struct Form: Sendable, CustomTestStringConvertible {
        var name: String
        var families: FamilySet
        var change: @Sendable (inout FirewallRule) -> Void

        var testDescription: String { name }

        init(_ name: String, _ families: FamilySet = .ip, _ change: @escaping @Sendable (inout FirewallRule) -> Void) {
            self.name = name
            self.families = families
            self.change = change
        }

        /// The rule for a family.
        func rule(_ id: String, _ family: AddressFamily) -> FirewallRule {
            var rule = FirewallRule(
                id: id, origin: SourceLocation(file: "rules.v4", line: 1), condition: [Box.of(family)], verdict: .drop)
            change(&rule)
            return rule
        }
    }

    static let forms: [Form] =
        numbers + [
            Form("connection mark") { $0.condition[0].connectionMark = Presence([MaskedTest(mask: 0xff, value: 1)]) },
            Form("connection mark, whole, negated") {
                $0.condition[0].connectionMark = Presence([MaskedTest(mask: .max, value: 1, isNegated: true)])
            },
            Form("connection mark that no connection has") {
                $0.condition[0].connectionMark = Presence([MaskedTest(mask: 0xff, value: 0x100)])
            },
            Form("hardware address") {
                $0.condition[0].numbers[.sourceMAC] = Presence(IntervalSet(0x0011_2233_4455))
            },
            Form("another hardware address") {
                let others = IntervalSet<UInt64>(0x0011_2233_4455).complement
                $0.condition[0].numbers[.sourceMAC] = Presence(others.intersection(NumericField.sourceMAC.all))
            },
            Form("hardware address behind a port") {
                $0.condition[0].protocols = IntervalSet(6)
                $0.condition[0].destinationPort = Presence(IntervalSet(22))
                $0.condition[0].source = try? IPAddressSet([IPAddressRange(text: "10.0.0.0/8")])
                $0.condition[0].numbers[.sourceMAC] = Presence(IntervalSet([1...1, 3...3]))
            },
            Form("all ports") {
                $0.condition[0].protocols = IntervalSet(6)
                $0.condition[0].destinationPort = Presence(.all)
            },
            // nft lists a single number there without the family in front of it.
            Form("protocol of the connection", .both) {
                $0.condition[0].originalProtocol = Presence(IntervalSet(47))
            },
            Form("all types") {
                $0.condition[0].protocols = IntervalSet(1)
                $0.condition[0].icmp = Presence(.all)
            },
            Form("log flags") {
                $0.verdict = .next
                $0.effects = [
                    .log(prefix: "x ", level: .info, flags: [.tcpSequence, .tcpOptions, .ipOptions, .uid, .macDecode])
                ]
            },
            Form("message to a group") {
                $0.verdict = .next
                $0.effects = [.netlinkLog(NetlinkLog(group: 3, prefix: "x ", size: 80, threshold: 5))]
            },
            Form("message to a group, defaults") {
                $0.verdict = .next
                $0.effects = [.netlinkLog(NetlinkLog(group: 0))]
            },
            Form("mark with bits outside of its mask") { $0.effects = [.setMark(value: 0x101, mask: 0xff)] },
            Form("bits of the mark turned over") { $0.effects = [.setMark(value: 5, mask: 0)] },
            Form("bits of the mark taken away") { $0.effects = [.setMark(value: 0, mask: 0xff)] },
            Form("connection mark set") { $0.effects = [.connectionMark(.set(value: 7, mask: .max))] },
            Form("a part of the connection mark set") {
                $0.verdict = .next
                $0.effects = [.connectionMark(.set(value: 0x101, mask: 0xff))]
            },
            Form("mark saved") { $0.effects = [.connectionMark(.save(connectionMask: .max, packetMask: .max))] },
            Form("mark restored") {
                $0.verdict = .next
                $0.effects = [.connectionMark(.restore(connectionMask: .max, packetMask: .max))]
            },
            Form("beyond a rate") {
                $0.guards = [.limit(Limit(count: 10, unit: .second, burst: 7, isOver: true))]
            },
            Form("a condition behind a rate") {
                $0.guards = [.limit(Limit(count: 10, unit: .second))]
                var next = Box.of($0.condition[0])
                next.state = .new
                $0.stages = [RuleStage(condition: [next], guards: [.limit(Limit(count: 1, unit: .minute))])]
            },
            Form("port of the tuple without a protocol") {
                $0.condition[0].originalDestinationPort = Presence(IntervalSet(80))
            },
        ]

    /// Every numeric field with values at both ends, between, and apart.
    private static let numbers: [Form] = [NumericField.length, .hopLimit, .dscp].flatMap { field -> [Form] in
        let top = field.all.intervals[0].upperBound
        let sets: [IntervalSet<UInt64>] = [
            IntervalSet(5), IntervalSet([5...9]), IntervalSet([0...9]), IntervalSet([9...top]),
            IntervalSet([1...1, 5...9, 12...13]), IntervalSet([0...4, 6...top]), IntervalSet([0...4, 10...top]),
        ]
        return sets.enumerated().map { index, set in
            Form("\(field.rawValue) \(index)", .both) { $0.condition[0].numbers[field] = Presence(set) }
        }
    }

    private static func table(
        _ rules: [FirewallRule], _ family: AddressFamily, _ hook: Scope.Hook = .input, policy: Verdict = .drop
    ) throws -> NFTDocument {
        let scope = Scope(
            hook: hook, families: FamilySet(family), entry: "INPUT", chains: [Chain(name: "INPUT", rules: rules)],
            policy: policy)
        return try LowerToNFTables.lower(Ruleset(name: "Test", scopes: [scope]))
    }

    @Test(arguments: forms) func aFormReadsBackAsItWas(form: Form) throws {
        for family in form.families.families {
            let rule = form.rule("r", family)
            let scopes = try LiftFromNFTables.lift(try Self.table([rule], family).table)
            let scope = try #require(scopes.first)
            #expect(scopes.count == 1 && scope.families == FamilySet(family) && scope.policy == .drop)
            let lifted = try #require(scope.chains.first { $0.name == "INPUT" }?.rules)
            #expect(lifted.count == 1)
            #expect(lifted.first?.allStages == rule.normal.allStages)
            #expect(lifted.first?.effects == rule.effects && lifted.first?.verdict == rule.verdict)
        }
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func everyFormIsLoadedAndListedAsItIs() async throws {
        var documents: [(name: String, document: NFTDocument)] = []
        for (index, form) in Self.forms.enumerated() {
            for family in form.families.families {
                documents.append(
                    ("\(index)-\(family.rawValue)", try Self.table([form.rule("r", family)], family)))
            }
        }
        for (index, names) in Self.oddNames.enumerated() {
            documents.append(("names-\(index)", try LowerToNFTables.lower(Self.ruleset(names))))
        }
        try await withNamespace { namespace in
            try await withFolder { folder in
                for (name, document) in documents {
                    try folder.write("\(name).json", document.jsonText)
                    try folder.write("\(name).nft", document.text(header: ["a header"]))
                }
                let problems = try await namespace.must(AcceptanceScript.text(folder.path))
                #expect(problems == "")
            }
        }
    }

    /// What nft lists of each form is read, and is what was sent.
    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func everyListingIsReadAsItWasSent() async throws {
        try await withNamespace { namespace in
            for (index, form) in Self.forms.enumerated() {
                for family in form.families.families {
                    let sent = try Self.table([form.rule("r", family)], family)
                    let listing = try await namespace.must(
                        "nft -j -f /dev/stdin && nft -j list table inet seawall && nft delete table inet seawall",
                        input: sent.jsonText)
                    let read = try ReadNFTListing.run(try JSONValue.parse(listing), file: "listing")
                    let scopes = try LiftFromNFTables.lift(read.tables)
                    #expect(
                        scopes.scopes == (try LiftFromNFTables.lift(sent.table)), "\(index) \(form.name): \(listing)")
                }
            }
        }
    }

    // MARK: - Names

    static let oddNames = [
        ["DOS~Pro-t_ect", "reject", "dynamic", "1st", "say \"hi\"", "DOS-Pro-t_ect"],
        ["a b", "a-b", "ä", "-", "filter-input", "LOGDROP", "log", "chain-log", "_x", "a/b"],
        [String(repeating: "n", count: 200), "any-r1-ip", "do-r1-ip"],
    ]

    /// A chain that jumps to all others, at two hooks, in two families.
    private static func ruleset(_ names: [String]) -> Ruleset {
        func scope(_ hook: Scope.Hook, _ family: AddressFamily, _ entry: String) -> Scope {
            var jumps = names.enumerated().map { index, name in
                FirewallRule(
                    id: "j\(index)", origin: SourceLocation(file: "f"), condition: [Box.of(family)],
                    verdict: .jump(name))
            }
            var limited = FirewallRule(
                id: "r1", origin: SourceLocation(file: "f"), condition: [Box.of(family), Box.of(family)],
                verdict: .return)
            limited.condition[0].protocols = IntervalSet(6)
            limited.condition[1].protocols = IntervalSet(17)
            limited.guards = [.limit(Limit(count: 1, unit: .second))]
            jumps.insert(limited, at: 0)
            let chains =
                [Chain(name: entry, rules: jumps)] + names.map { Chain(name: $0, rules: [limited.named("\($0)")]) }
            return Scope(hook: hook, families: FamilySet(family), entry: entry, chains: chains, policy: .accept)
        }
        return Ruleset(
            name: "Names",
            scopes: [scope(.input, .ip, "INPUT"), scope(.input, .ip6, "INPUT"), scope(.forward, .ip, "FORWARD")])
    }

    @Test(arguments: oddNames) func namesAreKeptWhereTheyCanBe(names: [String]) throws {
        let document = try LowerToNFTables.lower(Self.ruleset(names))
        let made = document.table.chains.map(\.name)
        #expect(Set(made).count == made.count)
        #expect(
            made.allSatisfy {
                $0.utf8.allSatisfy {
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/".utf8.contains($0)
                }
            })
        let renamed = document.renamedChains.filter { $0.hook == .input && $0.families == .ip }.map(\.original)
        for name in names where !renamed.contains(name) { #expect(made.contains(name)) }
        // The other family has the same names, and another chain for each.
        let other = document.renamedChains.filter { $0.hook == .input && $0.families == .ip6 }
        #expect(Set(other.map(\.original)) == Set(names + ["INPUT"]))
        #expect(document.text(header: []).contains("# Chains that bear another name here:"))
    }

    @Test func namesThatNFTCannotWriteAreReplaced() throws {
        let document = try LowerToNFTables.lower(Self.ruleset(Self.oddNames[0]))
        let renamed = document.renamedChains.filter { $0.hook == .input && $0.families == .ip }
        #expect(
            renamed.map(\.description) == [
                "input IPv4: 'DOS~Pro-t_ect' is DOS-Pro-t_ect-2", "input IPv4: 'reject' is chain-reject",
                "input IPv4: 'dynamic' is chain-dynamic", "input IPv4: '1st' is chain-1st",
                "input IPv4: 'say \"hi\"' is say--hi-",
            ])
    }

    // MARK: - Whole tables

    @Test func aScopeForOneFamilyLeavesTheOtherAlone() throws {
        let rule = FirewallRule(
            id: "r", origin: SourceLocation(file: "f"), condition: [Box.of(.ip)], verdict: .accept)
        let base = try #require(try Self.table([rule], .ip).table.chains.first)
        #expect(base.name == "filter-input" && base.hook == NFTChain.Hook(hook: "input", priority: 0, policy: "accept"))
        #expect(
            base.rules.map(\.text) == [
                #"meta nfproto ipv4 jump INPUT comment "sw:input-ip""#,
                #"meta nfproto ipv4 drop comment "sw:input-ip-policy""#,
            ])
    }

    @Test func twoFamiliesShareABaseChainAndReadBackAsTwo() throws {
        let ruleset = Self.ruleset(["LOGDROP"])
        let table = try LowerToNFTables.lower(ruleset).table
        #expect(table.chains.filter { $0.hook != nil }.map(\.name) == ["filter-input", "filter-forward"])
        let scopes = try LiftFromNFTables.lift(table)
        #expect(scopes.map(\.hook) == ruleset.scopes.map(\.hook))
        #expect(scopes.map(\.families) == ruleset.scopes.map(\.families))
        // Other tables may stand at the hook, so `accept` is *leave* when read back.
        #expect(scopes.map(\.policy) == ruleset.scopes.map { $0.policy == .accept ? .leave : $0.policy })
        #expect(Ruleset(name: "Lifted", scopes: scopes).validate() == [])
    }

    // MARK: - Refusals

    @Test func whatHasNoExactFormIsRefusedByName() throws {
        let rules: [FirewallRule] = [
            Form("recent") { $0.guards = [.module(name: "recent", options: ["--set"])] },
            Form("string") { $0.opaque = [.module(name: "string", options: [])] },
            Form("not owner") { $0.opaque = [.not(.module(name: "owner", options: []))] },
            Form("TCPMSS") { $0.effects = [.module(name: "TCPMSS", options: [])] },
            Form("save") { $0.effects = [.connectionMark(.save(connectionMask: 0xff, packetMask: 0xff))] },
            Form("set behind") { $0.effects = [.connectionMark(.set(value: 1, mask: 0xff))] },
            Form("queue") { $0.verdict = .queue(QueueTarget(1...1)) },
            Form("limit") { $0.guards = [.limit(Limit(count: 1, unit: .second))] },
        ].enumerated().map { index, form in
            var rule = form.rule("r\(index)", .ip)
            rule.origin = SourceLocation(file: "rules.v4", line: index + 1)
            return rule
        }
        let error = #expect(throws: DiagnosticError.self) { try Self.table(rules, .ip) }
        #expect(error?.outcome == .refused)
        #expect(
            error?.diagnostics.map { "\($0.location?.description ?? "") \($0.message)" } == [
                "rules.v4:1 cannot be expressed in nft: the stateful match 'recent' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'recent' first",
                "rules.v4:2 cannot be expressed in nft: the match 'string' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'string' first",
                "rules.v4:3 cannot be expressed in nft: the match 'owner' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'owner' first",
                "rules.v4:4 cannot be expressed in nft: the target 'TCPMSS' of iptables has no exact form in nft: leave the rule to iptables, or write it without 'TCPMSS' first",
                "rules.v4:5 cannot be expressed in nft: 'ctmark save 0xff to 0xff' moves a part of a mark between packet and connection, and nft moves whole marks: use the full mask 0xffffffff, or leave the rule to iptables",
                "rules.v4:6 cannot be expressed in nft: 'ctmark 0x1/0xff' ends a rule of nft for packets without a conntrack entry: write what follows it as a rule of its own",
                "rules.v4:7 cannot be expressed in nft: packets that a program lets through go on at other places than with iptables' NFQUEUE: leave the rule to iptables",
            ])
    }

    // MARK: - Several parts

    @Test func aRuleOfSeveralPartsThatReturnsMovesTheRest() throws {
        var first = Form("") {
            $0.condition.append($0.condition[0])
            $0.condition[0].protocols = IntervalSet(6)
            $0.condition[1].protocols = IntervalSet(17)
            $0.guards = [.limit(Limit(count: 1, unit: .second))]
        }.rule("a", .ip)
        first.verdict = .return
        let second = Form("") { $0.verdict = .drop }.rule("b", .ip)
        let lines = try Self.table([first, second], .ip).table.chains.dropFirst().flatMap { chain in
            chain.rules.map { "\(chain.name): \($0.text)" }
        }
        #expect(
            lines == [
                #"INPUT: meta l4proto tcp meta nfproto ipv4 goto do-a-ip comment "sw:a""#,
                #"INPUT: meta l4proto udp meta nfproto ipv4 goto do-a-ip comment "sw:a""#,
                #"INPUT: goto rest-a-ip comment "sw:a""#,
                #"do-a-ip: limit rate 1/second burst 5 packets return comment "sw:a""#,
                #"do-a-ip: goto rest-a-ip comment "sw:a""#,
                #"rest-a-ip: meta nfproto ipv4 drop comment "sw:b""#,
            ])
    }

    @Test func stagesOfSeveralBoxesStandInChains() throws {
        let rule = Form("") {
            $0.guards = [.limit(Limit(count: 1, unit: .second))]
            var tcp = $0.condition[0]
            tcp.protocols = IntervalSet(6)
            var udp = $0.condition[0]
            udp.protocols = IntervalSet(17)
            $0.stages = [RuleStage(condition: [tcp, udp], guards: [.limit(Limit(count: 2, unit: .second))])]
        }.rule("a", .ip)
        let lines = try Self.table([rule], .ip).table.chains.dropFirst().flatMap { chain in
            chain.rules.map { "\(chain.name): \($0.text)" }
        }
        #expect(
            lines == [
                #"INPUT: jump any-a-ip comment "sw:a""#,
                #"any-a-ip: meta nfproto ipv4 goto do-a-ip comment "sw:a""#,
                #"do-a-ip: limit rate 1/second burst 5 packets goto any-a-ip-2 comment "sw:a""#,
                #"any-a-ip-2: meta l4proto tcp meta nfproto ipv4 goto do-a-ip-2 comment "sw:a""#,
                #"any-a-ip-2: meta l4proto udp meta nfproto ipv4 goto do-a-ip-2 comment "sw:a""#,
                #"do-a-ip-2: limit rate 2/second burst 5 packets drop comment "sw:a""#,
            ])
    }
}

extension Box {
    /// All packets of a family.
    fileprivate static func of(_ family: AddressFamily) -> Box {
        var box = Box()
        box.families = FamilySet(family)
        return box
    }

    /// All packets of the families of another box.
    fileprivate static func of(_ other: Box) -> Box {
        var box = Box()
        box.families = other.families
        return box
    }
}

extension FirewallRule {
    /// The same with boxes as they are read back.
    fileprivate var normal: FirewallRule {
        var rule = self
        rule.condition = condition.map(\.withConsistentConntrack)
        rule.stages = stages.map { stage in
            var stage = stage
            stage.condition = stage.condition.map(\.withConsistentConntrack)
            return stage
        }
        return rule
    }

    fileprivate func named(_ id: String) -> FirewallRule {
        var rule = self
        rule.id = "r-" + String(id.utf8.count)
        return rule
    }
}
