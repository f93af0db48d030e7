internal import PacketModel
internal import Seawall

/// Sets that have a name in the policy.
struct NamedSets {
    var addresses: [AddressExpression: String] = [:]
    var ports: [PortExpression: String] = [:]
}

/// Writes rules with the names of the sets that have one.
struct RuleWriter {
    let sets: NamedSets

    func addresses(_ set: AddressExpression) -> SwiftExpression {
        if let name = sets.addresses[set] { return .text(name) }
        if case .leaf(.text(let text)) = set, let column = Placeholder.index(text) {
            return .text("AddressSet(row[\(column)])")
        }
        if case .not(let inner) = set { return .call(".not", [addresses(inner)]) }
        return SwiftExpression(set)
    }

    func ports(_ set: PortExpression) -> SwiftExpression {
        if let name = sets.ports[set] { return .text(name) }
        if case .not(let inner) = set { return .call(".not", [ports(inner)]) }
        return SwiftExpression(set)
    }

    // MARK: - Conditions

    func match(_ node: MatchNode) -> SwiftExpression {
        var positive = positive(node)
        if node.isNegated { positive = .call(".not", [positive]) }
        guard node.allowsAbsent, case .list(let open, let elements, let close) = positive else { return positive }
        return .list(open, elements, close + ".orAbsent")
    }

    private func positive(_ node: MatchNode) -> SwiftExpression {
        let word = node.field.word
        switch node.values {
        case .addresses(let set): return .call(word, [addresses(set)])
        case .ports(let set): return .call(word, [ports(set)])
        case .interfaces(let set): return .call(word, [SwiftExpression(set)])
        case .numbers(let set): return .call(word, [SwiftExpression(set)])
        case .masked(let mask, let value): return .call(word, Self.bits(node.field, mask, value))
        case .alternatives(let lists): return .call(word, lists.map { .array($0.map(match)) })
        case .module(let module): return .call(word, ([module.name] + module.words).map { .string($0) })
        case .rate(let rate, let isOver): return .call(isOver ? ".over" : word, [SwiftExpression(rate)])
        case .bytes(let bytes): return .call(word, [.text("bytes: \(bytes)")])
        case .names(let names): return Self.names(node, names)
        }
    }

    private static func bits(_ field: MatchField, _ mask: UInt32, _ value: UInt32) -> [SwiftExpression] {
        switch field {
        case .tcpFlags: [.text(SwiftWords.flags(value)), .text("outOf: \(SwiftWords.flags(mask))")]
        case .status: [.text(SwiftWords.status(value)), .text("outOf: \(SwiftWords.status(mask))")]
        default: [.text(SwiftText.bits(value))] + (mask == .max ? [] : [.text("mask: \(SwiftText.bits(mask))")])
        }
    }

    private static func names(_ node: MatchNode, _ names: [String]) -> SwiftExpression {
        let word = node.field.word
        switch node.field {
        case .never, .then, .fragment, .laterFragment: return .text(word)
        case .sourceMAC:
            return .call(word, names.map { Placeholder.index($0).map { .text("row[\($0)]") } ?? .string($0) })
        case .proto, .originalProtocol, .before: return .call(word, names.map { .string($0) })
        case .icmpType, .icmpv6Type:
            return .call(word, names.map { .text(SwiftWords.icmp($0, isV6: node.field == .icmpv6Type)) })
        case .sourceType, .destinationType:
            let limit = node.interface.map { [SwiftExpression.text("limitedTo: .\($0)")] } ?? []
            return .call(word, [.text(SwiftText.options(names.map(SwiftWords.member)))] + limit)
        default: return .call(word, [.text(SwiftText.options(names.map(SwiftWords.member)))])
        }
    }

    // MARK: - Rules

    func statement(_ rule: RuleNode) -> SwiftStatement {
        SwiftStatement(call: rule.isLowLevel ? lowLevel(rule) : highLevel(rule), modifiers: modifiers(rule))
    }

    private func lowLevel(_ rule: RuleNode) -> SwiftExpression {
        .call("Rule", [Self.verdict(rule.verdict)] + rule.matches.map(match))
    }

    private static func verdict(_ verdict: VerdictNode) -> SwiftExpression {
        switch verdict {
        case .allow: .text(".allow")
        case .accept: .text(".accept")
        case .drop: .text(".drop")
        case .reject(let kind):
            .text(kind == RejectKind.portUnreachable.rawValue ? ".reject" : ".reject(with: \(SwiftWords.reject(kind)))")
        case .log: .text(".log")
        case .next: .text(".next")
        case .jump(let name): .text(".jump(\(SwiftText.literal(name)))")
        case .goto(let name): .text(".goto(\(SwiftText.literal(name)))")
        case .return: .text(".return")
        case .queue(let queue): .text(Self.queue(queue))
        }
    }

    private static func queue(_ queue: QueueNode) -> String {
        let bypass = queue.isBypassed ? ", bypass: true" : ""
        if queue.first == queue.last && !queue.isByProcessor { return ".queue(\(queue.first)\(bypass))" }
        let processor = queue.isByProcessor ? ", byProcessor: true" : ""
        return ".queue(from: \(queue.first), to: \(queue.last)\(bypass)\(processor))"
    }

    private func highLevel(_ rule: RuleNode) -> SwiftExpression {
        if rule.isDefault { return .call("Default", [Self.verdict(rule.verdict)]) }
        var arguments = rule.services.map(service)
        func add(_ label: String, _ value: SwiftExpression) { arguments.append(.labelled(label, value)) }
        if !rule.from.isAny { add("from", addresses(rule.from)) }
        if !rule.to.isAny { add("to", addresses(rule.to)) }
        if case .reject(let kind) = rule.verdict, kind != RejectKind.portUnreachable.rawValue {
            add("with", .text(SwiftWords.reject(kind)))
        }
        if !rule.containerPort.isAny { add("containerPort", ports(rule.containerPort)) }
        if !rule.containerAddress.isAny { add("containerAddress", addresses(rule.containerAddress)) }
        return .call(Self.word(rule.verdict), arguments)
    }

    private static func word(_ verdict: VerdictNode) -> String {
        switch verdict {
        case .allow: "Allow"
        case .accept: "Accept"
        case .drop: "Drop"
        case .reject: "Reject"
        default: "Log"
        }
    }

    func service(_ service: ServiceNode) -> SwiftExpression {
        let name = service.protocolName
        if let icmp = service.icmp {
            let type = SwiftWords.icmp("\(icmp.type)", icmp.code.map { "\($0)" }, isV6: name == "icmpv6")
            return .text(".\(name)(\(type))")
        }
        guard ["tcp", "udp", "sctp", "icmp", "icmpv6"].contains(name) else {
            let isNumber = name.utf8.allSatisfy { (48...57).contains($0) }
            return .text(".protocol(\(isNumber ? name : SwiftText.literal(name)))")
        }
        return service.ports.isAny ? .text("." + name) : .call("." + name, [ports(service.ports)])
    }

    // MARK: - Behind a rule

    private func modifiers(_ rule: RuleNode) -> [String] {
        var result: [String] = []
        if let log = rule.log { result.append(Self.line(log)) }
        result += rule.effects.map(Self.effect)
        if let limit = rule.limit { result.append(".limit(\(SwiftExpression(limit).line))") }
        if let until = rule.until { result.append(".until(\(SwiftText.literal(until)))") }
        if let comment = rule.comment { result.append(".comment(\(SwiftText.literal(comment)))") }
        if !rule.allowedLints.isEmpty {
            result.append(".lint(allow: \(rule.allowedLints.map(SwiftWords.lint).joined(separator: ", ")))")
        }
        return result
    }

    private static func line(_ log: LogNode) -> String {
        var arguments = ["prefix: \(SwiftText.literal(log.prefix))"]
        if log.level != LogLevel.warning.rawValue { arguments.append("level: \(SwiftWords.level(log.level))") }
        if !log.flags.isEmpty {
            arguments.append("flags: \(log.flags.map(SwiftWords.logDetail).joined(separator: ", "))")
        }
        if let limit = log.limit { arguments.append("limit: \(SwiftExpression(limit).line)") }
        return ".log(\(arguments.joined(separator: ", ")))"
    }

    private static func effect(_ effect: EffectNode) -> String {
        switch effect {
        case .log(let log): line(log)
        case .netlinkLog(let log): netlinkLog(log)
        case .setMark(let value, let mask): ".setMark(\(bits(value, mask)))"
        case .setConnectionMark(let value, let mask): ".setConnectionMark(\(bits(value, mask)))"
        case .saveMark(let connection, let packet): ".saveMark(\(masks(connection, packet)))"
        case .restoreMark(let connection, let packet): ".restoreMark(\(masks(connection, packet)))"
        case .module(let module):
            ".target(\(([module.name] + module.words).map(SwiftText.literal).joined(separator: ", ")))"
        case .count: ".counted()"
        }
    }

    private static func bits(_ value: UInt32, _ mask: UInt32) -> String {
        bits(.mark, mask, value).map(\.line).joined(separator: ", ")
    }

    private static func masks(_ connection: UInt32, _ packet: UInt32) -> String {
        [("connectionMask", connection), ("packetMask", packet)].filter { $0.1 != .max }
            .map { "\($0.0): \(SwiftText.bits($0.1))" }.joined(separator: ", ")
    }

    private static func netlinkLog(_ log: NetlinkLogNode) -> String {
        var arguments = ["group: \(log.group)"]
        if !log.prefix.isEmpty { arguments.append("prefix: \(SwiftText.literal(log.prefix))") }
        if let size = log.size { arguments.append("size: \(size)") }
        if log.threshold != 1 { arguments.append("threshold: \(log.threshold)") }
        return ".netlinkLog(\(arguments.joined(separator: ", ")))"
    }
}

extension MatchField {
    /// The word of the language, with its dot.
    fileprivate var word: String {
        switch self {
        case .family: ".family"
        case .inInterface: ".inInterface"
        case .outInterface: ".outInterface"
        case .source: ".source"
        case .destination: ".destination"
        case .proto: ".protocol"
        case .sourcePort: ".sourcePort"
        case .destinationPort: ".destinationPort"
        case .icmpType: ".icmpType"
        case .icmpv6Type: ".icmpv6Type"
        case .icmpMessage: ".icmpMessage"
        case .tcpFlags: ".tcpFlags"
        case .fragment: ".laterFragment"
        case .laterFragment: ".laterFragmentOfAnyFamily"
        case .state: ".state"
        case .direction: ".direction"
        case .status: ".status"
        case .originalSource: ".originalSource"
        case .originalDestination: ".originalDestination"
        case .originalProtocol: ".originalProtocol"
        case .originalSourcePort: ".originalSourcePort"
        case .originalDestinationPort: ".originalDestinationPort"
        case .connectionMark: ".connectionMark"
        case .length: ".length"
        case .hopLimit: ".hopLimit"
        case .dscp: ".dscp"
        case .sourceMAC: ".sourceMAC"
        case .mark: ".mark"
        case .packetType: ".packetType"
        case .sourceType: ".sourceType"
        case .destinationType: ".destinationType"
        case .never: ".never"
        case .then: ".then"
        case .anyOf: ".anyOf"
        case .before: ".before"
        case .module: ".module"
        case .statefulModule: ".statefulModule"
        case .limit: ".limit"
        case .quota: ".quota"
        }
    }
}
