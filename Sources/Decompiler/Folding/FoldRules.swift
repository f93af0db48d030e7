internal import Diagnostics
internal import FirewallIR

/// A rule, with the rules of which it was made.
struct FoldedRule {
    var rule: FirewallRule
    /// How often its log line is written at most; the verdict holds for all packets.
    var logLimit: Limit?
    /// The names and places of the rules.
    var sources: [Source]

    struct Source {
        var id: String
        var origin: SourceLocation
    }
}

/// Says with fewer rules what a list of them means.
///
/// - A line in the log and the verdict behind it, for the same packets, are one rule.
/// - Rules with one verdict that differ in one field are one rule with a set, unless asking them leaves a trace: a guard,
///   an effect, or a verdict that comes back.
enum FoldRules {
    static func run(_ rules: [FirewallRule]) -> [FoldedRule] {
        var folded = withLogLines(
            rules.map { FoldedRule(rule: $0, sources: [FoldedRule.Source(id: $0.id, origin: $0.origin)]) })
        // What has become one rule may be one with its neighbours.
        var count = folded.count + 1
        while folded.count < count {
            count = folded.count
            folded = runs(folded)
        }
        return folded
    }

    // MARK: - Log lines

    private static func withLogLines(_ rules: [FoldedRule]) -> [FoldedRule] {
        var result: [FoldedRule] = []
        for next in rules {
            if let last = result.last, let joined = joined(last, next) {
                result[result.count - 1] = joined
            } else {
                result.append(next)
            }
        }
        return result
    }

    private static func joined(_ log: FoldedRule, _ next: FoldedRule) -> FoldedRule? {
        let (first, second) = (log.rule, next.rule)
        guard first.verdict == .next, first.effects.count == 1, case .log(_, _, let flags) = first.effects[0] else {
            return nil
        }
        guard second.verdict != .next, second.effects.isEmpty, second.allGuards.isEmpty, log.logLimit == nil else {
            return nil
        }
        guard first.condition == second.condition, first.opaque == second.opaque, first.stages.isEmpty,
            second.stages.isEmpty
        else { return nil }
        // The line may have a rate of its own; the verdict has none.
        var limit: Limit?
        switch first.guards.first {
        case nil: break
        case .limit(let only) where first.guards.count == 1 && !only.isOver && flags.isEmpty: limit = only
        default: return nil
        }
        guard first.comment == nil || second.comment == nil || first.comment == second.comment else { return nil }
        var rule = second
        rule.effects = first.effects
        rule.comment = second.comment ?? first.comment
        return FoldedRule(rule: rule, logLimit: limit, sources: log.sources + next.sources)
    }

    // MARK: - Sets

    private static func runs(_ rules: [FoldedRule]) -> [FoldedRule] {
        var result: [FoldedRule] = []
        var run: SetRun?
        for next in rules {
            if run?.take(next) == true { continue }
            if let run { result.append(run.folded) }
            run = SetRun(next)
        }
        return result + (run.map { [$0.folded] } ?? [])
    }
}

/// Rules that follow one another and differ in one field, always the same.
private struct SetRun {
    private var head: FoldedRule
    private var boxes: [Box]
    /// The field in which they differ, as soon as two are different.
    private var field: Int?

    init(_ first: FoldedRule) {
        head = first
        boxes = first.rule.condition
    }

    var folded: FoldedRule {
        guard boxes.count > 1, head.rule.condition.count == 1 else { return head }
        var result = head
        result.rule.condition = Self.joined(boxes[...])
        return result
    }

    /// Takes a rule into the run, if it fits.
    mutating func take(_ next: FoldedRule) -> Bool {
        guard head.rule.condition.count == 1, next.rule.condition.count == 1, head.isFoldable, next.isFoldable else {
            return false
        }
        guard head.rule.verdict == next.rule.verdict, head.rule.comment == next.rule.comment,
            head.rule.opaque == next.rule.opaque, let union = boxes[0].union(with: next.rule.condition[0])
        else { return false }
        if let field, let other = union.field, field != other { return false }
        field = field ?? union.field
        boxes.append(next.rule.condition[0])
        head.sources += next.sources
        return true
    }

    /// The union of boxes that differ in one field: halves first, since sets grow.
    private static func joined(_ boxes: ArraySlice<Box>) -> [Box] {
        guard boxes.count > 1 else { return Array(boxes) }
        let middle = boxes.startIndex + boxes.count / 2
        let halves = joined(boxes[..<middle]) + joined(boxes[middle...])
        guard halves.count == 2, let both = halves[0].merged(with: halves[1]) else { return halves }
        return [both]
    }
}

extension FoldedRule {
    /// Whether asking the rule leaves no trace, and it decides for good.
    fileprivate var isFoldable: Bool {
        guard rule.effects.isEmpty && rule.guards.isEmpty && rule.stages.isEmpty && logLimit == nil else {
            return false
        }
        switch rule.verdict {
        case .leave, .accept, .drop, .reject, .queue, .goto, .return: return true
        case .next, .jump: return false
        }
    }
}
