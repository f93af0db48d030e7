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
        if indent + whole.count <= Self.width - 3 { return [space + whole] }
        guard case .list(let open, let elements, let close) = call else { return [space + whole] }
        if indent + call.line.count <= Self.width - 3 && !modifiers.isEmpty {
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
            if last.count + modifier.count <= Self.width - 3 {
                lines[lines.count - 1] = last + modifier
            } else {
                lines.append(String(repeating: " ", count: indent) + modifier)
            }
        }
        return lines
    }

    /// Arguments or elements, as many on a line as fit, with commas between them.
    ///
    /// - Parameters:
    ///   - elements: what stands between the brackets.
    ///   - indent: the column at which each line begins.
    ///   - reserve: how many characters follow the last one on its line. `swift format` keeps line breaks that are there,
    ///     so a line may end a little early.
    /// - Returns: the lines.
    static func filled(_ elements: [SwiftExpression], indent: Int, reserve: Int = 3) -> [String] {
        let space = String(repeating: " ", count: indent)
        var lines: [String] = []
        for (index, element) in elements.enumerated() {
            let isLast = index + 1 == elements.count
            let comma = isLast ? "" : ","
            let room = width - (isLast ? reserve : 3)
            let text = element.line
            if let last = lines.last, last.count + 1 + text.count <= room {
                lines[lines.count - 1] = last + " " + text + comma
            } else if indent + text.count <= room {
                lines.append(space + text + comma)
            } else {
                lines += broken(element, indent: indent, reserve: isLast ? reserve : 3)
                lines[lines.count - 1] += comma
            }
        }
        return lines
    }

    /// The lines of an argument that is too long for one.
    private static func broken(_ element: SwiftExpression, indent: Int, reserve: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        guard case .list(let open, let elements, let close) = element else { return [space + element.line] }
        var lines = [space + open]
        if open.hasSuffix("[") {
            lines += filled(elements, indent: indent + 4)
            lines[lines.count - 1] += ","
            return lines + [space + close]
        }
        // What has a member behind it is closed on a line of its own.
        if close.hasPrefix(").") { return lines + filled(elements, indent: indent + 4) + [space + close] }
        lines += filled(elements, indent: indent + 4, reserve: reserve + close.count)
        lines[lines.count - 1] += close
        return lines
    }
}
