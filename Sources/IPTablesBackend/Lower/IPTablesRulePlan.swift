internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// A rule of the IR in the terms of iptables: lines of matches, guards, targets; not yet in chains.
struct IPTablesRulePlan {
    let id: String
    /// What is asked, stage by stage.
    let stages: [IPTablesStagePlan]
    /// What none of the boxes of a rule with one stage may be, where iptables cannot say so in the same rule.
    var exclusions: [IPTablesAlternative]
    /// What is done, in order; `nil` is a rule that only counts.
    let targets: [IPTablesTarget?]
    /// Whether the verdict works only in a chain from which RETURN leads where it leads from the rule's own.
    let mustNotReturn: Bool
    /// Whether its boxes have different exclusions.
    private let isUneven: Bool
    /// Whether the verdict leads into a chain, and back.
    private let isJump: Bool
    /// Whether what is done changes what is asked: then it must not be asked again for a second target.
    private let changesItsMatch: Bool
    private let isFinal: Bool
    private let comment: IPTablesMatch

    /// The plan of a rule; `nil` if it says nothing about the family.
    init?(
        _ rule: FirewallRule, _ surroundings: IPTablesSurroundings, _ sets: inout IPTablesSets
    ) throws(IPTablesRefusal) {
        guard let meant = rule.restricted(to: surroundings) else { return nil }
        sets.rule = meant.id
        var stages: [IPTablesStagePlan] = []
        for stage in meant.allStages { stages.append(try IPTablesStagePlan(stage, surroundings, &sets)) }
        self.stages = stages
        id = meant.id
        let exclusions = stages.count == 1 ? stages[0].boxes[0].exclusions : []
        self.exclusions = exclusions
        isUneven = stages[0].boxes.contains { $0.exclusions != exclusions }
        targets = try meant.targets(surroundings)
        comment = meant.iptablesComment
        changesItsMatch = meant.changesItsMatch
        isFinal = meant.verdict.isFinal
        if case .jump = meant.verdict { isJump = true } else { isJump = false }
        switch meant.verdict {
        case .leave: mustNotReturn = !surroundings.isWholeTable
        case .goto, .return: mustNotReturn = true
        default: mustNotReturn = false
        }
        if targets.isEmpty { return nil }
    }

    // MARK: - Shapes

    /// The one stage of a rule that `needsSteps` is not true of.
    var stage: IPTablesStagePlan { stages[0] }
    var boxes: [IPTablesBox] { stages[0].boxes }
    var guards: [IPTablesMatch] { stages[0].guards }
    var mayOverlap: Bool { stages[0].mayOverlap }

    /// Whether the rule needs a chain for each box and each stage.
    var needsSteps: Bool {
        stages.count > 1 || isUneven || isJump && (!exclusions.isEmpty || !guards.isEmpty)
            || isLarge && mustNotReturn && boxes.count > 1
    }

    /// Whether what is done also works in a chain that was jumped to: it ends the packet's way, and not by RETURN.
    ///
    /// The kernel takes a TCP reset only where the line itself names the protocol.
    var mayComeBack: Bool { !mustNotReturn && isFinal && !targets.contains(.reject(with: Self.reset)) }

    private var lineCount: Int { boxes.reduce(0) { $0 + $1.lineCount } }

    /// Whether the lines of some box are too many to be written out.
    var isLarge: Bool { boxes.contains(where: \.isLarge) }

    /// Whether each line can carry guards and targets itself: no guard is asked twice, and nothing is done twice.
    var isDirect: Bool {
        guard exclusions.isEmpty, !isLarge else { return false }
        if lineCount == 1 { return targets.count == 1 || guards.isEmpty && !changesItsMatch }
        return guards.isEmpty && targets.count == 1 && (isFinal || !mayOverlap)
    }

    /// The rule as one of iptables, where each stage is one line, and no field of the packet is asked behind a guard:
    /// these are asked first wherever they stand.
    var joined: IPTablesRule? {
        guard targets.count == 1, let target = targets.first else { return nil }
        var matches: [IPTablesMatch] = []
        var asked: Set<IPTablesMatch> = []
        for stage in stages {
            guard stage.boxes.count == 1, stage.boxes[0].exclusions.isEmpty, stage.boxes[0].lineCount == 1,
                let line = stage.boxes[0].lines.first
            else { return nil }
            let own = stage.matches(line)
            let fields = own.filter(\.isAskedFirst)
            guard matches.isEmpty || fields.allSatisfy(asked.contains) else { return nil }
            matches += matches.isEmpty ? own : own.filter { !$0.isAskedFirst }
            asked.formUnion(fields)
            matches += stage.guards
        }
        return IPTablesRule(matches + [comment], target: target)
    }

    // MARK: - Rules

    /// A rule of iptables; every one carries our comment.
    func rule(
        _ line: IPTablesAlternative, of stage: IPTablesStagePlan, guards: [IPTablesMatch], _ target: IPTablesTarget?
    ) -> IPTablesRule {
        var matches = stage.matches(line, reserving: guards.count + 1)
        matches += guards
        matches.append(comment)
        return IPTablesRule(matches, target: target)
    }

    /// A rule of iptables that leads from one step of the rule to the next, whatever the packet.
    func step(guards: [IPTablesMatch] = [], _ target: IPTablesTarget?) -> IPTablesRule {
        // The kernel takes a TCP reset only in a rule that says `-p tcp` itself; no other packet comes here.
        let proto = target == .reject(with: Self.reset) ? [IPTablesMatch.proto(Negatable(ProtocolWord(.tcp)))] : []
        return IPTablesRule(proto + guards + [comment], target: target)
    }

    /// A rule of iptables that leads on where one line holds; all else has been asked.
    func step(_ line: IPTablesAlternative, _ target: IPTablesTarget) -> IPTablesRule {
        IPTablesRule(line.line + [comment], target: target)
    }

    private static let reset = "tcp-reset"

    /// A rule of iptables that lets an exception go.
    func exception(_ line: IPTablesAlternative, _ target: IPTablesTarget) -> IPTablesRule {
        step(line, target)
    }
}

/// Where a rule stands, and what the chains are called to which it can lead.
struct IPTablesSurroundings {
    var family: AddressFamily
    var hook: Scope.Hook
    /// Whether the rule stands in a built-in chain itself.
    var isBuiltIn: Bool
    /// The names in iptables, by those in the scope.
    var chainNames: [String: String]

    var isWholeTable: Bool { hook.isWholeTable }
}

extension FirewallRule {
    /// What the rule says of a family; `nil` if it does nothing there.
    fileprivate func restricted(to surroundings: IPTablesSurroundings) -> FirewallRule? {
        let own = condition.restricted(to: surroundings)
        if own.isEmpty { return nil }
        // Most rules speak of one family as they are: they stay shared.
        if stages.isEmpty, own == condition { return self }
        var rule = self
        rule.condition = own
        // No packet passes a stage without boxes; but the guards before it are asked.
        rule.stages = stages.map { stage in
            var stage = stage
            stage.condition = stage.condition.restricted(to: surroundings)
            if stage.condition.isEmpty { stage.condition = [.never(surroundings.family)] }
            return stage
        }
        return rule
    }

    fileprivate var changesItsMatch: Bool {
        let setsMarks = effects.contains {
            switch $0 {
            case .setMark, .connectionMark: true
            default: false
            }
        }
        return setsMarks
            && allStages.lazy.flatMap(\.condition).contains { !$0.mark.isEmpty || $0.connectionMark != nil }
    }

    /// The identifier and the author's words.
    fileprivate var iptablesComment: IPTablesMatch { .comment(shortenedComment?.text ?? fullComment) }

    private var fullComment: String { IPTablesNames.commentPrefix + id + (comment.map { " " + $0 } ?? "") }

    private var fullCommentSize: Int {
        IPTablesNames.commentPrefix.utf8.count + id.utf8.count + (comment.map { $0.utf8.count + 1 } ?? 0)
    }

    /// As many characters of the comment as iptables takes, 255 bytes, and that there were more; `nil` if all have room.
    var shortenedComment: (text: String, note: Diagnostic)? {
        guard fullCommentSize > 255 else { return nil }
        let full = fullComment
        var text = ""
        var bytes = 0
        for character in full {
            bytes += character.utf8.count
            if bytes > 255 { break }
            text.append(character)
        }
        let note = Diagnostic(
            "comment-shortened", .warning, at: origin,
            "the comment has \(full.utf8.count) bytes with the rule's identifier, and iptables takes 255 at most: it was shortened to '\(text)'"
        )
        return (text, note)
    }
}

extension [Box] {
    /// What boxes say of a family in a chain; those that no packet is in are left out.
    fileprivate func restricted(to surroundings: IPTablesSurroundings) -> [Box] {
        compactMap { $0.withConsistentConntrack.restricted(to: surroundings.family)?.restricted(to: surroundings) }
    }
}

extension Box {
    /// A box that no packet is in, and that iptables can ask for: `-m mark ! --mark 0x0/0x0`.
    fileprivate static func never(_ family: AddressFamily) -> Box {
        var box = Box()
        box.families = FamilySet(family)
        box.mark = [MaskedTest(mask: 0, value: 0, isNegated: true)]
        return box
    }

    /// The part of the box that can be asked for in a built-in chain.
    ///
    /// Packets of this host enter nowhere, and those for it leave nowhere; their interface has an empty name, and iptables
    /// does not take the option in these chains.
    fileprivate func restricted(to surroundings: IPTablesSurroundings) -> Box? {
        guard surroundings.isBuiltIn else { return self }
        var box = self
        if surroundings.hook == .output, let set = inInterface {
            guard set.contains("") else { return nil }
            box.inInterface = nil
        }
        if surroundings.hook == .input, let set = outInterface {
            guard set.contains("") else { return nil }
            box.outInterface = nil
        }
        return box
    }
}
