import FirewallIR
import PacketModel
import RulesetLab

/// Random rules of what imported rule sets hold and policies do not: numbers, marks of connections, stages, modules,
/// queues, and effects of all kinds.
struct RareRules {
    private var random: SeededGenerator
    private var made = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func rule() -> FirewallRule {
        made += 1
        var stages = (0..<random.number(1...3)).map { _ in stage() }
        // A stage is cut off by a guard, so all but the last have one.
        for index in stages.indices.dropLast() where stages[index].guards.isEmpty {
            stages[index].guards = [guardMatch()]
        }
        // One that asks for nothing is none.
        for index in stages.indices.dropFirst() where stages[index].opaque.isEmpty {
            stages[index].opaque = [.module(name: "owner", options: ["--uid-owner", "7"])]
        }
        let first = stages.removeFirst()
        return FirewallRule(
            made, first.condition, verdict(), opaque: first.opaque, guards: first.guards, stages: stages,
            effects: (0..<random.number(0...3)).map { _ in effect() }, comment: random.oneIn(3) ? "a \"b\" \\(c)" : nil)
    }

    private mutating func stage() -> RuleStage {
        RuleStage(
            condition: [box()], opaque: random.oneIn(3) ? [opaque()] : [],
            guards: (0..<random.number(0...2)).map { _ in guardMatch() })
    }

    private mutating func box() -> Box {
        var box = Box.where_ { _ in }
        for field in NumericField.allCases where random.oneIn(4) {
            box.numbers[field] = Presence(
                numbers(field), allowsAbsent: field.mayBeAbsent && random.oneIn(3))
        }
        if random.oneIn(3) {
            box.connectionMark = Presence(
                (0..<random.number(1...2)).map { _ in
                    MaskedTest(
                        mask: random.pick([0xff, .max, 1]), value: random.pick([0, 1]), isNegated: random.oneIn(3))
                }, allowsAbsent: random.oneIn(3))
        }
        if random.oneIn(4) { box.inInterface = random.interfaceSet() }
        if random.oneIn(5) { box.isLaterFragment = random.oneIn(2) }
        return box
    }

    private mutating func numbers(_ field: NumericField) -> IntervalSet<UInt64> {
        let last = UInt64(1) << UInt64(field.bits) - 1
        let ranges = (0..<random.number(1...3)).map { _ in
            let ends = [UInt64.random(in: 0...last, using: &random), UInt64.random(in: 0...last, using: &random)]
            return min(ends[0], ends[1])...max(ends[0], ends[1])
        }
        return random.oneIn(8) ? field.all : IntervalSet(ranges)
    }

    private mutating func opaque() -> OpaqueMatch {
        let module = OpaqueMatch.module(
            name: "string", options: ["--string", random.pick(["a b", "\"", "ü"]), "--algo", "bm"])
        switch random.number(0...2) {
        case 0: return .before(instant: random.pick([86_400 * 20_000, 86_400 * 20_000 + 7]))
        case 1: return .not(module)
        default: return module
        }
    }

    private mutating func guardMatch() -> Guard {
        switch random.number(0...3) {
        case 0:
            .limit(
                Limit(
                    count: random.number(1...9), unit: random.pick(RateUnit.allCases), burst: random.pick([5, 1, 9]),
                    isOver: random.oneIn(2)))
        case 1: .quota(bytes: random.pick([0, 1000, .max]))
        default: .module(name: random.pick(["recent", "hashlimit"]), options: ["--set", "--name", "x"])
        }
    }

    private mutating func verdict() -> Verdict {
        random.pick([
            .next, .accept, .drop, .return, .leave, .jump("other"), .goto("other"), .reject(.adminProhibited),
            .queue(QueueTarget(0...0)), .queue(QueueTarget(3...9, isBypassed: true, isByProcessor: true)),
        ])
    }

    private mutating func effect() -> Effect {
        random.pick([
            .log(prefix: "a ", level: .warning), .log(prefix: "\"x\\", level: .debug, flags: [.uid, .tcpOptions]),
            .netlinkLog(NetlinkLog(group: 3, prefix: "n", size: 80, threshold: 7)), .netlinkLog(NetlinkLog(group: 0)),
            .setMark(value: 1, mask: 0xff), .connectionMark(.set(value: 1, mask: 3)),
            .connectionMark(.save(connectionMask: .max, packetMask: 7)),
            .connectionMark(.restore(connectionMask: 1, packetMask: .max)),
            .module(name: "TCPMSS", options: ["--clamp-mss-to-pmtu"]), .count,
        ])
    }
}
