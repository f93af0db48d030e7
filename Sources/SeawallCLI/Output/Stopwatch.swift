internal import Deployment
internal import JSONC

/// How long the parts of a command took, in the order in which they began.
struct Stopwatch {
    private let start = ContinuousClock.now
    private var parts: [(name: String, duration: Duration)] = []

    /// Does something, and adds to a part how long it took.
    mutating func during<Result>(_ part: String, _ work: () async throws -> Result) async rethrows -> Result {
        let start = ContinuousClock.now
        let result = try await work()
        add(part, ContinuousClock.now - start)
        return result
    }

    /// Adds the parts of an application to nft.
    mutating func add(_ timings: NFTApplier.Timings) {
        add("listing", timings.listing)
        add("comparing", timings.comparing)
        add("transaction", timings.transaction)
        add("reading back", timings.readBack)
    }

    private mutating func add(_ part: String, _ duration: Duration) {
        if let place = parts.firstIndex(where: { $0.name == part }) {
            parts[place].duration += duration
        } else {
            parts.append((part, duration))
        }
    }

    /// The parts, and everything until now.
    private var all: [(name: String, duration: Duration)] { parts + [("total", ContinuousClock.now - start)] }

    /// Seconds by part: `{"compile": 0.0123, …}`, words joined by `_`.
    var json: JSONValue {
        .object(
            all.map { part in
                JSONMember(
                    part.name.replacing(" ", with: "_"),
                    .double((part.duration / .microseconds(1)).rounded() / 1_000_000))
            })
    }

    /// A line for each part: `  transaction     12.345 ms`.
    var text: String {
        all.map { part in
            let microseconds = Int64(part.duration / .microseconds(1))
            let fraction = String(microseconds % 1000 + 1000).dropFirst()
            let number = "\(microseconds / 1000).\(fraction)"
            let name = part.name + String(repeating: " ", count: max(0, 14 - part.name.count))
            return "  \(name)\(String(repeating: " ", count: max(0, 12 - number.count)))\(number) ms\n"
        }.joined()
    }
}
