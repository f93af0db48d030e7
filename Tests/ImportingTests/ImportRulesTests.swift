import Diagnostics
import FirewallIR
import PacketModel
import Testing

@testable import Importing

@Suite struct ImportRulesTests {
    private func read(
        _ text: String, named name: String = "rules.v4", _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> ImportedRules {
        var options = ImportOptions()
        change(&options)
        return try ImportRules.read(Array(text.utf8), named: name, format: .iptables, options)
    }

    private func refusal(
        _ text: String, named name: String = "rules.v4", _ change: (inout ImportOptions) -> Void = { _ in }
    ) throws -> DiagnosticError {
        do {
            let rules = try read(text, named: name, change)
            throw DiagnosticError(.findings, "not-refused", rules.ruleset.text)
        } catch let error as DiagnosticError where error.diagnostics.first?.id != "not-refused" {
            return error
        }
    }

    private let host = """
        *nat
        :POSTROUTING ACCEPT [0:0]
        -A POSTROUTING -o eth0 -j MASQUERADE
        COMMIT
        *filter
        :INPUT DROP [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER-USER - [0:0]
        :WEB - [0:0]
        -A INPUT -i lo -j ACCEPT
        -A FORWARD -j DOCKER-USER
        -A DOCKER-USER -d ! 10.0.0.0/8 -j RETURN
        -A DOCKER-USER -m string --string "x" --algo bm -j DROP
        -A DOCKER-USER -p tcp -j WEB
        -A WEB -j DROP
        COMMIT
        """

    /// What stands before the jump to DOCKER-USER decides without it, and is not read.
    @Test(arguments: [
        ("-A FORWARD -j DOCKER-USER", 0), ("-A FORWARD -i eth0 -j DOCKER-USER", 1),
        ("-A FORWARD -s 10.0.0.1 -j ACCEPT\n-A FORWARD -j DOCKER-USER", 1), ("", 0),
        ("-A FORWARD -m comment --comment docker -j DOCKER-USER", 0),
    ])
    func rulesBeforeDockerUserAreNamed(_ forward: String, _ count: Int) throws {
        let rules = try read(
            "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n\(forward)\n-A DOCKER-USER -s 10.0.0.0/8 -j DROP\nCOMMIT\n"
        )
        let found = rules.warnings.filter { $0.id == "docker-user-not-first" }
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.location?.line == 4 })
    }

    @Test func eachRuleIsInOnePlaceOfTheAccount() throws {
        let rules = try read(host)
        #expect(rules.account.read == 4)
        #expect(rules.account.exact == 2)
        #expect(rules.account.rewritten.map(\.place.line) == [13])
        #expect(rules.account.opaque.map(\.text) == ["-m string"])
        #expect(rules.account.refused.isEmpty)
        #expect(rules.account.leftAlone.map(\.text).contains("the table 'nat' with 1 rule stays as it is"))
        #expect(rules.ruleset.scopes.map(\.hook) == [.containers])
    }

    @Test func dockerUserIsTakenUnlessTheWholeTableIsAskedFor() throws {
        let whole = try read(host) { $0.takesWholeTable = true }
        #expect(whole.ruleset.scopes.map(\.hook) == [.input, .forward, .output])
        #expect(whole.ruleset.scopes.map(\.policy) == [.drop, .drop, .accept])
        #expect(try read(host) { $0.chain = "WEB" }.account.read == 1)
        #expect(try refusal(host) { $0.chain = "NONE" }.diagnostics[0].id == "chain-missing")
    }

    @Test func allThatIsRefusedIsNamedAtOnce() throws {
        let error = try refusal(
            """
            *filter
            :DOCKER-USER - [0:0]
            -A DOCKER-USER -m geoip --src-cc XX -j DROP
            -A DOCKER-USER -s ntp.example.net -j DROP
            -A DOCKER-USER -j RETURN
            COMMIT
            """)
        #expect(error.outcome == .refused)
        #expect(error.diagnostics.map(\.location?.line) == [3, 4])
        #expect(error.diagnostics.allSatisfy { $0.location?.file == "rules.v4" && $0.severity == .error })
    }

    @Test func whatIsNotAskedForMayBeUnknown() throws {
        let rules = try read(
            """
            *filter
            :INPUT DROP [0:0]
            :DOCKER-USER - [0:0]
            -A INPUT -m geoip --src-cc XX -j DROP
            -A DOCKER-USER -j DROP
            COMMIT
            """)
        #expect(rules.account.exact == 1)
        #expect(rules.account.leftAlone.contains { $0.place.line == 4 })
    }

    @Test func theFamilyHasToBeKnown() throws {
        let text = "*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i eth0 -j DROP\nCOMMIT\n"
        #expect(try refusal(text, named: "rules").diagnostics[0].id == "family-open")
        #expect(try read(text, named: "rules") { $0.family = .ip6 }.ruleset.scopes[0].families == .ip6)
        #expect(try read(text, named: "rules.v6").ruleset.scopes[0].families == .ip6)
    }

    @Test func commandsMaySpeakOfBothFamilies() throws {
        let rules = try read(
            """
            iptables -N DOCKER-USER
            ip6tables -N DOCKER-USER
            iptables -A DOCKER-USER -s 192.0.2.0/24 -j RETURN
            iptables -I DOCKER-USER -i eth0 -j LOG
            ip6tables -A DOCKER-USER -j DROP
            """, named: "firewall.sh")
        #expect(rules.ruleset.scopes.map(\.families) == [.ip, .ip6])
        #expect(rules.ruleset.scopes[0].chains[0].rules.map(\.origin.line) == [4, 3])
    }

    @Test func twoTextsOfOneFamilyAreTooMany() throws {
        let text = Array("*filter\n:DOCKER-USER - [0:0]\nCOMMIT\n".utf8)
        let texts = ["a.v4", "b.v4"].map { ImportText(name: $0, bytes: text, format: .iptables) }
        let error = #expect(throws: DiagnosticError.self) { try ImportRules.read(texts, ImportOptions()) }
        #expect(error?.diagnostics.map(\.id) == ["hook-twice"])
        let both = [texts[0], ImportText(name: "b.v6", bytes: text, format: .iptables)]
        #expect(try ImportRules.read(both, ImportOptions()).ruleset.scopes.map(\.families) == [.ip, .ip6])
    }

    @Test func whereOneFamilyHasDockerUserTheOtherIsNoWholeTable() throws {
        let texts = [
            ImportText(name: "a.v4", bytes: Array(host.utf8), format: .iptables),
            ImportText(name: "a.v6", bytes: Array("*filter\n:INPUT DROP [0:0]\nCOMMIT\n".utf8), format: .iptables),
        ]
        let rules = try ImportRules.read(texts, ImportOptions())
        #expect(rules.ruleset.scopes.map(\.hook) == [.containers])
        #expect(rules.account.leftAlone.contains { $0.place.file == "a.v6" })
        // By itself it is one.
        #expect(try ImportRules.read([texts[1]], ImportOptions()).ruleset.scopes.map(\.policy) == [.drop])
    }

    @Test(arguments: [
        ("iptables-restore < other", "iptables-restore"), ("systemctl restart ufw", "systemctl"),
        ("X=/sbin/iptables\n$X -A INPUT -j DROP", "$X"),
    ])
    func whatMayChangeRulesIsNotPassedOver(line: String, word: String) throws {
        let error = try refusal("iptables -N DOCKER-USER\n\(line)\niptables -A DOCKER-USER -j DROP\n", named: "fw.sh")
        #expect(error.diagnostics.contains { $0.text.contains(word) })
    }

    @Test func aTextWithoutAFilterTableAcceptsEverything() throws {
        let rules = try read("*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n")
        #expect(rules.ruleset.scopes.map(\.policy) == [.accept, .accept, .accept])
        #expect(rules.warnings.map(\.id) == ["no-filter-table"])
        #expect(try refusal("# nothing\n").diagnostics.map(\.id) == ["iptables-empty"])
    }

    // MARK: - Partial imports

    @Test func whatCannotMoveStaysOnIPTables() throws {
        let text = """
            *filter
            :INPUT ACCEPT [0:0]
            :DOCKER-USER - [0:0]
            -A DOCKER-USER -s 192.0.2.1/32 -j DROP
            -A DOCKER-USER -s 192.0.2.2/32 -j RETURN
            -A DOCKER-USER -m geoip --src-cc XX -j DROP
            -A DOCKER-USER -s 192.0.2.3/32 -j DROP
            COMMIT

            """
        let rules = try read(text) { $0.keepsUnsupported = true }
        let moved = rules.ruleset.scopes[0].chains[0].rules
        #expect(moved.map(\.origin.line) == [4, 5])
        #expect(moved.map(\.verdict) == [.drop, .return])
        #expect(rules.account.refused.map(\.place.line) == [6, 7])
        #expect(rules.account.inBothPlaces.map(\.place.line) == [5])
        #expect(rules.account.read == 4)
        #expect(rules.remainders.count == 1 && rules.remainders[0].family == .ip)
        let left = rules.remainders[0].text
        #expect(!left.contains("192.0.2.1/32") && left.contains("192.0.2.2/32") && left.contains("geoip"))
        #expect(left.contains("192.0.2.3/32") && left.contains(":INPUT ACCEPT"))
    }

    @Test func whatHasNoFormInNFTStaysAsWell() throws {
        let rules = try read(host) { $0.keepsUnsupported = true }
        #expect(rules.account.refused.map(\.place.line).contains(14))
        #expect(rules.remainders[0].text.contains("--string"))
    }
}
