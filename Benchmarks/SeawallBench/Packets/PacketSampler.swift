internal import FirewallIR
internal import PacketModel
internal import RulesetLab
internal import Semantics

/// Draws packets evenly over the rules that pass them, or drop them.
struct PacketSampler {
    private let match: FirstMatch
    private let interpreter: Interpreter
    private var random = SeededGenerator(seed: 7)

    init(_ ruleset: Ruleset) throws {
        match = try FirstMatch(ruleset)
        guard let scope = ruleset.scopes.first else { throw BenchError("no scope") }
        interpreter = Interpreter(scope)
    }

    /// New connections that pass, or are dropped, no two alike; as many as can be found.
    ///
    /// Each is drawn from a rule with that verdict, all rules alike, and kept if this rule is the one that decides.
    mutating func flows(_ count: Int, passing: Bool, protocols: Set<UInt8> = [6, 17]) throws -> [Flow] {
        let entries = match.entries.filter { entry in
            entry.passes == passing && protocols.contains { entry.protocols.contains($0) }
        }
        guard !entries.isEmpty else { return [] }
        var flows: [Flow] = []
        var seen: Set<Flow> = []
        for _ in 0..<count * 200 where flows.count < count {
            let entry = entries[random.number(0...entries.count - 1)]
            let flow = flow(entry, protocols.sorted())
            guard Self.isRoutable(flow.source), protocols.contains(flow.proto) else { continue }
            guard match.deciding(flow)?.passes == passing, seen.insert(flow).inserted else { continue }
            flows.append(flow)
        }
        try check(flows, passing)
        return flows
    }

    private mutating func flow(_ entry: FirstMatch.Entry, _ protocols: [UInt8]) -> Flow {
        let sources = entry.sources == 0...UInt32.max ? 0x0a00_0000...0x0aff_ffff : entry.sources
        let ports = entry.ports == 0...UInt16.max ? 1...1000 : entry.ports
        let choices = protocols.filter { entry.protocols.contains($0) }
        return Flow(
            source: UInt32(random.number(Int(sources.lowerBound)...Int(sources.upperBound))),
            sourcePort: UInt16(random.number(1024...65535)), proto: random.pick(choices),
            port: UInt16(random.number(Int(ports.lowerBound)...Int(ports.upperBound))))
    }

    /// Asks the interpreter, which is the reference, about some of them.
    private func check(_ flows: [Flow], _ passing: Bool) throws {
        for flow in flows.prefix(100) {
            let verdict = interpreter.evaluate(flow.state, keepsSteps: false).verdict
            guard (verdict == .drop) != passing else { throw BenchError("the interpreter disagrees about \(flow)") }
        }
    }

    /// Whether the router takes packets from an address: neither its own networks nor one that means no host.
    private static func isRoutable(_ address: UInt32) -> Bool {
        let first = address >> 24
        return first != 0 && first != 127 && first < 224 && address >> 16 != Road.container >> 16
            && address >> 8 != Road.router >> 8
    }
}
