internal import Diagnostics
internal import FirewallIR

/// The comment of a rule in the table: `sw:ID`, and the author's words as far as nft can hold them.
struct NFTComment {
    /// How many bytes nft's own language takes.
    static let limit = 128

    private(set) var text: String
    /// What was changed.
    private(set) var notes: [Diagnostic] = []

    /// The comment of a line that came from one of the rules of the policy that a rule was merged from.
    init(_ source: MergedSource, of rule: FirewallRule) {
        var own = FirewallRule(id: source.id, origin: source.origin, condition: [], verdict: rule.verdict)
        own.comment = source.comment
        self.init(own)
    }

    /// The comment of a rule.
    init(_ rule: FirewallRule) {
        let words = LowerToNFTables.commentPrefix + FirewallRule.whole(rule.id) + (rule.comment.map { " " + $0 } ?? "")
        text = words
        if words.utf8.contains(UInt8(ascii: "\"")) {
            text = String(String.UnicodeScalarView(words.unicodeScalars.map { $0 == "\"" ? "'" : $0 }))
            notes.append(
                Diagnostic(
                    "comment-quotes", .warning, at: rule.origin,
                    "the comment holds double quotes, which nft cannot list so that they load again: they became single ones"
                ))
        }
        guard text.utf8.count > Self.limit else { return }
        text = Self.shortened(text)
        notes.append(
            Diagnostic(
                "comment-shortened", .warning, at: rule.origin,
                "the comment has \(words.utf8.count) bytes with the rule's identifier, and nft takes \(Self.limit) at most: it was shortened to '\(text)'"
            ))
    }

    /// As many characters as have room.
    private static func shortened(_ text: String) -> String {
        var end = text.startIndex
        var bytes = 0
        while end < text.endIndex {
            bytes += text[end].utf8.count
            if bytes > limit { break }
            end = text.index(after: end)
        }
        return String(text[..<end])
    }
}
