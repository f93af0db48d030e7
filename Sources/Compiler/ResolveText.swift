internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// Reports control characters: no backend carries them, and a terminal would obey them.
    mutating func check(text: String, called name: String, at location: NodeLocation?) {
        guard let bad = text.unicodeScalars.first(where: { $0.value < 32 || (127...159).contains($0.value) }) else {
            return
        }
        let code = String(bad.value, radix: 16, uppercase: true)
        report(
            "control-character", at: location,
            "the \(name) holds the control character U+\(String(repeating: "0", count: 4 - code.count))\(code): write it as one line of plain text"
        )
    }

    /// A rate, checked.
    mutating func limit(_ node: RateNode, at location: NodeLocation) -> Limit? {
        guard let unit = RateUnit(rawValue: node.unit) else {
            report(
                "bad-rate", at: location, "unknown unit of time '\(node.unit)': expected second, minute, hour or day")
            return nil
        }
        guard node.count > 0, node.count <= 1_000_000_000 else {
            report(
                "bad-rate", at: location, "a rate of \(node.count) a \(unit.rawValue): expected 1 or more",
                literal: String(node.count))
            return nil
        }
        let burst = node.burst ?? 5
        guard burst > 0, burst <= 1_000_000_000 else {
            report("bad-rate", at: location, "a burst of \(burst): expected 1 or more", literal: String(burst))
            return nil
        }
        return Limit(count: node.count, unit: unit, burst: burst)
    }

    /// The instant before which a rule holds: behind the last second of a day, or the instant itself.
    mutating func instant(_ text: String, at location: NodeLocation) -> Int64? {
        if let instant = UTCDate.instantAfter(text), instant > 0 { return instant }
        report(
            "bad-date", at: location,
            "'\(text)' is no date: expected the last day as 2027-01-31, or an instant as 2027-01-31T18:00:00Z",
            literal: text)
        return nil
    }
}
