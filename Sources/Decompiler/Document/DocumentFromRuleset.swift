internal import Diagnostics
package import FirewallIR
internal import PacketModel
package import Seawall

/// Turns the intermediate representation back into a document: `Ruleset -> PolicyDocument`.
///
/// The document compiles to a rule set that treats every packet alike; whoever uses it proves that. Rules that differ in
/// one set become one, scopes are found again, and long lists of addresses become files. `imported` says for each rule
/// of which it was made; places are those in the rule set.
package enum DocumentFromRuleset {
    /// The document of a rule set.
    ///
    /// - Parameters:
    ///   - ruleset: valid, with one scope for each hook and family.
    ///   - name: the name of the policy's type.
    /// - Returns: the document with the contents of its files.
    package static func run(_ ruleset: Ruleset, name: String) -> PolicyDocument {
        let parts = ruleset.scopes.map { ScopeDocument(scope: $0).make() }
        var content: [PolicyNode] = []
        for (scope, part) in zip(ruleset.scopes, parts) {
            if ruleset.scopes.count == 1 && scope.isPlain {
                content += part.nodes
            } else {
                content.append(.block(BlockNode(scope, children: part.nodes)))
            }
        }
        var lists = AddressLists()
        content = content.map { lists.movingLists(of: $0) }
        var document = PolicyDocument(policy: name, content: content)
        for index in document.files.indices {
            document.files[index].contents = lists.contents[document.files[index].path]
        }
        let identifiers = document.content.flatMap(\.identifiersOfRules)
        for (id, sources) in zip(identifiers, parts.flatMap(\.sources)) where !sources.isEmpty {
            document.imported[id] = sources.map {
                PolicyDocument.ImportedRule(rule: $0.id, origin: $0.origin.description)
            }
        }
        return document
    }
}

/// The nodes of a block, and the rules from which each of its scopes and rules was made, in their order.
private struct BlockParts {
    var nodes: [PolicyNode] = []
    var sources: [[FoldedRule.Source]] = []
}

/// One scope of the IR as nodes.
private struct ScopeDocument {
    let scope: Scope

    func make() -> BlockParts {
        var parts = BlockParts()
        for chain in scope.chains where chain.name == scope.entry {
            let block = nodes(FoldRules.run(chain.rules), findsScopes: scope.hook == .containers)
            parts.nodes += block.nodes
            parts.sources += block.sources
        }
        for chain in scope.chains where chain.name != scope.entry {
            let inner = nodes(FoldRules.run(chain.rules), findsScopes: false)
            parts.sources += inner.sources
            let origin = chain.rules.first.map { NodeLocation($0.origin) } ?? NodeLocation(file: chain.name, line: 1)
            parts.nodes.append(.chain(ChainNode(at: origin, chain.name, children: inner.nodes)))
        }
        return parts
    }

    private func nodes(_ rules: [FoldedRule], findsScopes: Bool) -> BlockParts {
        var parts = BlockParts()
        let recognizer = RecognizeScope(
            families: scope.families, chains: scope.chains.map(\.name).filter { $0 != scope.entry })
        var rest = rules[...]
        var plain: [RuleNode] = []
        while let next = rest.first {
            if findsScopes, let found = recognizer.find(in: rest) {
                parts.nodes += GroupByPort.run(plain)
                plain = []
                parts.nodes.append(.scope(found.scope.grouped))
                parts.sources.append(found.own.flatMap(\.sources))
                parts.sources += found.rules.map(\.sources)
                rest = rest.dropFirst(found.own.count + found.rules.count)
            } else {
                plain.append(RuleNode(next, in: scope.families))
                parts.sources.append(next.sources)
                rest = rest.dropFirst()
            }
        }
        parts.nodes += GroupByPort.run(plain)
        return parts
    }
}

extension ScopeNode {
    /// The scope with its rules in groups.
    fileprivate var grouped: ScopeNode {
        var copy = self
        copy.children = GroupByPort.run(children.compactMap { if case .rule(let rule) = $0 { rule } else { nil } })
        return copy
    }
}

extension Scope {
    /// Whether it needs no block of its own.
    fileprivate var isPlain: Bool { hook == .containers && families == .both && policy == .leave }
}

extension BlockNode {
    fileprivate init(_ scope: Scope, children: [PolicyNode]) {
        let origin = scope.chains.first { $0.name == scope.entry }?.rules.first.map { NodeLocation($0.origin) }
        self.init(
            at: origin ?? NodeLocation(file: scope.entry, line: 1), Hook(scope.hook), families: scope.families.names,
            policy: Policy(scope.policy), children: children)
    }
}

extension BlockNode.Hook {
    fileprivate init(_ hook: Scope.Hook) {
        switch hook {
        case .containers: self = .containers
        // Nothing that is imported has it (`NFTImport`).
        case .input, .proxied: self = .input
        case .forward: self = .forward
        case .output: self = .output
        }
    }
}

extension BlockNode.Policy {
    fileprivate init(_ verdict: Verdict) {
        switch verdict {
        case .accept: self = .accept
        case .drop: self = .drop
        default: self = .allow
        }
    }
}

extension PolicyNode {
    /// The identifiers of scopes and rules, in their order.
    fileprivate var identifiersOfRules: [String] {
        switch self {
        case .block(let block): block.children.flatMap(\.identifiersOfRules)
        case .chain(let chain): chain.children.flatMap(\.identifiersOfRules)
        case .group(let group): group.children.flatMap(\.identifiersOfRules)
        case .scope(let scope): [scope.id] + scope.children.flatMap(\.identifiersOfRules)
        case .rule(let rule): [rule.id]
        case .expectation: []
        }
    }
}
