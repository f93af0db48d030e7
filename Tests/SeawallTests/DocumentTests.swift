import JSONC
import Testing

@testable import Seawall

struct DocumentTests {
    // MARK: - Identifiers

    private func ids(@PolicyBuilder _ body: () -> PolicyContent) -> [String] {
        var ids: [JSONMember] = []
        for node in PolicyDocument(policy: "Test", content: body().nodes).content { node.collectLocations(into: &ids) }
        return ids.map(\.key)
    }

    @Test func aRuleKeepsItsNameWhenOthersChange() {
        let before = ids {
            Inbound(on: "eth0") {
                Allow(.tcp(80)); Allow(.tcp(443))
            }
        }
        let after = ids {
            Inbound(on: "eth1") { Drop() }
            Inbound(on: "eth0") {
                Drop(from: "10.0.0.1")
                Group("web") { Allow(.tcp(80)) }
                Allow(.tcp(443))
                Default(.drop)
            }
        }
        #expect(before.count == 3 && after.count == 8)
        #expect(Set(after).isSuperset(of: before))
    }

    @Test func namesDependOnWhatARuleSays() {
        let one = ids { Inbound(on: "eth0") { Allow(.tcp(80)) } }
        #expect(one != ids { Inbound(on: "eth0") { Allow(.tcp(81)) } })
        #expect(one != ids { Inbound(on: "eth1") { Allow(.tcp(80)) } })
        #expect(one != ids { Inbound(on: "eth0") { Allow(.tcp(80)).comment("why") } })
    }

    @Test func equalRulesHaveNamesOfTheirOwn() {
        let found = ids {
            for _ in 0..<500 {
                Inbound(on: "eth0") {
                    Allow(.tcp(80)); Allow(.tcp(80))
                }
            }
        }
        #expect(Set(found).count == 1500)
        #expect(found.allSatisfy { $0.count == 8 && $0.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) } })
    }

    // MARK: - Text and back

    @Test func everyFormComesBack() throws {
        let content = PolicyContent.everything.nodes
        var document = PolicyDocument(policy: "Test", content: content)
        document.files[0].contents = "192.0.2.1\n"
        guard case .group(let group) = try #require(document.content.first) else { return #expect(Bool(false)) }
        document.imported[group.id] = [.init(rule: "DOCKER-USER:1", origin: "rules.v4:7")]
        let text = document.json.text(.pretty)
        let decoded = try PolicyDocument.decode(try JSONValue.parse(text))
        #expect(decoded == document)
        #expect(decoded.json.text(.pretty) == text)
        #expect(document.files.map(\.path) == ["list.txt", "ports.txt"])
    }

    // MARK: - Documents of others

    private func error(_ change: (inout [JSONMember]) -> Void) -> PolicyDocumentError? {
        let document = PolicyDocument(policy: "Test", content: Inbound(on: "eth0") { Allow(.tcp(80)) }.content.nodes)
        guard case .object(var members) = document.json else { return nil }
        change(&members)
        do {
            _ = try PolicyDocument.decode(.object(members))
            return nil
        } catch {
            return error
        }
    }

    @Test func anUnknownVersionIsNamedBeforeAnythingElse() {
        let error = error { members in
            members[0].value = ["document": 2, "generator": 7, "more": []]
            members.append(JSONMember("unknown", 1))
            members.removeAll { $0.key == "policy" }
        }
        #expect(error == .unknownVersion("2"))
        #expect(self.error { $0[0].value = ["document": "1"] } == .unknownVersion("\"1\""))
    }

    @Test func whatIsNoDocumentIsNamed() {
        let missing = PolicyDocumentError.notADocument("there is no \"seawall\": {\"document\": VERSION} in it")
        #expect(error { $0.removeFirst() } == missing)
        #expect(error { $0[0].value = [] } == missing)
        #expect(throws: missing) { try PolicyDocument.decode([]) }
    }

    @Test func anUnknownKeyIsNamedWithItsPath() {
        #expect(
            error { $0.append(JSONMember("surprise", 1)) }
                == .malformed(JSONError(at: .path("$"), "the key 'surprise' is unknown to this version of Seawall")))
        #expect(
            error { $0[0].value = ["document": 1, "generator": "x", "more": 1] }
                == .malformed(JSONError(at: .path("$.seawall"), "the key 'more' is unknown to this version of Seawall"))
        )
    }

    @Test(arguments: [
        (
            #"[{"rule":{"id":"aaaaaaaa","verdict":"drop","surprise":1}}]"#, "$.content[0].rule",
            "the key 'surprise' is unknown to this version of Seawall"
        ),
        (#"[{"rule":{"id":"aaaaaaaa"}}]"#, "$.content[0].rule", "the key 'verdict' is missing"),
        (
            #"[{"rule":{"id":"aaaaaaaa","verdict":"shrug"}}]"#, "$.content[0].rule.verdict",
            "expected one of allow, accept, drop, log, next, return, or {\"reject\": …}, jump, goto or queue, found 'shrug'"
        ),
        (
            #"[{"rule":{"id":"bbbbbbbb","verdict":"drop"}}]"#, "$.content[0].rule",
            "the identifier 'bbbbbbbb' is not in the table of locations"
        ),
        (
            #"[{"rule":{"id":"a\" -j A","verdict":"drop"}}]"#, "$.content[0].rule.id",
            "expected eight of the characters 0-9 and a-z, found 'a\" -j A'"
        ),
        (
            #"[{"rule":{"id":"aaaaaaa\n","verdict":"drop"}}]"#, "$.content[0].rule.id",
            "expected eight of the characters 0-9 and a-z, found 'aaaaaaa\n'"
        ),
        (#"[{"other":1}]"#, "$.content[0]", "expected one of the keys block, chain, scope, group, rule and expect"),
        (
            #"[{"rule":{"id":"aaaaaaaa","verdict":"drop","matches":[{"field":"mark","mask":4294967296,"value":0}]}}]"#,
            "$.content[0].rule.matches[0].mask", "expected a number of 32 bits, found 4294967296"
        ),
        (
            #"[{"rule":{"id":"aaaaaaaa","verdict":"drop","matches":[{"field":"mark","mask":1,"value":-1}]}}]"#,
            "$.content[0].rule.matches[0].value", "expected a number of 32 bits, found -1"
        ),
        (
            #"[{"rule":{"id":"aaaaaaaa","verdict":"drop","services":[{"protocol":"tcp","ports":{"range":[1]}}]}}]"#,
            "$.content[0].rule.services[0].ports.range", "expected two numbers, found 1"
        ),
        (
            #"[{"scope":{"id":"aaaaaaaa","kind":"sideways"}}]"#, "$.content[0].scope.kind",
            "expected one of inbound, outbound, between, found 'sideways'"
        ),
    ])
    func aMistakeInANodeIsNamedWithItsPath(content: String, path: String, message: String) throws {
        let nodes = try JSONValue.parse(content)
        let error = error { members in
            for index in members.indices where members[index].key == "content" { members[index].value = nodes }
            for index in members.indices where members[index].key == "locations" {
                members[index].value = ["aaaaaaaa": "Policy.swift:7"]
            }
        }
        #expect(error == .malformed(JSONError(at: .path(path), message)))
    }

    @Test func aPlaceThatIsNoneIsNamed() {
        #expect(
            error { $0[$0.count - 1].value = ["aaaaaaaa": "Policy.swift"] }
                == .malformed(JSONError(at: .path("$.locations.aaaaaaaa"), "expected FILE:LINE, found 'Policy.swift'")))
    }
}

extension PolicyContent {
    /// A policy that uses each form of the language.
    fileprivate static var everything: PolicyContent {
        @PolicyBuilder func all() -> PolicyContent {
            Group("all") {
                Inbound(
                    on: ["eth0", .not("br-*")], toward: "br-*", related: .drop, invalid: .drop, untracked: .pass,
                    direct: .pass
                ) {
                    Allow(
                        .tcp([80, "https", 8000...8010, .not(22)]), .icmp(.fragmentationNeeded), .icmpv6,
                        from: ["10.0.0.1", .not("::1")])
                    Accept(
                        .udp, to: "192.0.2.1", containerPort: 53,
                        containerAddress: AddressSet(contentsOf: "list.txt", mayBeEmpty: true))
                    Reject(.tcp(PortSet(contentsOf: "ports.txt")), with: .tcpReset).comment("c").until("2027-01-31")
                    Log(.protocol(47)).log(prefix: "p", level: .info, limit: .perMinute(3).burst(7)).limit(.perDay(1))
                    Default(.reject(with: .adminProhibited))
                    Expect(.allowed, .tcp(443), from: "203.0.113.9", to: "192.0.2.1", on: "eth0", via: "br-app")
                    Expect(
                        .dropped, .tcp, .udp(53), from: .not(AddressSet(contentsOf: "list.txt", mayBeEmpty: true)),
                        on: ["eth0", "br-*"], containerPort: 80, containerAddress: "172.17.0.2", published: false)
                    Expect(.rejected, published: true)
                }
            }
            Outbound(via: "eth0", from: "172.18.0.0/16", invalid: .pass) { Drop() }
            Between("a", "b") { Default(.allow) }
            Rule(.log) {
                Match.family(.ip6)
                Match.not(.inInterface("eth0"))
                Match.source("10.0.0.1")
                Match.destinationPort(80)
                Match.tcpFlags(.syn, outOf: [.syn, .ack])
                Match.laterFragment
                Match.mark(1, mask: 0xffff_ffff)
                Match.destinationType([.local, .broadcast], limitedTo: .in)
                Match.status([.dnat, .seenReply])
                Match.icmpType(.echoRequest)
            }
            Containers(families: .ip, policy: .drop) { Rule(.jump("a")).comment("c") }
            Input(policy: .accept) {
                Rule(.goto("a"), .length(100...200), .not(.hopLimit([1, 64])), .dscp(46))
                Rule(.queue(from: 1, to: 3, bypass: true, byProcessor: true), .sourceMAC("00:11:22:aa:bb:cc").orAbsent)
                Rule(.next, .anyOf([.protocol("tcp"), .source(AddressSet(contentsOf: "list.txt"))], [.never]))
                    .log(prefix: "p", level: .info, flags: .uid, .tcpOptions).setMark(1, mask: 3).counted()
                    .netlinkLog(group: 2, prefix: "n", size: 100, threshold: 4).log(prefix: "again")
                Chain("a") {
                    Rule(
                        .return, .module("string", "--string", "x"), .limit(.perMinute(3).burst(7)), .over(.perDay(1)),
                        .quota(bytes: .max), .statefulModule("recent", "--set"), .before("2027-01-31"))
                    Rule(.log, .status(.dnat, outOf: [.dnat, .snat]), .connectionMark(1, mask: 0xff).orAbsent)
                        .target("TCPMSS", "--set-mss", "1400").saveMark(packetMask: 7).restoreMark().setConnectionMark(
                            9)
                    Rule(.drop, .laterFragmentOfAnyFamily, .icmpMessage(0x800...0x8ff))
                }
            }
            Forward(policy: .drop, families: .ip6) {}
            Output(policy: .allow) { Group("g") { Rule(.accept) } }
        }
        return all()
    }
}
