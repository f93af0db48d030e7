internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading
internal import Seawall
internal import Semantics

/// The way of the data: policy -> document -> IR -> backend.
///
/// Messages come out at the user's own files and lines.
struct CompilationPipeline {
    /// The policy.
    let policy: LoadedPolicy
    /// What it means.
    let ruleset: Ruleset
    /// What was said on the way.
    let warnings: [Diagnostic]
    /// What the policy's author expects of it.
    let expectations: [Expectation]
    /// The rules as they were written.
    let sources: [RuleSource]

    /// Loads and compiles a policy.
    init(_ options: PolicyOptions) async throws { try self.init(await options.load()) }

    /// Loads and compiles a policy by its name.
    init(_ policy: String, _ options: EvaluationOptions) async throws { try self.init(await options.load(policy)) }

    /// Compiles a policy that was loaded.
    init(_ policy: LoadedPolicy) throws {
        self.policy = policy
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

    /// What is not as the policy's author expects.
    func brokenExpectations(now: Int64) -> [Diagnostic] {
        policy.located(
            expectations.compactMap { $0.diagnostic(CheckExpectation.run($0, in: ruleset, now: now)) })
    }

    /// The program of iptables for each family.
    func iptables(_ families: [AddressFamily]) throws -> [IPTablesProgram] {
        var programs: [IPTablesProgram] = []
        var refusals: [Diagnostic] = []
        for family in families {
            do throws(DiagnosticError) {
                programs.append(try LowerToIPTables.lower(ruleset, family: family))
            } catch {
                refusals += error.diagnostics.filter { new in !refusals.contains { $0.location == new.location } }
            }
        }
        guard refusals.isEmpty else { throw DiagnosticError(.refused, policy.located(refusals)) }
        return programs
    }

    /// The nft table.
    func nft(acceptMark: AcceptMark?) throws -> NFTDocument {
        do throws(DiagnosticError) {
            return try LowerToNFTables.lower(ruleset, acceptMark: acceptMark)
        } catch {
            throw DiagnosticError(error.outcome, policy.located(error.diagnostics))
        }
    }

    /// The first line of each document: what made it, for which family, from which policy.
    func header(_ family: AddressFamily?) -> [String] {
        let what = family.map { "\($0 == .ip ? "iptables" : "ip6tables") (\($0.rawValue))" } ?? "nft (inet)"
        return ["seawall \(seawallVersion): \(what), policy \(ruleset.name)"]
    }

    /// How many rules the policy has, without those that scopes add.
    var ruleCount: Int { policy.document.content.reduce(0) { $0 + $1.ruleCount } }
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
