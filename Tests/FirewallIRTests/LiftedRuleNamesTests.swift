import Diagnostics
import FirewallIR
import Testing

/// Rules that are read back have names, each of which is given once.
struct LiftedRuleNamesTests {
    private func names(_ comments: [String?]) -> [String] {
        var names = LiftedRuleNames(prefix: "sw:", origins: ["a": SourceLocation(file: "Policy.swift", line: 7)])
        return comments.enumerated().map { names.name(comment: $1, chain: "C", position: $0 + 1).id }
    }

    @Test func whatBecameSeveralRulesIsCounted() {
        #expect(names(["sw:a", "sw:a", "sw:b", "sw:a"]) == ["a", "a.2", "b", "a.3"])
        #expect(names([nil, "sw:a", "own words", nil]) == ["C:1", "a", "C:3", "C:4"])
    }

    @Test func anIdentifierThatLooksLikeACountedOneKeepsItsOwnName() {
        #expect(names(["sw:a.2", "sw:a", "sw:a"]) == ["a.2", "a", "a.3"])
        #expect(names(["sw:a", "sw:a", "sw:a.2", "sw:a.2", "sw:a"]) == ["a", "a.2", "a.2.2", "a.2.3", "a.3"])
    }

    @Test func placesOfThePolicyAreFoundByTheIdentifier() {
        var names = LiftedRuleNames(prefix: "sw:", origins: ["a": SourceLocation(file: "Policy.swift", line: 7)])
        let first = names.name(comment: "sw:a as written", chain: "C", position: 1)
        let second = names.name(comment: "sw:a", chain: "C", position: 2)
        #expect(first.comment == "as written" && first.origin == SourceLocation(file: "Policy.swift", line: 7))
        #expect(second.id == "a.2" && second.origin == first.origin)
        #expect(names.name(comment: "sw:x", chain: "C", position: 3).origin == SourceLocation(file: "C", line: 3))
    }
}
