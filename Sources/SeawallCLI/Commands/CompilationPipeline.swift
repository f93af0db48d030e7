internal import Compiler
internal import Decompiler
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import Importing
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading
internal import Seawall
internal import Semantics

/// The way of the data: policy -> document -> IR -> backend, or rules that somebody else wrote -> IR -> backend.
///
/// Messages come out at the user's own files and lines.
struct CompilationPipeline: Sendable {
    /// Where the rules came from.
    let source: RulesSource
    /// What it means.
    let ruleset: Ruleset
    /// What was said on the way.
    let warnings: [Diagnostic]
    /// What the policy's author expects of it.
    let expectations: [Expectation]
    /// The rules as they were written.
    let sources: [RuleSource]

    /// Reads what was named, and compiles it if it is a policy.
    init(_ options: PolicyOptions, family: AddressFamily? = nil, acceptMark: AcceptMark? = nil) async throws {
        try self.init(await options.load(family: family, acceptMark: acceptMark))
    }

    /// Compiles what was read.
    init(_ source: RulesSource) throws {
        switch source {
        case .policy(let policy): try self.init(policy)
        case .rules(let rules): self.init(rules)
        }
    }

    /// Rules that somebody else wrote; nobody expects anything of them.
    private init(_ rules: ImportedRules) {
        source = .rules(rules)
        ruleset = rules.ruleset
        warnings = rules.warnings
        expectations = []
        sources = rules.ruleset.scopes.lazy.flatMap(\.chains).flatMap(\.rules).map {
            RuleSource(id: $0.id, origin: $0.origin)
        }
    }

    /// Compiles a policy that was loaded.
    private init(_ policy: LoadedPolicy) throws {
        source = .policy(policy)
        do throws(DiagnosticError) {
            let output = try CompilePolicy.run(policy.document)
            ruleset = output.ruleset
            expectations = output.expectations
            sources = output.sources
            warnings = policy.warnings + policy.located(output.warnings)
        } catch {
            throw DiagnosticError(error.outcome, policy.warnings + policy.located(error.diagnostics))
        }
    }

    /// The same with the twin at input of what Docker forwards, for the sockets of docker-proxy on a host.
    ///
    /// - Parameter listeners: the sockets; without any, nothing is different.
    /// - Returns: what `iptables`, `nft` and the proof of what they emit are then about.
    /// - Throws: `DiagnosticError` with every rule that asks for what cannot be known there.
    func withTwin(_ listeners: [ProxyListener]) throws -> CompilationPipeline {
        do throws(DiagnosticError) {
            return CompilationPipeline(self, ruleset: try AddInputTwin.run(ruleset, listeners: listeners))
        } catch {
            throw DiagnosticError(error.outcome, source.located(error.diagnostics))
        }
    }

    /// The same with what our nft table stops in the place of policies of FORWARD.
    ///
    /// - Throws: `DiagnosticError` if the policy has rules for all of FORWARD itself.
    func withGuards(_ guards: [ForwardGuard]) throws -> CompilationPipeline {
        var result = ruleset
        for one in guards {
            let scope = try one.scope()
            if result.scopes.contains(where: { $0.hook == .forward && !$0.families.isDisjoint(with: scope.families) }) {
                throw DiagnosticError.twoForwards(ruleset.name)
            }
            result.scopes.append(scope)
        }
        let mistakes = result.validate()
        guard mistakes.isEmpty else { throw DiagnosticError(.findings, mistakes) }
        return CompilationPipeline(self, ruleset: result)
    }

    /// The same for packets of one family; those of the other are left alone.
    func restricted(to family: AddressFamily) -> CompilationPipeline {
        CompilationPipeline(self, ruleset: ruleset.restricted(to: family))
    }

    /// The same with other rules.
    private init(_ other: CompilationPipeline, ruleset: Ruleset) {
        source = other.source
        self.ruleset = ruleset
        warnings = other.warnings
        expectations = other.expectations
        sources = other.sources
    }

    /// The rules as a policy document.
    var document: PolicyDocument {
        switch source {
        case .policy(let policy): policy.document
        case .rules(let rules): Decompile.policy(rules.ruleset, name: rules.ruleset.name).document
        }
    }

    /// What is not as the policy's author expects.
    func brokenExpectations(now: Int64) -> [Diagnostic] {
        source.located(
            expectations.compactMap { $0.diagnostic(CheckExpectation.run($0, in: ruleset, now: now)) })
    }

    /// The program of iptables for each family.
    ///
    /// - Parameters:
    ///   - families: the families.
    ///   - sets: which addresses become sets of ipset; none if there are to be none.
    ///   - lineByLine: whether rules stand in the order of the policy, and not in chains by port.
    /// - Returns: a program for each family.
    /// - Throws: `DiagnosticError` of the kind `refused` with every rule that cannot be expressed.
    func iptables(
        _ families: [AddressFamily], sets: IPSetOptions? = nil, lineByLine: Bool = false
    ) throws -> [IPTablesProgram] {
        var programs: [IPTablesProgram] = []
        var refusals: [Diagnostic] = []
        let sorted = lineByLine ? ruleset : OptimizeRuleset.runForLines(ruleset, hasSets: sets != nil)
        for family in families {
            var fallback: [Diagnostic] = []
            if sorted != ruleset {
                do throws(DiagnosticError) {
                    programs.append(try LowerToIPTables.lower(sorted, family: family, sets: sets))
                    continue
                } catch {
                    // What does not fit into chains within chains may still fit line by line.
                    fallback = [.notOptimized(error)]
                }
            }
            do throws(DiagnosticError) {
                var program = try LowerToIPTables.lower(ruleset, family: family, sets: sets)
                program.notes += fallback
                programs.append(program)
            } catch {
                refusals += error.diagnostics.filter { new in !refusals.contains { $0.location == new.location } }
            }
        }
        guard refusals.isEmpty else { throw DiagnosticError(.refused, source.located(refusals)) }
        return programs
    }

    /// The nft table, with sets and maps unless it is to be line by line.
    func nft(
        acceptMark: AcceptMark?, lineByLine: Bool = false, _ passes: OptimizeRuleset.Options = .init()
    ) throws -> NFTDocument {
        do throws(DiagnosticError) {
            if lineByLine { return try self.lineByLine(acceptMark: acceptMark, passes) }
            do throws(DiagnosticError) {
                let optimized = OptimizeRuleset.run(ruleset, passes)
                return try LowerToNFTables.lower(optimized, acceptMark: acceptMark, optimized: true)
            } catch {
                // What cannot be said in sets may still be said line by line: chains within chains, as deep as the kernel goes.
                var document = try self.lineByLine(acceptMark: acceptMark, passes)
                document.notes.append(.notOptimized(error))
                return document
            }
        } catch {
            throw DiagnosticError(error.outcome, source.located(error.diagnostics))
        }
    }

    private func lineByLine(
        acceptMark: AcceptMark?, _ passes: OptimizeRuleset.Options
    ) throws(DiagnosticError) -> NFTDocument {
        let rules = passes.countsRules ? OptimizeRuleset.counting(ruleset) : ruleset
        return try LowerToNFTables.lower(rules, acceptMark: acceptMark)
    }

    /// What is different in the rules than it was written, though it means the same: names and comments.
    func notes(_ emission: Emission?) -> [Diagnostic] {
        switch emission {
        case .iptables(let programs): source.located(programs.flatMap(\.notes))
        case .nft(let document, _): source.located(document.notes) + document.renamedChains.diagnostics
        case nil: []
        }
    }

    /// The first line of each document: what made it, for which family, from which policy.
    func header(_ family: AddressFamily?) -> [String] {
        let what = family.map { "\($0 == .ip ? "iptables" : "ip6tables") (\($0.rawValue))" } ?? "nft (inet)"
        return ["seawall \(seawallVersion): \(what), policy \(ruleset.name)"]
    }

    /// How many rules there are; of a policy without those that scopes add.
    var ruleCount: Int {
        switch source {
        case .policy(let policy): policy.document.content.reduce(0) { $0 + $1.ruleCount }
        case .rules(let rules): rules.account.read
        }
    }
}

extension Diagnostic {
    /// The rules are written in the order of the policy, since what the passes made of them cannot be expressed.
    static func notOptimized(_ error: DiagnosticError) -> Diagnostic {
        Diagnostic(
            "not-optimized", .warning, at: nil,
            "the rules are written line by line, and not in sets and chains of their own: \(error.diagnostics.first?.message ?? "they cannot be expressed so")"
        )
    }

    /// Whether it says so.
    var saysNotOptimized: Bool { id == "not-optimized" }
}

extension PolicyNode {
    fileprivate var ruleCount: Int {
        switch self {
        case .block(let block): block.children.reduce(0) { $0 + $1.ruleCount }
        case .chain(let chain): chain.children.reduce(0) { $0 + $1.ruleCount }
        case .scope(let scope): scope.children.reduce(0) { $0 + $1.ruleCount }
        case .group(let group): group.children.reduce(0) { $0 + $1.ruleCount }
        case .rule: 1
        case .expectation: 0
        }
    }
}
