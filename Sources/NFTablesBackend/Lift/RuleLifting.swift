internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// The statements of one rule, as far as they have been read; they are carried out in their order.
///
/// A rule of the intermediate representation asks, and then does. One of nft may ask again afterwards: then it is several.
struct RuleLifting {
    /// The packets that all of the matches of the current stage hold for.
    private(set) var boxes: [Box]
    private var opaque: [OpaqueMatch] = []
    private var guards: [Guard] = []
    /// The stages of the current part before the current one: each ends in a guard.
    private var stages: [RuleStage] = []
    private var effects: [Effect] = []
    /// Whether the values that are looked at are the elements of a named set, which nft always lists rightly.
    private(set) var asksNamedSet = false
    /// The rules of the policy that the boxes came from, in their order; nothing if that is not known.
    private var boxSources: [MergedSource] = []
    private var verdict = Verdict.next
    private var branches: [Branch]?
    /// The parts before the current one: each has done something.
    private var before: [Part] = []
    private let families: FamilySet
    private let acceptMark: AcceptMark?
    private var hasVerdict = false

    /// A key of a verdict map: the packets that have it, and where they go.
    private struct Branch {
        var boxes: [Box]
        var verdict: Verdict
        /// The rule of the policy that it came from, if that is known.
        var source: MergedSource?
    }

    /// - Parameters:
    ///   - families: the families of the table.
    ///   - acceptMark: the mark that Docker accepts; none where Docker has no say.
    init(families: FamilySet = .both, acceptMark: AcceptMark?) {
        self.families = families
        self.acceptMark = acceptMark
        var box = Box()
        box.families = families
        boxes = [box]
    }

    /// Reads the next statement; the named sets that it needs are read as well.
    mutating func add(_ statement: NFTStatement, _ sets: inout LiftedSets) throws(LiftRefusal) {
        if case .unknown(let unknown) = statement { throw LiftRefusal(unknown.reason) }
        guard !hasVerdict else { throw LiftRefusal("'\(statement.text)' stands behind the verdict") }
        switch statement {
        case .match(let left, let op, let right):
            try beginAsking(statement)
            try match(left, NFTComparison(op, right), bySourcesIn: &sets)
        case .limit(let count, let unit, let burst, let isOver):
            try add(.limit(Limit(count: count, unit: unit, burst: burst, isOver: isOver)), statement)
        case .quota(let bytes): try add(.quota(bytes: bytes), statement)
        case .log, .netlinkLog, .setMark, .setConnectionMark, .saveMark, .restoreMark, .counter:
            try add(effect: statement)
        case .continue: hasVerdict = true
        case .accept, .drop, .return, .jump, .goto, .reject:
            verdict = try lift(statement)
            hasVerdict = true
        case .verdictMap(let key, let map):
            try beginAsking(statement)
            branches = try branches(of: key, try sets.verdicts(map), sets.sources(of: map), &sets)
            hasVerdict = true
        case .unknown: break
        }
    }

    /// Reads a match, and keeps which rule of the policy each box came from where that is known of the elements of a set.
    private mutating func match(
        _ left: NFTExpression, _ comparison: NFTComparison, bySourcesIn sets: inout LiftedSets
    ) throws(LiftRefusal) {
        if case .named = comparison.right { asksNamedSet = true }
        defer { asksNamedSet = false }
        guard case .named(let name) = comparison.right, comparison.op == .equal, boxes.count == 1,
            let groups = try sets.elementsBySource(name)
        else {
            let count = boxes.count
            try match(left, comparison, &sets)
            if boxes.count != count { boxSources = [] }
            return
        }
        let start = boxes
        var found: [Box] = []
        for group in groups {
            boxes = start
            try match(left, NFTComparison(.equal, .set(group.elements)), &sets)
            var source = group.source
            source.boxes = boxes.count
            boxSources.append(source)
            found += boxes
        }
        boxes = found
    }

    // MARK: - Parts

    /// A rule of the intermediate representation, and what is asked behind it in a chain of its own.
    struct Part {
        var stages: [RuleStage]
        var effects: [Effect] = []
        var verdict: Verdict = .next
        /// The rules of the chain that it jumps to, if there are any.
        var inner: [Part] = []
        /// The rules of the policy that the boxes of the first stage came from.
        var sources: [MergedSource] = []

        /// The rule with its name.
        func rule(_ name: LiftedRuleNames.Name) -> FirewallRule {
            let stages = self.stages.map { stage in
                var stage = stage
                stage.condition = stage.condition.map(\.withConsistentConntrack).filter { !$0.isEmpty }
                return stage
            }
            var rule = FirewallRule(
                id: name.id, origin: name.origin, condition: stages[0].condition, opaque: stages[0].opaque,
                guards: stages[0].guards, stages: Array(stages.dropFirst()), effects: effects, verdict: verdict,
                comment: name.comment)
            let isWhole = sources.reduce(0) { $0 + $1.boxes } == rule.condition.count
            if isWhole && stages.count == 1 { rule.merged = sources }
            return rule
        }

        var hasGuards: Bool { stages.contains { !$0.guards.isEmpty } }
    }

    /// The rules that the statements stand for.
    func parts() throws(LiftRefusal) -> [Part] {
        var last: [Part]
        let stages = currentStages
        if let branches {
            let hasGuards = stages.contains { !$0.guards.isEmpty }
            let leaves = branches.contains { $0.verdict.leavesChain }
            if hasGuards {
                guard !leaves else {
                    throw LiftRefusal("a verdict map behind a limit leaves the chain by 'return' or 'goto'")
                }
                let inner = branches.map { Part(stages: [RuleStage(condition: $0.boxes)], verdict: $0.verdict) }
                last = [Part(stages: self.stages, inner: inner)]
            } else {
                let opaque = stages[0].opaque
                last = branches.map {
                    Part(
                        stages: [RuleStage(condition: $0.boxes, opaque: opaque)], verdict: $0.verdict,
                        sources: $0.source.map { [$0] } ?? [])
                }
            }
        } else {
            last = [Part(stages: stages, effects: effects, verdict: verdict, sources: boxSources)]
        }
        // What is behind a part with a guard must not ask the guard again, so it stands in a chain of its own.
        for part in before.reversed() {
            guard part.hasGuards else {
                last.insert(part, at: 0)
                continue
            }
            guard !last.contains(where: { $0.verdict.leavesChain }) else {
                throw LiftRefusal("a rule that goes on to ask behind a limit and an effect leaves the chain")
            }
            var outer = part
            outer.inner = last
            last = [outer]
        }
        return last
    }

    /// The chains that it goes to.
    var targets: [String] { [verdict.target].compactMap { $0 } + (branches ?? []).compactMap { $0.verdict.target } }

    /// Whether a guard is asked for packets of both families.
    var hasSharedGuard: Bool {
        families == .both
            && (before.flatMap(\.stages) + currentStages).contains { stage in
                !stage.guards.isEmpty
            } && knownFamilies == .both
    }

    private var currentStages: [RuleStage] { stages + [RuleStage(condition: boxes, opaque: opaque, guards: guards)] }

    /// Makes room for a match behind what was done already.
    private mutating func beginAsking(_ statement: NFTStatement) throws(LiftRefusal) {
        if !effects.isEmpty {
            guard !effects.contains(where: \.changesMark) else {
                throw LiftRefusal("'\(statement.text)' stands behind a change of a mark")
            }
            let part = Part(stages: currentStages, effects: effects)
            before.append(part)
            effects = []
            if part.hasGuards { nextStage() }
            stages = []
        } else if !guards.isEmpty {
            stages = currentStages
            nextStage()
        }
    }

    private mutating func nextStage() {
        known = (knownFamilies, knownProtocols)
        var box = Box()
        box.families = knownFamilies
        boxes = [box]
        opaque = []
        guards = []
    }

    // MARK: - What is known of the packet

    /// What earlier stages leave of families and protocols.
    private var known: (families: FamilySet, protocols: IntervalSet<UInt8>) = (.both, .all)

    /// The families that a packet may be of here.
    var knownFamilies: FamilySet {
        boxes.reduce(into: FamilySet()) { $0.formUnion($1.families) }.intersection(known.families)
    }

    /// The protocols that a packet may be of here.
    var knownProtocols: IntervalSet<UInt8> {
        boxes.reduce(IntervalSet<UInt8>.none) { $0.union($1.protocols ?? .all) }.intersection(known.protocols)
    }

    // MARK: - Guards and effects

    private mutating func add(_ new: Guard, _ statement: NFTStatement) throws(LiftRefusal) {
        if !effects.isEmpty { try beginAsking(statement) }
        guards.append(new)
    }

    private mutating func add(effect statement: NFTStatement) throws(LiftRefusal) {
        try checkEntry(statement)
        switch statement {
        case .log(let prefix, let level, let flags):
            effects.append(.log(prefix: prefix, level: level, flags: LogFlags(flags)))
        case .netlinkLog(let log):
            effects.append(
                .netlinkLog(
                    NetlinkLog(group: log.group, prefix: log.prefix, size: log.snaplen, threshold: log.threshold ?? 0)))
        case .setMark(let value, let mask): effects.append(.setMark(value: value, mask: mask))
        case .setConnectionMark(let value, let mask):
            // Without an entry a whole mark is not set, and a part of one is not even read: the rule ends there.
            if mask != .max { endsWithoutEntry = true }
            effects.append(.connectionMark(.set(value: value, mask: mask)))
        case .saveMark: effects.append(.connectionMark(.save(connectionMask: .max, packetMask: .max)))
        case .restoreMark:
            endsWithoutEntry = true
            effects.append(.connectionMark(.restore(connectionMask: .max, packetMask: .max)))
        default: effects.append(.count)
        }
    }

    /// Whether the rest of the rule is asked only of packets with an entry; for an effect at the end that is no matter.
    private(set) var endsWithoutEntry = false

    private func checkEntry(_ statement: NFTStatement) throws(LiftRefusal) {
        guard endsWithoutEntry else { return }
        throw LiftRefusal(
            "'\(statement.text)' stands behind a change of a mark that ends the rule without a conntrack entry")
    }

    private mutating func lift(_ statement: NFTStatement) throws(LiftRefusal) -> Verdict {
        try checkEntry(statement)
        switch statement {
        case .drop: return .drop
        case .return: return .return
        case .jump(let chain): return .jump(chain)
        case .goto(let chain): return .goto(chain)
        case .reject(let type, let code): return .reject(try answer(type, code))
        case .accept: return takeAcceptMark() ? .accept : .leave
        default: return .next
        }
    }

    /// Whether the last effect was the mark that Docker accepts; then it is no effect but part of the verdict.
    private mutating func takeAcceptMark() -> Bool {
        guard let acceptMark,
            effects.last == .setMark(value: acceptMark.value, mask: acceptMark.mask)
        else { return false }
        effects.removeLast()
        return true
    }

    /// nft puts what an answer needs at the head of the rule, so that nothing is done for packets without an answer
    /// (`stmt_evaluate_reject`).
    private mutating func answer(_ type: String, _ code: String?) throws(LiftRefusal) -> RejectKind {
        guard let answer = RejectKind.answer(type: type, code: code) else {
            throw LiftRefusal("the answer '\(type)\(code.map { " type " + $0 } ?? "")' is not known")
        }
        let change: (inout Box) -> Void = { box in
            box.families.formIntersection(answer.families)
            if answer.kind == .tcpReset { box.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue)) }
        }
        narrow(change)
        for stage in stages.indices {
            for box in stages[stage].condition.indices { change(&stages[stage].condition[box]) }
        }
        for part in before.indices {
            for stage in before[part].stages.indices {
                for box in before[part].stages[stage].condition.indices {
                    change(&before[part].stages[stage].condition[box])
                }
            }
        }
        return answer.kind
    }

    // MARK: - What matches do

    /// Restricts every box.
    mutating func narrow<Failure: Error>(_ change: (inout Box) throws(Failure) -> Void) throws(Failure) {
        for index in boxes.indices { try change(&boxes[index]) }
    }

    /// Puts a box for each alternative, any of which may hold the packet, into the place of each.
    mutating func narrow<Alternative>(
        toAnyOf alternatives: [Alternative], _ change: (inout Box, Alternative) -> Void
    ) {
        boxes = boxes.flatMap { box in
            alternatives.map { alternative in
                var box = box
                change(&box, alternative)
                return box
            }
        }
    }

    /// Puts into the place of the boxes what each of some matches leaves of them: any of these may hold.
    mutating func narrow<Alternative>(
        toAnyOf alternatives: [Alternative],
        _ change: (inout RuleLifting, Alternative) throws(LiftRefusal) -> Void
    ) throws(LiftRefusal) {
        let start = boxes
        var found: [Box] = []
        for alternative in alternatives {
            boxes = start
            try change(&self, alternative)
            found += boxes
        }
        boxes = found
    }

    /// Asks for something that is no field of the packet.
    mutating func demand(_ match: OpaqueMatch) { opaque.append(match) }

    // MARK: - Verdict maps

    /// What becomes of the packets of each key; keys are disjoint, as nft itself demands of keys of one field.
    private func branches(
        of key: NFTExpression, _ elements: [NFTVerdictMapElement], _ sources: [MergedSource?],
        _ sets: inout LiftedSets
    ) throws(LiftRefusal) -> [Branch] {
        var found: [Branch] = []
        let keys = elements.compactMap(\.key)
        try key.checkKeys(elements)
        for (index, element) in elements.enumerated() {
            var one = self
            if let value = element.key {
                try one.match(key, NFTComparison(.equal, value), &sets)
            } else {
                guard key.kind.parts.count == 1, !keys.isEmpty else {
                    throw LiftRefusal("'*' alone, or in a map of several fields, is not known")
                }
                try one.match(key, NFTComparison(.notEqual, .set(keys)), &sets)
            }
            let verdict = try one.lift(element.verdict)
            if verdict != .next {
                var branch = Branch(boxes: one.boxes, verdict: verdict)
                branch.source = sources.count == elements.count ? sources[index] : nil
                branch.source?.boxes = one.boxes.count
                found.append(branch)
            }
        }
        return found
    }
}

extension Verdict {
    /// Whether it leaves a chain other than by a decision.
    fileprivate var leavesChain: Bool {
        switch self {
        case .return, .goto: true
        default: false
        }
    }
}

extension Effect {
    /// Whether what rules ask of marks may be otherwise afterwards.
    fileprivate var changesMark: Bool {
        switch self {
        case .setMark, .connectionMark, .module: true
        case .log, .netlinkLog, .count: false
        }
    }
}

extension LogFlags {
    /// The flags of nft.
    fileprivate init(_ flags: [NFTLogFlag]) {
        let table: [NFTLogFlag: LogFlags] = [
            .tcpSequence: .tcpSequence, .tcpOptions: .tcpOptions, .ipOptions: .ipOptions, .skuid: .uid,
            .ether: .macDecode,
        ]
        self = flags.reduce(into: []) { $0.formUnion(table[$1] ?? []) }
    }
}

extension NFTExpression {
    private var readsMark: Bool {
        switch self {
        case .meta(.mark), .ct(.mark, _): true
        case .and(let inner, _), .network(let inner, _): inner.readsMark
        default: false
        }
    }

    /// Whether the keys of a map can be asked one after the other.
    ///
    /// - Throws: `LiftRefusal` where two keys of several fields may hold one packet, or where a chain that is jumped to
    ///   may change the key.
    fileprivate func checkKeys(_ elements: [NFTVerdictMapElement]) throws(LiftRefusal) {
        let parts = if case .concat(let parts) = self { parts } else { [self] }
        let jumps = elements.contains { if case .jump = $0.verdict { true } else { false } }
        if jumps && parts.contains(where: \.readsMark) {
            throw LiftRefusal("a map of marks jumps to a chain, which may change them")
        }
        if parts.count > 1, elements.contains(where: { $0.key?.isInterval ?? false }) {
            throw LiftRefusal(
                "keys of several fields that are intervals may hold the same packet: write rules in their order")
        }
    }
}
