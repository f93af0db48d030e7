internal import Seawall

/// Long lists of addresses, as files beside the policy; the same list is one file.
struct AddressLists {
    /// More addresses than these do not belong into source.
    private static let longest = 64

    /// The texts by their paths.
    private(set) var contents: [String: String] = [:]
    private var paths: [String: String] = [:]
    private var counts: [String: Int] = [:]

    mutating func movingLists(of node: PolicyNode) -> PolicyNode {
        switch node {
        case .block(var block):
            block.children = block.children.map { movingLists(of: $0) }
            return .block(block)
        case .chain(var chain):
            chain.children = chain.children.map { movingLists(of: $0) }
            return .chain(chain)
        case .group(var group):
            group.children = group.children.map { movingLists(of: $0) }
            return .group(group)
        case .scope(var scope):
            scope.from = moving(scope.from, called: "sources")
            scope.children = scope.children.map { movingLists(of: $0) }
            return .scope(scope)
        case .rule(var rule):
            let name = rule.verdict.nameOfAddresses
            rule.from = moving(rule.from, called: name)
            rule.to = moving(rule.to, called: name)
            rule.containerAddress = moving(rule.containerAddress, called: name)
            rule.matches = rule.matches.map { moving($0, called: name) }
            return .rule(rule)
        case .expectation: return node
        }
    }

    private mutating func moving(_ match: MatchNode, called name: String) -> MatchNode {
        var copy = match
        switch match.values {
        case .addresses(let set): copy.values = .addresses(moving(set, called: name))
        case .alternatives(let lists):
            copy.values = .alternatives(lists.map { list in list.map { moving($0, called: name) } })
        default: break
        }
        return copy
    }

    private mutating func moving(_ set: AddressExpression, called name: String) -> AddressExpression {
        switch set {
        case .not(let inner): return .not(moving(inner, called: name))
        case .union(let members) where members.count > Self.longest:
            let texts = set.leaves.compactMap { if case .text(let text) = $0 { text } else { nil } }
            guard texts.count == members.count else { return set }
            let text = texts.joined(separator: "\n") + "\n"
            return .leaf(.file(FileReference(path: path(of: text, called: name), mayBeEmpty: false)))
        default: return set
        }
    }

    private mutating func path(of text: String, called name: String) -> String {
        if let path = paths[text] { return path }
        counts[name, default: 0] += 1
        let count = counts[name] ?? 1
        let path = count == 1 ? "\(name).txt" : "\(name)-\(count).txt"
        paths[text] = path
        contents[path] = text
        return path
    }
}

extension VerdictNode {
    /// What addresses are called that rules with this verdict ask for.
    var nameOfAddresses: String {
        switch self {
        case .allow, .accept, .return: "allowed"
        case .drop, .reject: "blocked"
        case .log, .next, .jump, .goto, .queue: "addresses"
        }
    }
}
