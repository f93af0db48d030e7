import Compiler
import Diagnostics
import FirewallIR
import PacketModel
import Seawall
import Testing

/// Forms that are rare, and mean what they say.
@Suite struct OddFormsTests {
    private func box(@PolicyBuilder _ body: () -> PolicyContent) throws -> Box {
        let ruleset = try CompilePolicy.run(document(files: [:], body)).ruleset
        return try #require(ruleset.scopes[0].chains[0].rules.last?.condition.first)
    }

    @Test func aRangeMayHaveNamesAtItsEnds() throws {
        let named = try box { Inbound(on: "eth0") { Drop(.tcp("http"..."https")) } }
        #expect(named == (try box { Inbound(on: "eth0") { Drop(.tcp(80...443)) } }))
        #expect(
            messages { Inbound(on: "eth0") { Drop(.tcp("http"..."htps")) } }.map { $0.prefix(28) } == [
                "error: unknown service 'htps"
            ])
    }

    @Test func allButAllButSomethingIsIt() throws {
        let twice = try box { Inbound(on: .not(.not("eth0"))) { Drop() } }
        #expect(twice == (try box { Inbound(on: "eth0") { Drop() } }))
        let addresses = try box { Inbound(on: "eth0") { Drop(from: .not(.not("192.0.2.1"))) } }
        #expect(addresses == (try box { Inbound(on: "eth0") { Drop(from: "192.0.2.1") } }))
    }

    @Test func aPolicyWithoutRulesWarns() {
        let warning = "warning: the policy Test has no rules: everything is left to Docker's own [empty-policy]"
        #expect(messages { Containers {} } == [warning])
        #expect(messages { Containers { for _ in 0..<0 { Inbound(on: "eth0") { Drop() } } } } == [warning])
        #expect(messages { Inbound(on: "eth0") { Group("nothing") {} } } == [warning])
        #expect(messages { Inbound(on: "eth0", invalid: .drop) {} } == [])
        #expect(messages { Inbound(on: "eth0") { Drop() } } == [])
    }
}
