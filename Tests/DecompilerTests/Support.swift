import Compiler
import Decompiler
import Diagnostics
import FirewallIR
import JSONC
import PacketModel
import Seawall
import Semantics
import Testing

/// What a rule set becomes on the way to a document, as JSON, and back.
func returned(_ ruleset: Ruleset) throws -> Ruleset {
    let document = DocumentFromRuleset.run(ruleset, name: "Returned")
    let decoded = try PolicyDocument.decode(try JSONValue.parse(document.json.text()))
    #expect(decoded == document)
    do {
        return try CompilePolicy.run(decoded).ruleset
    } catch {
        Issue.record("\(error.diagnostics.filter { $0.severity == .error })\n\(ruleset.text)\n\(document.json.text())")
        throw error
    }
}

/// Records an issue unless two rule sets treat every packet alike, their effects included.
///
/// - Returns: whether it could be decided: where a packet asks one guard twice, or a mark is changed on the way, the engine
///   gives no answer.
@discardableResult
func expectEqual(_ a: Ruleset, _ b: Ruleset, _ comment: @autoclosure () -> String = "") -> Bool {
    var isDecided = true
    #expect(a.scopes.map(\.hook) == b.scopes.map(\.hook) && a.scopes.map(\.families) == b.scopes.map(\.families))
    for (one, other) in zip(a.scopes, b.scopes) {
        #expect(one.policy == other.policy)
        for family in one.families.families {
            let answer = ProveEquality.run(one, other, family: family, ProofOptions(strictness: .effects))
            switch answer {
            case .undecided(.askedTwice), .undecided(.changedOnTheWay): isDecided = false
            default:
                #expect(answer == .equal(assuming: []), "\(comment())\n\(a.text)\n\(b.text)")
            }
        }
    }
    return isDecided
}

extension FirewallRule {
    /// A rule of one line of a dump.
    init(
        _ line: Int, _ condition: [Box], _ verdict: Verdict, opaque: [OpaqueMatch] = [], guards: [Guard] = [],
        stages: [RuleStage] = [], effects: [Effect] = [], comment: String? = nil
    ) {
        self.init(
            id: "rule:\(line)", origin: SourceLocation(file: "rules.v4", line: line), condition: condition,
            opaque: opaque, guards: guards, stages: stages, effects: effects, verdict: verdict, comment: comment)
    }
}

extension Box {
    /// A box by what is special about it.
    static func where_(_ change: (inout Box) -> Void) -> Box {
        var box = Box()
        box.families = .ip
        change(&box)
        return box
    }
}

extension Ruleset {
    /// The rules of one chain for IPv4.
    static func ofRules(
        _ rules: [FirewallRule], at hook: Scope.Hook = .input, chains: [FirewallIR.Chain] = []
    ) -> Ruleset {
        let entry = FirewallIR.Chain(name: "ENTRY", rules: rules)
        return Ruleset(
            name: "Rules",
            scopes: [
                Scope(
                    hook: hook, families: .ip, entry: "ENTRY", chains: [entry] + chains,
                    policy: hook == .containers ? .leave : .drop)
            ])
    }
}

func addresses(_ texts: String...) -> IPAddressSet {
    IPAddressSet(texts.compactMap { try? IPAddressRange(text: $0) })
}
