import Diagnostics
import FirewallIR
import PacketModel
import Semantics

/// Short forms for rules in tests.
func rule(
    _ id: String, _ verdict: Verdict, guards: [Guard] = [], effects: [Effect] = [], opaque: [OpaqueMatch] = [],
    comment: String? = nil, _ restrict: (inout Box) -> Void = { _ in }
) -> FirewallRule {
    var box = Box()
    restrict(&box)
    return FirewallRule(
        id: id, origin: SourceLocation(file: "Policy.swift", line: 7), condition: [box], opaque: opaque,
        guards: guards, effects: effects, verdict: verdict, comment: comment)
}

extension Scope {
    /// A scope whose first chain is asked first.
    static func of(_ chains: [(String, [FirewallRule])], families: FamilySet = .both) -> Scope {
        Scope(
            hook: .containers, families: families, entry: chains[0].0,
            chains: chains.map { Chain(name: $0.0, rules: $0.1) })
    }

    /// What the scope does with a packet that is written as text.
    func evaluate(_ text: String, _ circumstances: Circumstances = .usual) throws -> Evaluation {
        Interpreter(self).evaluate(try PacketText.parse(text), circumstances)
    }
}

extension Evaluation {
    /// The rules that were asked, and of these the ones that matched.
    var asked: [String] { steps.map(\.rule.id) }
    var matched: [String] { steps.filter { $0.meeting == .matched }.map(\.rule.id) }
}
