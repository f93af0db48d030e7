package import Diagnostics
package import FirewallIR
internal import PacketModel
package import Seawall

/// Turns a policy document into the intermediate representation: `PolicyDocument -> Ruleset`.
///
/// All mistakes are found in one run. Nothing is merged or reordered here; that is for later passes.
package enum CompilePolicy {
    /// The result of a compilation without errors.
    package struct Output: Sendable {
        /// What the policy means.
        package var ruleset: Ruleset
        /// What may not be what was meant.
        package var warnings: [Diagnostic]
        /// What the policy's author expects of it.
        package var expectations: [Expectation]
        /// The rules as they were written, in the order of the policy.
        package var sources: [RuleSource]
    }

    /// Compiles a document whose files have been read.
    ///
    /// - Throws: `DiagnosticError` with every error that was found; warnings come with it.
    package static func run(_ document: PolicyDocument) throws(DiagnosticError) -> Output {
        var resolver = PolicyResolver(document: document)
        let ruleset = resolver.resolve()
        let warnings = PolicyWarnings.find(in: document)
        if resolver.diagnostics.isEmpty {
            resolver.diagnostics += ruleset.validate()
        }
        guard resolver.diagnostics.isEmpty else { throw DiagnosticError(.findings, resolver.diagnostics + warnings) }
        return Output(
            ruleset: ruleset, warnings: warnings, expectations: resolver.expectations,
            sources: document.content.flatMap { resolver.sources(of: $0) })
    }
}

/// Reads the parts of a document into the vocabulary of the IR, and collects what is wrong with them.
struct PolicyResolver {
    let document: PolicyDocument
    var diagnostics: [Diagnostic] = []
    /// What the author expects, in the order written.
    var expectations: [Expectation] = []
    /// All packets of the families of the block that is being read.
    var blockBox = Box()
    /// The hook at which its rules stand.
    var blockHook = Scope.Hook.containers
    /// The names of the chains in it.
    var chainNames: Set<String> = []
    /// Chains that rules needed beside the entry chain.
    var furtherChains: [FirewallIR.Chain] = []
    /// Address files that have been read, by the bytes of their paths; one with errors is reported once, and stands for no restriction.
    var addressFiles: [[UInt8]: IPAddressSet?] = [:]
    /// Whether a file was empty that may be, or it was said outright: what can never match because of it is meant so.
    var mayMatchNothing = false
    /// Port files that have been read.
    var portFiles: [[UInt8]: IntervalSet<UInt16>?] = [:]

    init(document: PolicyDocument) { self.document = document }

    mutating func resolve() -> Ruleset {
        check(text: document.policy, called: "name of the policy", at: nil)
        return Ruleset(name: document.policy, scopes: resolveBlocks())
    }

    mutating func resolve(_ node: PolicyNode, in scope: ScopeContext?) -> [FirewallRule] {
        switch node {
        case .block(let block):
            report(
                "nested-block", at: block.location,
                "Containers, Input, Forward or Output stands in another one, or in a group: write them one after the other"
            )
            return []
        case .chain(let chain):
            guard scope == nil else {
                report(
                    "nested-chain", at: chain.location,
                    "the chain '\(chain.name)' stands in a scope: put it beside the scopes")
                return []
            }
            resolve(chain)
            return []
        case .group(let group):
            check(text: group.name, called: "name of the group", at: group.location)
            return group.children.flatMap { resolve($0, in: scope) }
        case .expectation(let expectation):
            guard blockHook == .containers else {
                report(
                    "misplaced-expectation", at: expectation.location,
                    "Expect stands in a block of \(blockHook.rawValue): it speaks of connections through Containers, and can stand beside the blocks"
                )
                return []
            }
            if let expectation = resolve(expectation) { expectations.append(expectation) }
            return []
        case .rule(let rule):
            return resolve(rule, in: scope)
        case .scope(let inner):
            guard scope == nil else {
                report(
                    "nested-scope", at: inner.location,
                    "a scope stands in another scope: write them one after the other")
                return []
            }
            guard blockHook == .containers else {
                report(
                    "misplaced-scope", at: inner.location,
                    "a scope stands in a block of \(blockHook.rawValue): Inbound, Outbound and Between are for Containers; write Rule"
                )
                return []
            }
            guard let context = resolve(inner) else { return [] }
            let rules = inner.children.flatMap { resolve($0, in: context) }
            return rules.isEmpty && context.special.isEmpty ? [] : context.prelude + rules
        }
    }

    mutating func report(
        _ id: String, at location: NodeLocation?, _ message: String, literal: String? = nil,
        notes: [Diagnostic.Note] = []
    ) {
        diagnostics.append(
            Diagnostic(id, at: location.map { SourceLocation($0) }, message, literal: literal, notes: notes))
    }
}

extension SourceLocation {
    /// The place of a node.
    package init(_ location: NodeLocation) { self.init(file: location.file, line: location.line) }
}
