internal import PacketModel

/// A rate as iptables keeps it: the time that one token takes.
struct RateText {
    /// How many, 1 at least.
    let count: UInt64
    let unit: RateUnit

    /// Reads `10/minute`; the unit may be shortened, in any case, and is a second if it is left away.
    ///
    /// - Parameters:
    ///   - word: the rate.
    ///   - scale: into how many parts iptables cuts a second; no token takes less than one.
    init(_ word: RuleWord, scale: UInt64) throws(RuleProblem) {
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let count = UInt64(parts[0]), count > 0, parts[0].first != "+" else {
            throw word.rejected("'\(word.text)' is no rate: expected a number from 1, and a unit: 10/minute")
        }
        let name = parts.count > 1 ? parts[1].lowercased() : "second"
        guard !name.isEmpty, let unit = RateUnit.allCases.first(where: { $0.rawValue.hasPrefix(name) }) else {
            throw word.rejected("'\(name)' is no unit of time: expected second, minute, hour or day")
        }
        guard count / UInt64(unit.seconds) <= scale else {
            throw word.rejected("'\(word.text)' is too fast: up to \(scale) a second are taken")
        }
        self.count = count
        self.unit = unit
    }

    private init(count: UInt64, unit: RateUnit) {
        self.count = count
        self.unit = unit
    }

    /// The time that one token takes, in parts of a second.
    func period(scale: UInt64) -> UInt64 { scale * UInt64(unit.seconds) / count }

    /// The rate as `iptables-save` prints it, where that is the same to the kernel (`print_rate`).
    func printed(scale: UInt64) -> RateText {
        let period = period(scale: scale)
        guard period > 0 else { return self }
        var unit = RateUnit.day
        for smaller in [RateUnit.hour, .minute, .second] {
            let mult = scale * UInt64(smaller.seconds)
            if period > mult || mult / period < mult % period { break }
            unit = smaller
        }
        let printed = RateText(count: scale * UInt64(unit.seconds) / period, unit: unit)
        return printed.count > 0 && printed.period(scale: scale) == period ? printed : self
    }

    /// `10/min`.
    var text: String { "\(count)/\(unit.shortName)" }
}

extension RateUnit {
    /// The word of `iptables-save`.
    var shortName: String {
        switch self {
        case .second: "sec"
        case .minute: "min"
        case .hour: "hour"
        case .day: "day"
        }
    }
}
