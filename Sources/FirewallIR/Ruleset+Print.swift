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
            + (policy == .leave ? "" : " policy \(policy.text)")
        return ([head] + chains.map(\.text)).joined(separator: "\n")
    }
}

extension Chain {
    fileprivate var text: String { (["  chain \(name)"] + rules.map { "    " + $0.text }).joined(separator: "\n") }
}

extension FirewallRule {
    /// One line: `[id] condition · guards · effects -> verdict # origin comment`.
    package var text: String {
        let parts = allStages.flatMap(\.parts) + effects.map(\.text)
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
        add("ctmark", connectionMark?.text { $0.map(\.text).joined(separator: "&") })
        for (field, values) in numbers.sorted(by: { $0.key < $1.key }) {
            add(field.rawValue, values.text { $0.text { field == .sourceMAC ? MACAddress.text($0) : String($0) } })
        }
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
        intervals.map { interval in
            let (low, high) = (interval.lowerBound, interval.upperBound)
            return low == high ? value(low) : "\(value(low))-\(value(high))"
        }.joined(separator: ",")
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
        case .module(let name, let options): moduleText(name, options)
        case .not(let match): "not \(match.text)"
        }
    }
}

extension Guard {
    /// The guard in short: `limit 10/minute burst 5`.
    package var text: String {
        switch self {
        case .limit(let limit): limit.text
        case .quota(let bytes): "quota \(bytes) bytes"
        case .module(let name, let options): moduleText(name, options)
        }
    }
}

extension Limit {
    fileprivate var text: String { "limit \(isOver ? "over " : "")\(count)/\(unit.rawValue) burst \(burst)" }
}

extension RuleStage {
    /// The stage in short, its parts in the order in which they are asked.
    fileprivate var parts: [String] {
        let boxes = condition.isEmpty ? "never" : condition.map(\.text).joined(separator: " | ")
        return [boxes] + opaque.map(\.text) + guards.map(\.text)
    }
}

extension LogFlags {
    /// The words of the members.
    package var names: [String] { Self.table.filter { contains($0.0) }.map(\.1) }

    /// The flag of a word.
    package init?(name: String) {
        guard let row = Self.table.first(where: { $0.1 == name }) else { return nil }
        self = row.0
    }

    private static let table: [(LogFlags, String)] = [
        (.tcpSequence, "tcp-sequence"), (.tcpOptions, "tcp-options"), (.ipOptions, "ip-options"), (.uid, "uid"),
        (.macDecode, "macdecode"),
    ]
}

extension Effect {
    /// The effect in short: `log info "prefix"`.
    package var text: String {
        switch self {
        case .log(let prefix, let level, let flags):
            (["log", level.rawValue, "\"\(prefix)\""] + flags.names).joined(separator: " ")
        case .netlinkLog(let log): log.text
        case .setMark(let value, let mask): "mark \(hex(value))/\(hex(mask))"
        case .connectionMark(let change): change.text
        case .module(let name, let options): moduleText(name, options)
        case .count: "count"
        }
    }
}

extension NetlinkLog {
    fileprivate var text: String {
        "nflog group \(group) \"\(prefix)\"\(size.map { " size \($0)" } ?? "") threshold \(threshold)"
    }
}

extension ConnectionMarkChange {
    fileprivate var text: String {
        switch self {
        case .set(let value, let mask): "ctmark \(hex(value))/\(hex(mask))"
        case .save(let connection, let packet): "ctmark save \(hex(packet)) to \(hex(connection))"
        case .restore(let connection, let packet): "mark restore \(hex(connection)) to \(hex(packet))"
        }
    }
}

extension QueueTarget {
    /// `queue 1`, `queues 0-3`.
    package var words: String {
        numbers.count == 1
            ? "queue \(numbers.lowerBound)" : "queues \(numbers.lowerBound)-\(numbers.upperBound)"
    }

    fileprivate var text: String {
        let range =
            numbers.count == 1 ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)-\(numbers.upperBound)"
        return "queue \(range)\(isBypassed ? " bypass" : "")\(isByProcessor ? " by processor" : "")"
    }
}

extension Verdict {
    /// The verdict in short.
    package var text: String {
        switch self {
        case .next: "next"
        case .leave: "leave"
        case .accept: "accept"
        case .drop: "drop"
        case .reject(let kind): "reject \(kind.rawValue)"
        case .queue(let target): target.text
        case .jump(let name): "jump \(name)"
        case .goto(let name): "goto \(name)"
        case .return: "return"
        }
    }
}

private func moduleText(_ name: String, _ options: [String]) -> String {
    "\(name)(\(options.joined(separator: " ")))"
}

private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
