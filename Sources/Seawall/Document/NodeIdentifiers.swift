internal import JSONC
internal import PacketModel

/// Gives each node a short stable name: eight characters from a hash of what it says and of the scopes around it.
///
/// Lines do not count, so that a rule keeps its name when something above it is edited; equal rules are told apart by
/// their order.
struct NodeIdentifiers {
    private var names = StableNames()

    mutating func assign(to nodes: [PolicyNode], below parent: String) -> [PolicyNode] {
        nodes.map { node in
            switch node {
            case .block(var block):
                let header = block.json(withChildren: false).text()
                block.id = unused("block\(parent)\(header)")
                block.children = assign(to: block.children, below: parent + header)
                return .block(block)
            case .chain(var chain):
                chain.id = unused("chain\(parent)\(chain.name)")
                chain.children = assign(to: chain.children, below: parent + chain.name)
                return .chain(chain)
            case .scope(var scope):
                let header = scope.json(withChildren: false).text()
                scope.id = unused("scope\(parent)\(header)")
                scope.children = assign(to: scope.children, below: parent + header)
                return .scope(scope)
            case .group(var group):
                group.id = unused("group\(parent)\(group.name)")
                group.children = assign(to: group.children, below: parent)
                return .group(group)
            case .rule(var rule):
                // What is accepted about a rule changes nothing of what it says.
                var said = rule
                said.allowedLints = []
                rule.id = unused("rule\(parent)\(said.json.text())")
                return .rule(rule)
            case .expectation(var expectation):
                expectation.id = unused("expect\(parent)\(expectation.json.text())")
                return .expectation(expectation)
            }
        }
    }

    private mutating func unused(_ text: String) -> String { names.unused(text) }

    /// Whether a text can be an identifier, of ours or of another program that writes documents: names of chains and
    /// comments are made of it.
    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 8 && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
    }
}
