internal import ArgumentParser

/// A length of time as an argument: `60s`, `5m`, `1h`, or seconds without a unit.
struct DurationArgument: ExpressibleByArgument {
    /// The length.
    let duration: Duration

    /// A length of time.
    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? Substring(argument) : argument.dropLast()
        guard let number = Int64(digits), number > 0, number <= 86400 else { return nil }
        duration = .seconds(number * (unit ?? 1))
    }

    var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
