import Diagnostics
import FirewallIR
import NFTablesBackend
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

/// Rule sets over the whole IR, all hooks and policies among it: what nft has an exact form for reads back as the same, which
/// the engine proves.
struct NFTRoundTripTests {
    @Test func whatIsLoweredIsProvedEqual() throws {
        let seed = TestEnvironment.seed
        var (proved, assumed, undecided) = (0, 0, 0)
        for round in 0..<UInt64(400 * TestEnvironment.rounds) {
            var generator = RandomRulesets(seed: seed &+ round)
            guard let ruleset = Self.expressible(generator.ruleset(atMost: 12)) else { continue }
            let mark = BackendComparison.acceptMark
            let table = try LowerToNFTables.lower(ruleset, acceptMark: mark).table
            let lifted = Ruleset(name: "Lifted", scopes: try LiftFromNFTables.lift(table, acceptMark: mark))
            #expect(lifted.validate() == [], "seed \(seed &+ round)")
            let report = ProveEquality.run(ruleset.leaving, lifted, ProofOptions(strictness: .effects))
            let families = ruleset.scopes.reduce(0) { $0 + $1.families.families.count }
            #expect(report.scopes.count == families, "seed \(seed &+ round)")
            for proof in report.scopes {
                switch proof.answer {
                case .equal(let assumptions) where assumptions.isEmpty: proved += 1
                case .equal: assumed += 1
                case .undecided: undecided += 1
                default:
                    Issue.record("seed \(seed &+ round): \(proof)\n\(ruleset.text)\n\(lifted.text)")
                    return
                }
            }
        }
        // Assumptions are needed by a few rules that no packet can meet; the same limit twice is beyond the engine.
        #expect(proved > 20 * assumed && proved > 4 * undecided && proved > 300, "\(proved) \(assumed) \(undecided)")
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func whatIsLoweredIsLoadedAndListedAsItIs() async throws {
        let seed = TestEnvironment.seed
        var documents: [(name: String, document: NFTDocument)] = []
        for round in 0..<UInt64(80 * TestEnvironment.rounds) {
            var generator = RandomRulesets(seed: seed &+ round)
            guard let ruleset = Self.expressible(generator.ruleset(atMost: 12)) else { continue }
            documents.append(
                ("\(seed &+ round)", try LowerToNFTables.lower(ruleset, acceptMark: BackendComparison.acceptMark)))
        }
        try await withNamespace { namespace in
            try await withFolder { folder in
                for (name, document) in documents {
                    try folder.write("\(name).json", document.jsonText)
                    try folder.write("\(name).nft", document.text(header: []))
                }
                let problems = try await namespace.must(AcceptanceScript.text(folder.path))
                #expect(problems == "")
            }
        }
        #expect(documents.count > 20)
    }

    /// The rule set without the rules that are refused by themselves; `nil` if something else is refused.
    static func expressible(_ ruleset: Ruleset) -> Ruleset? {
        var ruleset = ruleset
        var number = 0
        for scope in ruleset.scopes.indices {
            for chain in ruleset.scopes[scope].chains.indices {
                for rule in ruleset.scopes[scope].chains[chain].rules.indices {
                    number += 1
                    ruleset.scopes[scope].chains[chain].rules[rule].origin = SourceLocation(file: "r", line: number)
                }
            }
        }
        do throws(DiagnosticError) {
            _ = try LowerToNFTables.lower(ruleset, acceptMark: BackendComparison.acceptMark)
            return ruleset
        } catch {
            let refused = Set(error.diagnostics.map(\.location))
            guard !refused.contains(nil) else { return nil }
            for scope in ruleset.scopes.indices {
                for chain in ruleset.scopes[scope].chains.indices {
                    ruleset.scopes[scope].chains[chain].rules.removeAll { refused.contains($0.origin) }
                }
            }
            return ruleset
        }
    }
}

extension Ruleset {
    /// The same with the word that whole filter tables have for what leaves them.
    var leaving: Ruleset {
        var ruleset = self
        for scope in ruleset.scopes.indices where ruleset.scopes[scope].hook != .containers {
            if ruleset.scopes[scope].policy == .accept { ruleset.scopes[scope].policy = .leave }
            for chain in ruleset.scopes[scope].chains.indices {
                for rule in ruleset.scopes[scope].chains[chain].rules.indices
                where ruleset.scopes[scope].chains[chain].rules[rule].verdict == .accept {
                    ruleset.scopes[scope].chains[chain].rules[rule].verdict = .leave
                }
            }
        }
        return ruleset
    }
}
