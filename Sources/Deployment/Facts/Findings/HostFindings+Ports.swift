internal import Diagnostics
internal import FirewallIR
internal import PacketModel

extension HostFindings {
    /// Ports of the policy that no container publishes.
    var unpublished: [Diagnostic] {
        guard facts.docker.version != nil else { return [] }
        let published = facts.docker.publishedPorts
        var found: [Diagnostic] = []
        for rule in rules {
            let missing = rule.condition.compactMap { NamedPorts(dialledIn: $0) }.flatMap { named in
                named.ranges.filter { range in
                    !published.contains {
                        !$0.isLoopback && named.protocols.contains($0.transport.rawValue)
                            && range.contains($0.dialledPort)
                    }
                }.map { range in
                    let isLoopback = published.contains {
                        named.protocols.contains($0.transport.rawValue) && range.contains($0.dialledPort)
                    }
                    return named.text(range) + (isLoopback ? ", but on a loopback address," : "")
                }
            }
            guard let first = missing.first else { continue }
            let notes = HostFindings.shortened(Array(Set(missing.dropFirst()).subtracting([first]).sorted()))
            found.append(
                Diagnostic(
                    "port-not-published", .warning, at: rule.origin,
                    "\(first) is published by no container that runs", notes: notes.map { Diagnostic.Note($0) }))
        }
        return found
    }

    /// Published ports of which no rule speaks.
    var unmentioned: [Diagnostic] {
        let boxes = rules.filter { $0.verdict != .next }.flatMap(\.condition)
        let (dialled, translated) = (
            boxes.compactMap { NamedPorts(dialledIn: $0) }, boxes.compactMap { NamedPorts(translatedIn: $0) }
        )
        if boxes.isEmpty { return [] }
        var seen: Set<String> = []
        let lines = facts.docker.publishedPorts.filter { port in
            !port.isLoopback && !dialled.contains { $0.holds(port.transport, port.dialledPort) }
                && !translated.contains { $0.holds(port.transport, port.containerPort) }
        }.map { "\($0.transport.name) \($0.dialledPort), published by \($0.container)" }.filter {
            seen.insert($0).inserted
        }
        guard !lines.isEmpty else { return [] }
        let subject = lines.count == 1 ? "a published port is" : "\(lines.count) published ports are"
        let pronoun = lines.count == 1 ? "it" : "them"
        return [
            Diagnostic(
                "port-not-mentioned", .warning, at: nil,
                "\(subject) named by no rule: what becomes of \(pronoun) is up to the rules without ports, and to Docker",
                notes: HostFindings.shortened(lines).map { Diagnostic.Note($0) })
        ]
    }
}

extension PublishedPort {
    /// The port that clients dial: the container's own, where nothing is translated.
    var dialledPort: UInt16 { hostPort ?? containerPort }
}

/// Ports that a rule names: not those that it leaves when it names others.
struct NamedPorts: Hashable, Sendable {
    /// The protocols.
    var protocols: IntervalSet<UInt8>
    /// The ports.
    var ranges: [ClosedRange<UInt16>]

    /// The ports that the client dialled.
    init?(dialledIn box: Box) {
        self.init(box.originalDestinationPort?.values, box.originalProtocol?.values ?? box.protocols)
    }

    /// The ports behind Docker's translation.
    init?(translatedIn box: Box) { self.init(box.destinationPort?.values, box.protocols) }

    private init?(_ ports: IntervalSet<UInt16>?, _ protocols: IntervalSet<UInt8>?) {
        guard let ports else { return nil }
        let count = ports.intervals.reduce(0) { $0 + Int($1.upperBound) - Int($1.lowerBound) + 1 }
        guard count <= 1 << 15 else { return nil }
        self.protocols = protocols ?? .all
        ranges = ports.intervals
    }

    /// Whether a port is named.
    func holds(_ transport: IPProtocol, _ port: UInt16) -> Bool {
        protocols.contains(transport.rawValue) && ranges.contains { $0.contains(port) }
    }

    /// `tcp 8080`, `udp 5000-5009`, `port 53`.
    func text(_ range: ClosedRange<UInt16>) -> String {
        let name = protocols.single.map { IPProtocol(rawValue: $0).name } ?? "port"
        let port = "\(range.lowerBound)"
        return range.count == 1 ? "\(name) \(port)" : "\(name) \(port)-\(range.upperBound)"
    }
}
