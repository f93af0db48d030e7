internal import PacketModel

extension Ruleset {
    /// The rule set for people: `compile --ir`.
    package var text: String {
        (["ruleset \(name)"] + scopes.map(\.text)).joined(separator: "\n") + "\n"
    }
}

extension Scope {
    fileprivate var text: String {
        let head =
            "scope \(hook.rawValue) families \(families.families.map(\.rawValue).joined(separator: ",")) entry \(entry)"
        return ([head] + chains.map(\.text)).joined(separator: "\n")
    }
}

extension Chain {
    fileprivate var text: String { (["  chain \(name)"] + rules.map { "    " + $0.text }).joined(separator: "\n") }
}

extension FirewallRule {
    /// One line: `[id] condition · guards · effects -> verdict # origin comment`.
    package var text: String {
        var parts = [condition.isEmpty ? "never" : condition.map(\.text).joined(separator: " | ")]
        parts += opaque.map(\.text) + guards.map(\.text) + effects.map(\.text)
        let note = comment.map { " \"\($0)\"" } ?? ""
        return "[\(id)] \(parts.joined(separator: " · ")) -> \(verdict.text)  # \(origin)\(note)"
    }
}

extension Box {
    /// `iif{eth0} saddr{192.0.2.0/24} proto{tcp} o.dport{443}`; `any` without a restriction.
    package var text: String {
        var words: [String] = []
        if families != .both { words.append("family{\(families.families.map(\.rawValue).joined(separator: ","))}") }
        func add(_ name: String, _ values: String?) {
            if let values { words.append("\(name){\(values)}") }
        }
        add("iif", inInterface?.text)
        add("oif", outInterface?.text)
        add("saddr", source?.text)
        add("daddr", destination?.text)
        add("proto", protocols?.text { IPProtocol(rawValue: $0).name })
        add("sport", sourcePort?.text(\.numbers))
        add("dport", destinationPort?.text(\.numbers))
        add("icmp", icmp?.text { $0.text { "\($0 >> 8)/\($0 & 255)" } })
        add("flags", tcpFlags?.text { $0.map(\.text).joined(separator: "&") })
        add("fragment", isLaterFragment.map { $0 ? "later" : "first-or-none" })
        add("state", state?.names.joined(separator: ","))
        add("dir", direction?.text { $0.names.joined(separator: ",") })
        add("status", status?.text { $0.map(\.text).joined(separator: "&") })
        add("o.saddr", originalSource?.text(\.text))
        add("o.daddr", originalDestination?.text(\.text))
        add("o.proto", originalProtocol?.text { $0.text { IPProtocol(rawValue: $0).name } })
        add("o.sport", originalSourcePort?.text(\.numbers))
        add("o.dport", originalDestinationPort?.text(\.numbers))
        add("mark", mark.isEmpty ? nil : mark.map(\.text).joined(separator: "&"))
        add("pkttype", packetType?.names.joined(separator: ","))
        words += addressTypes.map(\.text)
        return words.isEmpty ? "any" : words.joined(separator: " ")
    }
}

extension Presence {
    fileprivate func text(_ values: (Values) -> String) -> String {
        values(self.values) + (allowsAbsent ? " or absent" : "")
    }
}

extension IntervalSet {
    fileprivate var numbers: String { text { String($0) } }

    fileprivate func text(_ value: (Value) -> String) -> String {
        intervals.map { $0.count == 1 ? value($0.lowerBound) : "\(value($0.lowerBound))-\(value($0.upperBound))" }
            .joined(separator: ",")
    }
}

extension InterfaceSet {
    fileprivate var text: String { (isNegated ? "not " : "") + patterns.map(\.description).joined(separator: ",") }
}

extension IPAddressSet {
    fileprivate var text: String {
        if isAll { return "any" }
        // The shorter of the set and its complement, so that a negated address reads as it was written.
        let own = ranges(of: .ip) + ranges(of: .ip6)
        let others = complement.ranges(of: .ip) + complement.ranges(of: .ip6)
        let isShorter = others.count < own.count
        return (isShorter ? "not " : "") + (isShorter ? others : own).map(\.description).joined(separator: ",")
    }
}

extension MaskedTest {
    fileprivate var text: String {
        "0x\(String(mask, radix: 16))\(isNegated ? "!=" : "=")0x\(String(value, radix: 16))"
    }
}

extension AddressTypeTest {
    fileprivate var text: String {
        "\(side.rawValue)-type\(interface.map { "-on-\($0.rawValue)" } ?? ""){\(isNegated ? "not " : "")\(types.names.joined(separator: ","))}"
    }
}

extension OpaqueMatch {
    /// The match in short: `before 1800000000`.
    package var text: String {
        switch self {
        case .before(let instant): "before \(instant)"
        case .extension_(let name, let options): "\(name)(\(options.joined(separator: " ")))"
        }
    }
}

extension Guard {
    /// The guard in short: `limit 10/minute burst 5`.
    package var text: String {
        switch self {
        case .limit(let limit): limit.text
        case .hashlimit(let name, let limit, let above, let keys):
            "hashlimit \(name) \(above ? "above" : "upto") \(limit.text) by \(keys.joined(separator: ","))"
        case .recent(let name, let parameters): "recent \(name) \(parameters.joined(separator: " "))"
        case .connlimit(let count, let above, let length, let destination):
            "connlimit \(above ? "above" : "upto") \(count) by \(destination ? "daddr" : "saddr")/\(length)"
        case .quota(let bytes): "quota \(bytes) bytes"
        case .statistic(let parameters): "statistic \(parameters.joined(separator: " "))"
        }
    }
}

extension Limit {
    fileprivate var text: String { "limit \(count)/\(unit.rawValue) burst \(burst)" }
}

extension Effect {
    /// The effect in short: `log info "prefix"`.
    package var text: String {
        switch self {
        case .log(let prefix, let level): "log \(level.rawValue) \"\(prefix)\""
        case .setMark(let value, let mask): "mark 0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))"
        case .count: "count"
        }
    }
}

extension Verdict {
    fileprivate var text: String {
        switch self {
        case .next: "next"
        case .leave: "leave"
        case .accept: "accept"
        case .drop: "drop"
        case .reject(let kind): "reject \(kind.rawValue)"
        case .jump(let name): "jump \(name)"
        case .goto(let name): "goto \(name)"
        case .return: "return"
        }
    }
}
