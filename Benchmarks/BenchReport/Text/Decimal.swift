/// Decimal numbers as text, the same on every machine.
package enum Decimal {
    /// A number with so many digits behind the point: `1.40`.
    package static func text(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        return "\(sign)\(scaled / scale)." + String(String(scale + scaled % scale).dropFirst())
    }

    /// A whole number with commas between thousands: `10,000`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// Three digits that count, and no zeros at the end behind a point: `2.65`, `38`, `1,015`.
    static func significant(_ value: Double) -> String {
        if value >= 99.95 { return grouped(Int(value.rounded())) }
        return text(value, digits: value >= 9.995 ? 1 : 2)
    }
}

extension Unit {
    /// A value with the unit that reads best: `2.65 µs`, `1.07 s`, `93 MB`.
    package func text(_ value: Int) -> String {
        switch self {
        case .lines, .connections: Decimal.grouped(value)
        case .bytes:
            value < 1_000_000
                ? "\(Decimal.grouped((value + 500) / 1000)) kB" : "\(Decimal.grouped((value + 500_000) / 1_000_000)) MB"
        case .nanoseconds:
            switch Double(value) {
            case ..<999.5: "\(value) ns"
            case ..<999_500: Decimal.significant(Double(value) / 1e3) + " µs"
            case ..<999_500_000: Decimal.significant(Double(value) / 1e6) + " ms"
            default: Decimal.significant(Double(value) / 1e9) + " s"
            }
        }
    }

    /// A value at a tick of an axis: `1 µs`, `100 MB`, without digits behind a point where there are only zeros.
    func tick(_ value: Double) -> String {
        let steps: [(Double, String)] =
            switch self {
            case .lines, .connections: [(1, "")]
            case .bytes: [(1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1, " B")]
            case .nanoseconds: [(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1, " ns")]
            }
        let (size, name) = steps.first { value >= $0.0 } ?? (1, " " + rawValue)
        return Decimal.grouped(Int((value / size).rounded())) + name
    }
}
