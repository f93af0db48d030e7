internal import Diagnostics
internal import FirewallIR
internal import PacketModel

extension HostFindings {
    /// Ports of the policy that no container publishes.
    var unpublished: [Diagnostic] {
        guard facts.docker.version != nil else { return [] }
        let all = facts.docker.publishedPorts
        let published = PortIndex(all.filter { !$0.isLoopback }.map { ($0.transport, $0.dialledPort) })
        let loopback = PortIndex(all.filter(\.isLoopback).map { ($0.transport, $0.dialledPort) })
        let found = rules.compactMap { rule -> Diagnostic? in
            var missing: [String] = []
            for named in rule.condition.compactMap({ NamedPorts(dialledIn: $0) }) {
                for range in named.ranges where !published.holdsAny(of: range, named.protocols) {
                    let isLoopback = loopback.holdsAny(of: range, named.protocols)
                    let text = named.text(range) + (isLoopback ? ", but on a loopback address," : "")
                    if !missing.contains(text) { missing.append(text) }
                }
            }
            guard let first = missing.first else { return nil }
            return Diagnostic(
                "port-not-published", .warning, at: rule.origin, "\(first) is published by no container that runs",
                notes: HostFindings.shortened(missing.dropFirst().map { "nor is \($0)" }).map { Diagnostic.Note($0) })
        }
        if found.count <= 20 { return found }
        let rest = Diagnostic(
            "port-not-published", .warning, at: nil,
            "\(found.count - 19) more rules name ports that no container that runs publishes")
        return found.prefix(19) + [rest]
    }

    /// Published ports of which no rule speaks.
    var unmentioned: [Diagnostic] {
        let boxes = rules.filter { $0.verdict != .next }.flatMap(\.condition)
        if boxes.isEmpty { return [] }
        let dialled = NamedPortUnion(boxes.compactMap { NamedPorts(dialledIn: $0) })
        let translated = NamedPortUnion(boxes.compactMap { NamedPorts(translatedIn: $0) })
        var seen: Set<String> = []
        let lines = facts.docker.publishedPorts.filter { port in
            !port.isLoopback && !dialled.holds(port.transport, port.dialledPort)
                && !translated.holds(port.transport, port.containerPort)
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
