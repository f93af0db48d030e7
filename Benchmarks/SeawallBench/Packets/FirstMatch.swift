internal import FirewallIR
internal import PacketModel

/// Which rule decides on a new connection from outside to a published port, found faster than by asking each rule.
///
/// What all these packets have in common is compared once; what is left of a rule is a source, a protocol and a port.
struct FirstMatch {
    /// What is left of a rule.
    struct Entry {
        var rule: Int
        var sources: ClosedRange<UInt32>
        var protocols: ClosedRange<UInt8>
        var ports: ClosedRange<UInt16>
        var passes: Bool

        func contains(_ flow: Flow) -> Bool {
            sources.contains(flow.source) && protocols.contains(flow.proto) && ports.contains(flow.port)
        }
    }

    /// All rules that can be met, in order.
    private(set) var entries: [Entry] = []
    /// The entries whose sources share their first sixteen bits, by these; and all others.
    private var near: [UInt32: [Int]] = [:]
    private var wide: [Int] = []

    /// - Throws: `BenchError` for a rule with a field, or a verdict, that generated rule sets do not have.
    init(_ ruleset: Ruleset) throws {
        guard ruleset.scopes.count == 1, ruleset.scopes[0].chains.count == 1 else {
            throw BenchError("one scope with one chain was expected")
        }
        for (number, rule) in ruleset.scopes[0].chains[0].rules.enumerated() {
            guard rule.verdict == .leave || rule.verdict == .drop, rule.guards.isEmpty, rule.opaque.isEmpty else {
                throw BenchError("a rule is not understood: \(rule)")
            }
            for box in rule.condition where try Self.concernsFlows(box) {
                add(box, number, passes: rule.verdict == .leave)
            }
        }
    }

    /// The entry that decides; `nil` if none does, and the packet passes.
    func deciding(_ flow: Flow) -> Entry? {
        let first = (near[flow.source >> 16] ?? []).first { entries[$0].contains(flow) } ?? Int.max
        for index in wide {
            if index > first { break }
            if entries[index].contains(flow) { return entries[index] }
        }
        return first == Int.max ? nil : entries[first]
    }

    private mutating func add(_ box: Box, _ rule: Int, passes: Bool) {
        for sources in box.source?.v4.intervals ?? [0...UInt32.max] {
            for protocols in box.protocols?.intervals ?? [0...UInt8.max] {
                for ports in box.originalDestinationPort?.values.intervals ?? [0...UInt16.max] {
                    if sources.lowerBound >> 16 == sources.upperBound >> 16 {
                        near[sources.lowerBound >> 16, default: []].append(entries.count)
                    } else {
                        wide.append(entries.count)
                    }
                    entries.append(
                        Entry(rule: rule, sources: sources, protocols: protocols, ports: ports, passes: passes))
                }
            }
        }
    }

    /// Whether the fields that all these packets share let them in.
    private static func concernsFlows(_ box: Box) throws -> Bool {
        var rest = box
        rest.families = .both
        (rest.inInterface, rest.destination, rest.destinationPort) = (nil, nil, nil)
        (rest.direction, rest.state, rest.originalDestination) = (nil, nil, nil)
        (rest.source, rest.protocols, rest.originalDestinationPort) = (nil, nil, nil)
        guard rest == Box() else { throw BenchError("a rule is not understood: \(box)") }
        return box.families.contains(.ip)
            && box.inInterface?.contains(Road.outside) ?? true
            && box.destination?.contains(.v4(Road.container)) ?? true
            && box.destinationPort?.values.contains(Road.containerPort) ?? true
            && box.direction?.values.contains(.original) ?? true
            && box.state?.contains(.new) ?? true
            && box.originalDestination?.values.contains(.v4(Road.router)) ?? true
    }
}
