/// An expression of Swift, as far as lines have to be broken in it.
indirect enum SwiftExpression: Hashable {
    /// What stays on one line.
    case text(String)
    /// What stands between an opening and a closing word, with commas: a call or an array.
    case list(String, [SwiftExpression], String)

    /// A call of a function.
    static func call(_ function: String, _ arguments: [SwiftExpression]) -> SwiftExpression {
        .list(function + "(", arguments, ")")
    }

    /// An array.
    static func array(_ elements: [SwiftExpression]) -> SwiftExpression { .list("[", elements, "]") }

    /// An argument with its label.
    static func labelled(_ label: String, _ value: SwiftExpression) -> SwiftExpression {
        switch value {
        case .text(let text): .text("\(label): \(text)")
        case .list(let open, let elements, let close): .list("\(label): \(open)", elements, close)
        }
    }

    /// The expression on one line.
    var line: String {
        switch self {
        case .text(let text): text
        case .list(let open, let elements, let close):
            open + elements.map(\.line).joined(separator: ", ") + close
        }
    }
}

/// A statement: a call, and what is said behind it with dots.
struct SwiftStatement: Hashable {
    var call: SwiftExpression
    /// `.comment("why")`.
    var modifiers: [String] = []

    /// The longest line.
    static let width = 120

    /// The lines of the statement, as `swift format` leaves them.
    func lines(indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        let whole = call.line + modifiers.joined()
        if indent + whole.count <= Self.width { return [space + whole] }
        guard case .list(let open, let elements, let close) = call else { return [space + whole] }
        if indent + call.line.count <= Self.width && !modifiers.isEmpty {
            return chained(from: space + call.line, indent: indent + 4)
        }
        var lines = [space + open] + Self.filled(elements, indent: indent + 4)
        if modifiers.isEmpty {
            lines[lines.count - 1] += close
            return lines
        }
        return lines + chained(from: space + close, indent: indent + 4)
    }

    private func chained(from start: String, indent: Int) -> [String] {
        var lines = [start]
        for modifier in modifiers {
            let last = lines[lines.count - 1]
            if last.count + modifier.count <= Self.width {
                lines[lines.count - 1] = last + modifier
            } else {
                lines.append(String(repeating: " ", count: indent) + modifier)
            }
        }
        return lines
    }

    /// Arguments or elements, as many on a line as fit, with commas between them.
    static func filled(_ elements: [SwiftExpression], indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = space
        for (index, element) in elements.enumerated() {
            let text = element.line + (index + 1 < elements.count ? "," : "")
            let isFirst = line.count == indent
            // The closing word stands behind the last one.
            let room = width - (index + 1 < elements.count ? 0 : 1)
            if line.count + (isFirst ? 0 : 1) + text.count <= room {
                line += (isFirst ? "" : " ") + text
                continue
            }
            if !isFirst { lines.append(line) }
            guard indent + text.count > room, case .list(let open, let inner, let close) = element else {
                line = space + text
                continue
            }
            lines.append(space + open)
            lines += filled(inner, indent: indent + 4)
            if open.hasSuffix("[") {
                lines[lines.count - 1] += ","
                lines.append(space + close)
            } else {
                lines[lines.count - 1] += close
            }
            line = lines.removeLast() + (index + 1 < elements.count ? "," : "")
        }
        if !line.allSatisfy({ $0 == " " }) { lines.append(line) }
        return lines
    }
}
