internal import PacketModel
internal import Seawall

/// Sets and small values in Swift.
extension SwiftExpression {
    init(_ set: AddressExpression) {
        switch set {
        case .any: self = .text(".any")
        case .leaf(.text(let text)): self = .text(SwiftText.literal(text))
        case .leaf(.file(let file)): self = .text("AddressSet(\(file.arguments))")
        case .union(let members): self = .array(members.map { SwiftExpression($0) })
        case .not(let inner): self = .call(".not", [SwiftExpression(inner)])
        }
    }

    init(_ set: PortExpression) {
        switch set {
        case .any: self = .text(".any")
        case .leaf(.number(let port)): self = .text(String(port))
        case .leaf(.range(let first, let last)): self = .text("\(first)...\(last)")
        case .leaf(.name(let name)): self = .text(SwiftText.literal(name))
        case .leaf(.file(let file)): self = .text("PortSet(\(file.arguments))")
        case .union(let members): self = .array(members.map { SwiftExpression($0) })
        case .not(let inner): self = .call(".not", [SwiftExpression(inner)])
        }
    }

    init(_ set: NumberExpression) {
        switch set {
        case .any, .not: self = .text("[]")
        case .leaf(.number(let number)): self = .text(String(number))
        case .leaf(.range(let first, let last)): self = .text("\(first)...\(last)")
        case .union(let members): self = .array(members.map { SwiftExpression($0) })
        }
    }

    init(_ set: InterfaceExpression) {
        switch set {
        case .any: self = .text(".any")
        case .leaf(let leaf): self = .text(SwiftText.literal(leaf.text))
        case .union(let members): self = .array(members.map { SwiftExpression($0) })
        case .not(let inner): self = .call(".not", [SwiftExpression(inner)])
        }
    }

    /// A string literal.
    static func string(_ text: String) -> SwiftExpression { .text(SwiftText.literal(text)) }

    init(_ rate: RateNode) {
        let unit = rate.unit.prefix(1).uppercased() + rate.unit.dropFirst()
        self = .text(".per\(unit)(\(rate.count))" + (rate.burst.map { ".burst(\($0))" } ?? ""))
    }
}

extension FileReference {
    fileprivate var arguments: String {
        "contentsOf: \(SwiftText.literal(path))" + (mayBeEmpty ? ", mayBeEmpty: true" : "")
    }
}

/// Words of netfilter, and what the language calls them.
enum SwiftWords {
    static func reject(_ kind: String) -> String {
        switch RejectKind(rawValue: kind) {
        case .tcpReset: ".tcpReset"
        case .portUnreachable, nil: ".portUnreachable"
        case .hostUnreachable: ".hostUnreachable"
        case .noRoute: ".noRoute"
        case .adminProhibited: ".adminProhibited"
        case .protocolUnreachable: ".protocolUnreachable"
        case .networkProhibited: ".networkProhibited"
        case .hostProhibited: ".hostProhibited"
        case .policyFail: ".policyFail"
        case .rejectRoute: ".rejectRoute"
        }
    }

    static func level(_ name: String) -> String {
        switch LogLevel(rawValue: name) {
        case .emergency: ".emergency"
        case .alert: ".alert"
        case .critical: ".critical"
        case .error: ".error"
        case .warning, nil: ".warning"
        case .notice: ".notice"
        case .info: ".info"
        case .debug: ".debug"
        }
    }

    static func logDetail(_ flag: String) -> String {
        switch LogDetail(rawValue: flag) {
        case .tcpSequence: ".tcpSequence"
        case .tcpOptions: ".tcpOptions"
        case .ipOptions: ".ipOptions"
        case .uid, nil: ".uid"
        case .macDecode: ".macDecode"
        }
    }

    static func lint(_ lint: PolicyLint) -> String {
        switch lint {
        case .shadowed: ".shadowed"
        case .redundant: ".redundant"
        case .contradictingOverlap: ".contradictingOverlap"
        case .matchesNothing: ".matchesNothing"
        case .unreachedDefault: ".unreachedDefault"
        case .needlessAccept: ".needlessAccept"
        case .cutsReplies: ".cutsReplies"
        case .expired: ".expired"
        }
    }

    /// A bit of the status, or a type of address, by its name of nft.
    static func member(_ name: String) -> String {
        switch name {
        case "seen-reply": "seenReply"
        case "unspec": "unspecified"
        default: name
        }
    }

    /// The bits of a status.
    static func status(_ bits: UInt32) -> String {
        let status = ConntrackStatus(rawValue: bits)
        guard status.names.count == bits.nonzeroBitCount else {
            return "ConntrackStatus(rawValue: \(SwiftText.bits(bits)))"
        }
        return SwiftText.options(status.names.map(member))
    }

    /// The flags of TCP.
    static func flags(_ bits: UInt32) -> String {
        SwiftText.options(TCPFlags(rawValue: UInt8(truncatingIfNeeded: bits)).names)
    }

    /// A message of ICMP: `8`, `3/4`.
    static func icmp(_ name: String, isV6: Bool) -> String {
        let parts = name.split(separator: "/").map(String.init)
        let code = parts.count > 1 ? parts[1] : nil
        return icmp(parts.first ?? "0", code, isV6: isV6)
    }

    /// A type of ICMP by its name, if it has one.
    static func icmp(_ type: String, _ code: String?, isV6: Bool) -> String {
        let key = code.map { "\(type)/\($0)" } ?? type
        if let name = (isV6 ? names6 : names4)[key] { return "." + name }
        return code.map { ".type(\(type), code: \($0))" } ?? ".type(\(type))"
    }

    private static let names4 = [
        "0": "echoReply", "3": "destinationUnreachable", "3/4": "fragmentationNeeded", "5": "redirect",
        "8": "echoRequest",
        "9": "routerAdvertisement", "10": "routerSolicitation", "11": "timeExceeded", "12": "parameterProblem",
        "13": "timestampRequest", "14": "timestampReply",
    ]
    private static let names6 = [
        "1": "destinationUnreachable", "2": "packetTooBig", "3": "timeExceeded", "4": "parameterProblem",
        "128": "echoRequest", "129": "echoReply", "133": "routerSolicitation", "134": "routerAdvertisement",
        "135": "neighbourSolicitation", "136": "neighbourAdvertisement",
    ]
}
