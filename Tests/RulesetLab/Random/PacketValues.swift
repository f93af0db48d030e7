internal import FirewallIR
internal import PacketModel
internal import Semantics

/// The values at which rule sets tell packets apart: the ends of their intervals and what lies beside them, and names.
struct PacketValues: Sendable {
    var boxes: [Box] = []
    var interfaces: Set<String> = ["lo9"]
    var addresses4: Set<UInt32> = [0x0a00_0001]
    var addresses6: Set<UInt128> = [1]
    var ports: Set<UInt16> = [0, 2048, 65535]
    var icmp: Set<UInt16> = [0x0304, 0x0800]
    var protocols: Set<UInt8> = [1, 6, 17, 47, 58]
    var marks: Set<UInt32> = [0, 1]
    var opaque: Set<OpaqueMatch> = []
    var guards: Set<Guard> = []
    var times: Set<Int64> = [0]
    var numbers: [NumericField: Set<UInt64>] = [:]

    init(_ rulesets: [Ruleset]) {
        for rule in rulesets.flatMap(\.scopes).flatMap(\.chains).flatMap(\.rules) {
            boxes += rule.allStages.flatMap(\.condition)
            let matches = rule.allStages.flatMap(\.opaque).map(\.asked)
            opaque.formUnion(matches)
            guards.formUnion(rule.allGuards)
            for case .before(let instant) in matches { times.formUnion([instant - 1, instant]) }
            for case .setMark(let value, _) in rule.effects { marks.insert(value) }
            for case .connectionMark(.set(let value, _)) in rule.effects { marks.insert(value) }
        }
        for box in boxes { add(box) }
    }

    private mutating func add(_ box: Box) {
        for set in [box.inInterface, box.outInterface].compactMap({ $0 }) { add(set) }
        let addresses = [
            box.source, box.destination, box.originalSource?.values, box.originalDestination?.values,
        ]
        for set in addresses.compactMap({ $0 }) {
            addresses4.formUnion(set.v4.borders)
            addresses6.formUnion(set.v6.borders)
        }
        let portSets = [
            box.sourcePort?.values, box.destinationPort?.values, box.originalSourcePort?.values,
            box.originalDestinationPort?.values,
        ]
        for set in portSets.compactMap({ $0 }) { ports.formUnion(set.borders) }
        if let icmp = box.icmp?.values { self.icmp.formUnion(icmp.borders) }
        for set in [box.protocols, box.originalProtocol?.values].compactMap({ $0 }) { protocols.formUnion(set.borders) }
        for (field, values) in box.numbers { numbers[field, default: []].formUnion(values.values.borders) }
        for test in box.mark + (box.connectionMark?.values ?? []) {
            marks.formUnion([test.value, test.value ^ test.mask, ~test.mask | test.value])
        }
    }

    private mutating func add(_ set: InterfaceSet) {
        for pattern in set.patterns {
            switch pattern {
            case .exact(let name): interfaces.formUnion([name, name + "x", String(name.dropLast(1))])
            case .prefix(let beginning): interfaces.formUnion([beginning, beginning + "9x"])
            }
        }
    }
}

extension IntervalSet {
    /// The ends of the intervals, and the numbers beside them.
    var borders: [Value] {
        intervals.flatMap {
            [$0.lowerBound &- 1, $0.lowerBound, $0.upperBound, $0.upperBound &+ 1]
        }
    }

    /// The ends of the intervals.
    var ends: [Value] { intervals.flatMap { [$0.lowerBound, $0.upperBound] } }
}

extension OpaqueMatch {
    /// The match that is asked, if it is negated or not.
    fileprivate var asked: OpaqueMatch { if case .not(let match) = self { match } else { self } }
}
