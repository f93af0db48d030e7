package import FirewallIR
internal import PacketModel

extension SeededGenerator {
    /// The instants that rules ask for.
    package static let instants: [Int64] = [1_800_000_000, 1_900_000_000]

    /// A condition that is no function of the packet's fields, out of four.
    package mutating func opaqueMatch() -> OpaqueMatch {
        if oneIn(2) { return .before(instant: pick(Self.instants)) }
        return .module(name: pick(["string", "owner"]), options: ["--a"])
    }

    /// A stateful guard; two are seldom alike.
    package mutating func guardMatch() -> Guard {
        if oneIn(3) { return .quota(bytes: UInt64(number(1...20) * 1000)) }
        let unit: RateUnit = pick([.second, .minute])
        return .limit(Limit(count: number(1...20), unit: unit, burst: pick([5, 5, 1, 20])))
    }

    /// A log line, a mark or a counter.
    package mutating func effect() -> Effect {
        switch number(0...5) {
        case 0, 1: .log(prefix: pick(["a", "b"]), level: pick([.warning, .info]))
        case 2: .count
        default: .setMark(value: pick([0, 1, 2, 3]), mask: pick([0xff, 1, 3, .max]))
        }
    }
}
