package import Diagnostics

/// A rule of the policy that became part of a merged rule: the merged rule's condition holds its boxes.
package struct MergedSource: Hashable, Sendable {
    /// The identifier that the rule has in the policy.
    package var id: String
    /// Where it was written.
    package var origin: SourceLocation
    /// How many boxes of the merged rule's condition are its own; those of all sources follow one another.
    package var boxes: Int
    /// What the author says about it.
    package var comment: String?

    /// A source.
    package init(id: String, origin: SourceLocation, boxes: Int, comment: String? = nil) {
        self.id = id
        self.origin = origin
        self.boxes = boxes
        self.comment = comment
    }
}

extension FirewallRule {
    /// Where the rule came from: what it was merged from, or itself.
    package var sources: [MergedSource] {
        merged.isEmpty ? [itself] : merged
    }

    /// The source that a box of the condition came from.
    ///
    /// - Parameter box: its number in the condition.
    /// - Returns: the source; of a rule that was not merged, itself.
    package func source(ofBox box: Int) -> MergedSource {
        var next = 0
        for source in merged {
            next += source.boxes
            if box < next { return source }
        }
        return itself
    }

    private var itself: MergedSource {
        MergedSource(id: id, origin: origin, boxes: condition.count, comment: comment)
    }

    /// Whether nothing matters but which packets match: no state, no effects, and a verdict that ends the chain.
    ///
    /// Such rules may change places with others that no packet of theirs matches, and with those of the same verdict.
    package var isPlain: Bool {
        guard opaque.isEmpty, guards.isEmpty, stages.isEmpty, effects.isEmpty else { return false }
        switch verdict {
        case .leave, .accept, .drop, .reject, .return, .goto: return true
        case .next, .jump, .queue: return false
        }
    }
}

extension FirewallRule {
    /// The name of a further part of a rule.
    package static func name(_ id: String, part: Int) -> String { "\(id)~\(part)" }

    /// The name of the rule that a part belongs to.
    package static func whole(_ id: String) -> String {
        guard let mark = id.utf8.lastIndex(of: UInt8(ascii: "~")), Int(id[id.index(after: mark)...]) != nil else {
            return id
        }
        return String(id[..<mark])
    }
}
