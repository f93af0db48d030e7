package import FirewallIR
package import PacketModel

extension TrafficBox {
    /// The service by which people look for a change: `tcp 8080`, `icmp echo-request`, `all services`.
    package var service: String {
        let port = fields[.dialledPort].map { Self.ports($0) }
        let containerPort = port == nil ? fields[.containerPort].map { "to container port \(Self.ports($0))" } : nil
        let message = fields[.icmp].map { messages($0) }
        let further = port ?? containerPort ?? message
        guard case .protocols(let set)? = fields[.proto] else {
            return further.map { "any protocol, \($0)" } ?? "all services"
        }
        let isComplement = set.contains(0) && set.contains(255)
        let names = (isComplement ? set.complement : set).texts
        let protocols = (isComplement ? "all protocols but " : "") + names
        if let further { return "\(protocols)\(names.contains(",") || isComplement ? "," : "") \(further)" }
        return set.single.map { IPProtocol(rawValue: $0).hasPorts } ?? false ? "\(protocols), all ports" : protocols
    }

    /// What restricts the box besides the service, in words.
    ///
    /// - Parameter compared: the families of which nothing has to be said.
    /// - Returns: the restrictions, in the order of their fields.
    package func conditions(_ compared: FamilySet) -> [String] {
        let isInService: (TrafficField) -> Bool = { field in
            switch field {
            case .proto, .dialledPort, .icmp: true
            case .containerPort: fields[.dialledPort] == nil
            default: false
            }
        }
        let shown = fields.filter { !isInService($0.key) }.sorted { first, second in
            (first.key.order, first.value.words) < (second.key.order, second.value.words)
        }
        let words = shown.map { $0.key.phrase($0.value) }
        let from = fields[.source] == nil ? ["from anywhere"] : []
        return from + words + familyWords(compared) + (kinds.words.map { [$0] } ?? [])
    }

    /// The family, where the addresses or the protocol do not tell.
    private func familyWords(_ compared: FamilySet) -> [String] {
        let tells = fields.contains { field, values in
            if case .addresses(let set) = values {
                return set.families == families && !set.phrase.hasPrefix("anywhere")
            }
            if case .protocols(let set) = values, let single = set.single {
                return field == .proto && [IPProtocol.icmp.rawValue, IPProtocol.icmpv6.rawValue].contains(single)
            }
            return false
        }
        return families == compared || tells ? [] : families.families.map { "over \($0.displayName)" }
    }

    private static func ports(_ values: TrafficValues) -> String {
        guard case .numbers(let set) = values else { return values.words }
        return set.numbers
    }

    private func messages(_ values: TrafficValues) -> String {
        guard case .numbers(let set) = values else { return values.words }
        let family = families.families.first ?? .ip
        let areWhole = set.intervals.allSatisfy { $0.lowerBound & 255 == 0 && $0.upperBound & 255 == 255 }
        guard areWhole else { return set.wanted { ICMPName.text($0, family) } }
        // Types with any code go by their names alone.
        let types = IntervalSet<UInt8>(set.intervals.map { UInt8($0.lowerBound >> 8)...UInt8($0.upperBound >> 8) })
        return types.wanted { ICMPName.text(UInt16($0) << 8, family) }
    }
}

extension IntervalSet<UInt8> {
    /// `tcp, udp, 33-40`.
    fileprivate var texts: String { TrafficValues.protocols(self).texts.joined(separator: ", ") }
}

extension TrafficField {
    /// A restriction in words.
    fileprivate func phrase(_ values: TrafficValues) -> String {
        switch self {
        case .proto: values.words
        case .dialledPort: "port \(values.words)"
        case .icmp: "ICMP \(values.words)"
        case .source: "from \(values.words)"
        case .inInterface: "entering at \(values.words)"
        case .outInterface: "leaving at \(values.words)"
        case .dialled: "to \(values.words)"
        case .dialledProtocol: "about \(values.words)"
        case .containerPort: "container port \(values.words)"
        case .container: "container address \(values.words)"
        case .sourcePort: "source port \(values.words)"
        case .client: "of connections from \(values.words)"
        case .clientPort: "of connections from port \(values.words)"
        case .tcpFlags: "flags \(values.bits { TCPFlags(rawValue: UInt8(truncatingIfNeeded: $0)).text })"
        case .status: values.statusWords
        case .connectionMark: "connection mark \(values.bits(hexadecimal))"
        case .number(let field): "\(field.packetField.words) \(values.words)"
        case .mark: "mark \(values.bits(hexadecimal))"
        case .packetType: "link \(values.texts.joined(separator: " or "))"
        case .addressType(let question):
            "\(question.words.joined(separator: " ")) type \(values.texts.joined(separator: " or "))"
        case .time: values.texts.joined(separator: " or ")
        case .opaque(let match): "'\(match.text)' \(values == .answer(true) ? "holds" : "does not hold")"
        case .guarded(let one, _): "\(values == .answer(true) ? "within" : "beyond") \(one.text)"
        }
    }
}

extension TrafficValues {
    fileprivate func bits(_ text: (UInt32) -> String) -> String {
        guard case .bits(let lists) = self else { return words }
        return lists.map { $0.map { $0.wanted(text) }.joined(separator: " and ") }.joined(separator: ", or ")
    }

    fileprivate var statusWords: String {
        let dnat = MaskedTest(mask: ConntrackStatus.dnat.rawValue, value: ConntrackStatus.dnat.rawValue)
        if self == .bits([[dnat]]) { return "through a published port" }
        if self == .bits([[MaskedTest(mask: dnat.mask, value: dnat.value, isNegated: true)]]) {
            return "routed directly, without DNAT"
        }
        return "status \(bits { ConntrackStatus(rawValue: $0).text })"
    }
}

extension TrafficTreatment {
    /// What is done, in words: `allowed`, `dropped`, `rejected (tcp-reset)`, `dropped, logged "x"`.
    package func words(at hook: Scope.Hook) -> String {
        ([verdictWords(hook)] + effects.map(\.passive)).joined(separator: ", ")
    }

    private func verdictWords(_ hook: Scope.Hook) -> String {
        switch verdict {
        case .leave: "allowed"
        case .accept: hook == .containers ? "accepted past Docker's rules" : "allowed"
        case .drop: "dropped"
        case .reject(let kind): "rejected (\(kind.rawValue))"
        case .queue(let target): "handed to \(target.words)"
        }
    }
}

extension Effect {
    fileprivate var passive: String {
        switch self {
        case .log(let prefix, _, _): "logged \"\(prefix)\""
        case .netlinkLog(let log): "logged to group \(log.group)"
        case .connectionMark: "treated by \(text)"
        case .module(let name, _): "treated by \(name)"
        case .setMark(let value, let mask): "marked \(hexadecimal(value))/\(hexadecimal(mask))"
        case .count: "counted"
        }
    }
}

extension TrafficField {
    /// The name for programs.
    package var name: String {
        switch self {
        case .proto: "protocol"
        case .dialledPort: "port"
        case .icmp: "icmp"
        case .source: "source"
        case .inInterface: "in-interface"
        case .outInterface: "out-interface"
        case .dialled: "dialled"
        case .dialledProtocol: "dialled-protocol"
        case .containerPort: "container-port"
        case .container: "container"
        case .sourcePort: "source-port"
        case .client: "client"
        case .clientPort: "client-port"
        case .tcpFlags: "tcp-flags"
        case .status: "status"
        case .connectionMark: "connection-mark"
        case .number(let field): field.rawValue
        case .mark: "mark"
        case .packetType: "packet-type"
        case .addressType(let question): (question.words + ["type"]).joined(separator: "-")
        case .time: "time"
        case .opaque(let match): "match \(match.text)"
        case .guarded(let one, let rule): "guard \(one.text) of \(rule)"
        }
    }
}
