import Diagnostics
import FirewallIR
import PacketModel
import Semantics
import Testing

/// Interfaces that no pattern means are told apart from those that one does, whatever the patterns are.
@Suite("Other interfaces")
struct OtherInterfacesTests {
    private func drops(_ interfaces: InterfaceSet) -> Ruleset {
        var box = Box()
        box.inInterface = interfaces
        let rule = FirewallRule(
            id: "rule0000", origin: SourceLocation(file: "Policy.swift", line: 1), condition: [box], verdict: .drop)
        return Ruleset(
            name: "Interfaces",
            scopes: [
                Scope(
                    hook: .containers, families: .ip, entry: "policy", chains: [Chain(name: "policy", rules: [rule])])
            ])
    }

    @Test(
        "Those that are left are one more class",
        arguments: [
            ["eth*", "docker*", "if*"], ["eth0", "docker0", "i*"], ["e*", "d*", "i*", "v*", "w*", "b*"],
            (0..<26).map { "\(Character(UnicodeScalar(UInt8(97 + $0))))*" },
            (0..<26).map { "\(Character(UnicodeScalar(UInt8(97 + $0))))*" } + (0..<10).map { "\($0)*" },
        ])
    func othersAreAClass(_ texts: [String]) throws {
        let patterns = try texts.map { try InterfacePattern(text: $0) }
        let others = drops(InterfaceSet(patterns, isNegated: true))
        let none = drops(InterfaceSet([]))
        let proof = try #require(ProveEquality.run(others, none).scopes.first)
        guard case .different(let found) = proof.answer else {
            Issue.record("\(proof.answer)")
            return
        }
        #expect(!patterns.contains { $0.matches(found.packet.inInterface) })
    }

    @Test("What a wildcard means besides all names that are known is a class, too")
    func theRestOfAWildcardIsAClass() throws {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")
        let exact = ["br-"] + letters.map { "br-\($0)" }
        let all = drops(InterfaceSet([try InterfacePattern(text: "br-*")]))
        let named = drops(InterfaceSet(try exact.map { try InterfacePattern(text: $0) }))
        let proof = try #require(ProveEquality.run(all, named).scopes.first)
        guard case .different(let found) = proof.answer else {
            Issue.record("\(proof.answer)")
            return
        }
        #expect(found.packet.inInterface.hasPrefix("br-") && !exact.contains(found.packet.inInterface))
    }
}
