internal import ArgumentParser

/// How long something is observed, as an argument: a length of time, or 0.
struct ObservationArgument: ExpressibleByArgument {
    /// The length.
    let duration: Duration

    /// A length of time.
    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        if argument == "0" || argument == "0s" {
            duration = .zero
            return
        }
        guard let length = DurationArgument(argument: argument) else { return nil }
        duration = length.duration
    }

    var defaultValueDescription: String { "\(duration.components.seconds)s" }
}
