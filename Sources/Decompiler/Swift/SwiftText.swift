/// Text as it stands in Swift source.
enum SwiftText {
    /// A string literal of any text.
    static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                // Combining characters, marks of direction and the like must not hide what the source says.
                if scalar.value < 32 || scalar.value == 127 || !scalar.isPlain {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// A text on one line, for a comment.
    static func comment(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 || !scalar.isPlain ? " " : scalar)
        }
        return result
    }

    /// A number in hexadecimal.
    static func bits(_ value: UInt32) -> String { value < 10 ? "\(value)" : "0x" + String(value, radix: 16) }

    /// Members of a set of options: `.new`, `[.new, .established]`.
    static func options(_ members: [String]) -> String {
        members.count == 1 ? "." + members[0] : "[\(members.map { "." + $0 }.joined(separator: ", "))]"
    }
}

extension Unicode.Scalar {
    /// Whether a reader sees it, and as what it is.
    fileprivate var isPlain: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .nonspacingMark, .enclosingMark, .spacingMark:
            false
        case .spaceSeparator: value == 32
        default: true
        }
    }
}
