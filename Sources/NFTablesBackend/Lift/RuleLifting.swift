internal import FirewallIR
internal import PacketModel

/// The statements of one rule, as far as they have been read; they are carried out in their order.
struct RuleLifting {
    /// The packets that all of the matches hold for, guards apart.
    private(set) var boxes = [Box()]
    private(set) var opaque: [OpaqueMatch] = []
    private(set) var guards: [Guard] = []
    private(set) var effects: [Effect] = []
    private(set) var verdict = Verdict.next
    private let acceptMark: AcceptMark?
    private var hasVerdict = false

    init(acceptMark: AcceptMark?) { self.acceptMark = acceptMark }

    /// Reads the next statement; the named sets that it needs are read as well.
    mutating func add(_ statement: NFTStatement, _ sets: inout LiftedSets) throws(LiftRefusal) {
        guard !hasVerdict else { throw LiftRefusal("'\(statement.text)' stands behind the verdict") }
        switch statement {
        case .match(let left, let op, let right):
            guard guards.isEmpty && effects.isEmpty else {
                throw LiftRefusal("'\(statement.text)' stands behind a statement that has done something before")
            }
            try match(left, NFTComparison(op, right), &sets)
        case .limit(let count, let unit, let burst):
            try add(.limit(Limit(count: count, unit: unit, burst: burst)), statement)
        case .quota(let bytes): try add(.quota(bytes: bytes), statement)
        case .log(let prefix, let level): effects.append(.log(prefix: prefix, level: level))
        case .setMark(let value, let mask): effects.append(.setMark(value: value, mask: mask))
        case .counter: effects.append(.count)
        case .accept, .drop, .return, .jump, .goto, .reject:
            verdict = try lift(statement)
            hasVerdict = true
        }
    }

    private mutating func add(_ new: Guard, _ statement: NFTStatement) throws(LiftRefusal) {
        guard effects.isEmpty else {
            throw LiftRefusal("'\(statement.text)' stands behind a statement that has done something before")
        }
        guards.append(new)
    }

    private mutating func lift(_ statement: NFTStatement) throws(LiftRefusal) -> Verdict {
        switch statement {
        case .drop: return .drop
        case .return: return .return
        case .jump(let chain): return .jump(chain)
        case .goto(let chain): return .goto(chain)
        case .reject(let type, let code): return .reject(try answer(type, code))
        default: return takeAcceptMark() ? .accept : .leave
        }
    }

    /// Whether the last effect was the mark that Docker accepts; then it is no effect but part of the verdict.
    private mutating func takeAcceptMark() -> Bool {
        guard let acceptMark, effects.last == .setMark(value: acceptMark.value, mask: acceptMark.mask) else {
            return false
        }
        effects.removeLast()
        return true
    }

    /// nft puts what an answer needs at the head of the rule, so that nothing is done for packets without an answer
    /// (`stmt_evaluate_reject`).
    private mutating func answer(_ type: String, _ code: String?) throws(LiftRefusal) -> RejectKind {
        guard let answer = RejectKind.answer(type: type, code: code) else {
            throw LiftRefusal("the answer '\(type)\(code.map { " type " + $0 } ?? "")' is not known")
        }
        narrow { box in
            box.families.formIntersection(answer.families)
            if answer.kind == .tcpReset { box.protocols.narrow(to: IntervalSet(IPProtocol.tcp.rawValue)) }
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

    /// Asks for something that is no field of the packet.
    mutating func demand(_ match: OpaqueMatch) { opaque.append(match) }
}
