package import FirewallIR
internal import PacketModel

extension SeededGenerator {
    /// The instants that rules ask for.
    package static let instants: [Int64] = [1_800_000_000, 1_900_000_000]

    /// A condition that is no function of the packet's fields, out of six.
    package mutating func opaqueMatch() -> OpaqueMatch {
        if oneIn(2) { return .before(instant: pick(Self.instants)) }
        let match = OpaqueMatch.module(name: pick(["string", "owner"]), options: ["--a"])
        return oneIn(3) ? .not(match) : match
    }

    /// A stateful guard; two are seldom alike.
    package mutating func guardMatch() -> Guard {
        if oneIn(3) { return .quota(bytes: UInt64(number(1...20) * 1000)) }
        if oneIn(5) {
            return .module(name: pick(["recent", "connlimit", "statistic"]), options: ["--n\(number(1...20))"])
        }
        let unit: RateUnit = pick([.second, .minute])
        return .limit(Limit(count: number(1...20), unit: unit, burst: pick([5, 5, 1, 20])))
    }

    /// A log line, a mark, a counter or something that is not followed.
    package mutating func effect() -> Effect {
        switch number(0...9) {
        case 0, 1: .log(prefix: pick(["a", "b"]), level: pick([.warning, .info]), flags: oneIn(3) ? .tcpOptions : [])
        case 2: .count
        case 3: .netlinkLog(NetlinkLog(group: pick([1, 2])))
        case 4: oneIn(3) ? .module(name: "TCPMSS", options: ["--a"]) : .connectionMark(connectionMarkChange())
        case 5: .connectionMark(.set(value: pick([0, 1, 2, 3]), mask: pick([0xff, 1, 3, .max])))
        default: .setMark(value: pick([0, 1, 2, 3]), mask: pick([0xff, 1, 3, .max]))
        }
    }

    private mutating func connectionMarkChange() -> ConnectionMarkChange {
        switch number(0...3) {
        case 0: .save(connectionMask: pick([0xff, .max]), packetMask: pick([1, 0xff]))
        case 1: .restore(connectionMask: pick([0xff, .max]), packetMask: pick([1, 0xff]))
        default: .set(value: pick([0, 1, 2, 3]), mask: pick([0xff, 1, 3, .max]))
        }
    }

    /// A restriction of a field that is a number.
    mutating func numbers(_ field: NumericField) -> Presence<IntervalSet<UInt64>> {
        let values: [UInt64] =
            switch field {
            case .length: [40, 60, 100, 1500]
            case .hopLimit: [0, 1, 64, 255]
            case .dscp: [0, 8, 46, 63]
            case .sourceMAC: [0, 0x0011_2233_4455, 0x0011_2233_4456, 1 << 48 - 1]
            }
        let set = IntervalSet(
            some(values, atMost: 2).map { low in oneIn(3) ? low...max(low, pick(values)) : low...low })
        let own = oneIn(4) ? set.complement.intersection(field.all) : set
        return Presence(own, allowsAbsent: field.mayBeAbsent && oneIn(3))
    }
}
