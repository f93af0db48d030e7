internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Where the names of lifted rules come from.
enum RuleNaming {
    /// From the comments that a policy put there.
    case policy(LiftedRuleNames)
    /// From the rules themselves, unless a comment is one of ours; the places are lines of a file.
    case table(LiftedRuleNames, StableNames, file: String)

    /// Names for the rules of a table that was read from a file.
    init(_ table: FilterTable, file: String) {
        let comments = table.chains.flatMap(\.rules).compactMap(\.comment).filter(IPTablesNames.isOwnComment)
        let own = comments.map { $0.dropFirst(IPTablesNames.commentPrefix.count).prefix { $0 != " " } }
        self = .table(
            LiftedRuleNames(prefix: IPTablesNames.commentPrefix, origins: [:]),
            StableNames(taken: Set(own.map(String.init))), file: file)
    }

    /// The name of the next rule, whose position counts from 1.
    mutating func name(_ rule: FilterRule, chain: String, position: Int) -> LiftedRuleNames.Name {
        let comment = rule.comment
        switch self {
        case .policy(var names):
            defer { self = .policy(names) }
            return names.name(comment: comment, chain: chain, position: position)
        case .table(var names, var identifiers, let file):
            defer { self = .table(names, identifiers, file: file) }
            let origin = SourceLocation(file: file, line: rule.line)
            guard let comment, IPTablesNames.isOwnComment(comment), comment != IPTablesNames.commentPrefix + "jump"
            else {
                return LiftedRuleNames.Name(
                    id: identifiers.unused("\(chain) \(rule.text)"), origin: origin, comment: comment)
            }
            var name = names.name(comment: comment, chain: chain, position: position)
            name.origin = origin
            return name
        }
    }
}

extension FilterRule {
    /// The texts of its comments, one behind the other; `nil` for no comment, or an empty one.
    fileprivate var comment: String? {
        guard case .rule(let rule) = content else { return nil }
        let texts = rule.matches.compactMap { if case .comment(let text) = $0 { text } else { nil } }
        let text = texts.joined(separator: " ")
        return text.isEmpty ? nil : text
    }
}
