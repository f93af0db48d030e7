internal import Seawall

/// Puts rules about one published port that follow one another into a group that names it.
enum GroupByPort {
    /// Fewer rules need no group.
    private static let fewest = 3

    static func run(_ rules: [RuleNode]) -> [PolicyNode] {
        var nodes: [PolicyNode] = []
        var rest = rules[...]
        while let first = rest.first {
            let name = first.publishedPort
            let run = rest.prefix { name != nil && $0.publishedPort == name }
            if let name, run.count >= fewest, run.count < rules.count {
                nodes.append(.group(GroupNode(at: first.location, name, children: run.map { .rule($0) })))
                rest = rest.dropFirst(run.count)
            } else {
                nodes.append(.rule(first))
                rest = rest.dropFirst()
            }
        }
        return nodes
    }
}

extension RuleNode {
    /// `tcp 443`, if the rule is about one published port.
    fileprivate var publishedPort: String? {
        if services.count == 1, let port = services[0].ports.singleNumber {
            return "\(services[0].protocolName) \(port)"
        }
        var name: String?
        var number: Int?
        for match in matches where !match.isNegated && !match.allowsAbsent {
            switch (match.field, match.values) {
            case (.proto, .names(let names)) where names.count == 1: name = names[0]
            case (.originalDestinationPort, .ports(let ports)): number = ports.singleNumber
            default: break
            }
        }
        guard let number else { return nil }
        return name.map { "\($0) \(number)" } ?? "port \(number)"
    }
}

extension PortExpression {
    fileprivate var singleNumber: Int? { if case .leaf(.number(let port)) = self { port } else { nil } }
}
