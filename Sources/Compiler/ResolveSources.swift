internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// The rules that a node holds, as they were written.
    mutating func sources(of node: PolicyNode) -> [RuleSource] {
        switch node {
        case .block(let block): return block.children.flatMap { sources(of: $0) }
        case .chain(let chain): return chain.children.flatMap { sources(of: $0) }
        case .scope(let scope): return scope.children.flatMap { sources(of: $0) }
        case .group(let group): return group.children.flatMap { sources(of: $0) }
        case .expectation: return []
        case .rule(let rule):
            return [
                RuleSource(
                    id: rule.id, origin: SourceLocation(rule.location), isDefault: rule.isDefault,
                    until: rule.until.flatMap { instant($0, at: rule.location) },
                    allowedLints: Set(rule.allowedLints))
            ]
        }
    }
}
