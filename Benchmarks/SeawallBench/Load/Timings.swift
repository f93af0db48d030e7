internal import JSONC

/// What `seawall apply --timings` reports of its parts.
enum Timings {
    /// The options that ask for the report.
    static let options = ["--timings", "--json"]

    /// How long the transaction took, in nanoseconds; `nil` if the report does not say.
    ///
    /// With `--json` the report has an object `timings`, whose members are parts with seconds or milliseconds.
    static func transaction(in report: String) -> Int? {
        guard let json = try? JSONValue.parse(report.utf8), case .object(let parts)? = json["timings"] else {
            return nil
        }
        return parts.first { $0.key.lowercased().contains("transaction") }.flatMap { nanoseconds($0) }
    }

    private static func nanoseconds(_ part: JSONMember) -> Int? {
        let number: Double? =
            switch part.value {
            case .integer(let value): Double(value)
            case .double(let value): value
            default: nil
            }
        let key = part.key.lowercased()
        let scale = key.contains("micro") ? 1e3 : key.contains("milli") ? 1e6 : key.contains("nano") ? 1 : 1e9
        return number.map { Int(($0 * scale).rounded()) }
    }
}
