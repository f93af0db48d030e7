internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Where the names of lifted rules come from.
struct RuleNaming {
    private var names: LiftedRuleNames
    /// Gives names to rules that bear none of ours.
    private var identifiers: StableNames?
    /// The file whose lines are the places.
    private let file: String?

    /// From the comments that a policy put there.
    init(_ names: LiftedRuleNames) {
        self.names = names
        file = nil
    }

    /// From the rules of a table that was read from a file, unless a comment is one of ours.
    init(_ table: FilterTable, file: String) {
        var own: Set<String> = []
        for chain in table.chains {
            for rule in chain.rules {
                guard let comment = rule.comment, IPTablesNames.isOwnComment(comment) else { continue }
                own.insert(String(comment.dropFirst(IPTablesNames.commentPrefix.count).prefix { $0 != " " }))
            }
        }
        names = LiftedRuleNames(prefix: IPTablesNames.commentPrefix, origins: [:])
        identifiers = StableNames(taken: own)
        self.file = file
    }

    /// The texts of rules, if their names are made of them.
    func texts(of rules: [FilterRule]) -> [String]? {
        identifiers == nil ? nil : ConcurrentMap.run(rules.count) { rules[$0].text }
    }

    /// The name of the next rule, whose position counts from 1.
    ///
    /// - Parameters:
    ///   - rule: the rule.
    ///   - text: its text, if names are made of texts.
    ///   - chain: the chain that it stands in.
    ///   - position: its position there.
    /// - Returns: the name.
    mutating func name(
        _ rule: FilterRule, _ text: String?, chain: String, position: Int
    ) -> LiftedRuleNames.Name {
        let comment = rule.comment
        guard let file else { return names.name(comment: comment, chain: chain, position: position) }
        let origin = SourceLocation(file: file, line: rule.line)
        if let comment, IPTablesNames.isOwnComment(comment), comment != IPTablesNames.commentPrefix + "jump" {
            var name = names.name(comment: comment, chain: chain, position: position)
            name.origin = origin
            return name
        }
        let id = identifiers?.unused(chain + " " + (text ?? rule.text)) ?? ""
        return LiftedRuleNames.Name(id: id, origin: origin, comment: comment)
    }
}

extension FilterRule {
    /// The texts of its comments, one behind the other; `nil` for no comment, or an empty one.
    fileprivate var comment: String? {
        guard case .rule(let rule) = content, let first = rule.matches.firstIndex(where: \.isComment) else {
            return nil
        }
        if case .comment(let text) = rule.matches[first], !rule.matches[(first + 1)...].contains(where: \.isComment) {
            return text.isEmpty ? nil : text
        }
        let texts = rule.matches.compactMap { if case .comment(let text) = $0 { text } else { nil } }
        let text = texts.joined(separator: " ")
        return text.isEmpty ? nil : text
    }
}

extension IPTablesMatch {
    fileprivate var isComment: Bool { if case .comment = self { true } else { false } }
}
