/// Names for what a policy declares: each is given once, and none is a word of Swift or of the language.
struct SwiftNames {
    private var taken: Set<String> = SwiftNames.reserved

    /// A name that begins like a text; with a number if it is taken.
    mutating func name(_ text: String, or fallback: String) -> String {
        let base = Self.identifier(text) ?? fallback
        var name = base
        var count = 1
        while !taken.insert(name).inserted {
            count += 1
            name = "\(base)\(count)"
        }
        return name
    }

    /// The words of a text in camel case; `nil` if there are none or too many.
    static func identifier(_ text: String) -> String? {
        let isWord = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        let words = text.utf8.split { !isWord($0) }.map { String(decoding: $0, as: UTF8.self) }
        guard (1...4).contains(words.count), text.utf8.count <= 40 else { return nil }
        var name = words[0].allSatisfy(\.isUppercase) ? words[0].lowercased() : words[0].lowerFirst
        for word in words.dropFirst() {
            name +=
                word.prefix(1).uppercased()
                + (word.allSatisfy(\.isUppercase) ? word.dropFirst().lowercased() : String(word.dropFirst()))
        }
        return name.first?.isNumber == true ? nil : name
    }

    /// A text as the name of a type.
    static func type(_ text: String) -> String {
        let name = identifier(text) ?? "imported"
        let type = name.prefix(1).uppercased() + name.dropFirst()
        return reservedTypes.contains(type) ? type + "Policy" : type
    }

    private static let reserved: Set<String> = [
        "body", "init", "self", "Self", "let", "var", "func", "in", "is", "as", "if", "else", "for", "while", "repeat",
        "do", "try", "catch", "throw", "throws", "return", "break", "continue", "switch", "case", "default", "where",
        "import", "class", "struct", "enum", "protocol", "extension", "public", "private", "internal", "static", "true",
        "false", "nil", "guard", "defer", "operator", "subscript", "super", "any", "some", "inout", "fallthrough",
        "associatedtype", "typealias", "deinit", "rethrows", "package", "open", "fileprivate", "row", "words", "main",
        "document",
    ]

    private static let reservedTypes: Set<String> = [
        "Policy", "PolicyContent", "PolicyBuilder", "PolicyComponent", "PolicyRule", "RuleComponent", "Containers",
        "Input", "Forward", "Output", "Chain", "ChainPolicy", "Inbound", "Outbound", "Between", "Group", "Allow",
        "Accept",
        "Drop", "Reject", "Log", "Default", "Rule", "Match", "MatchBuilder", "Expect", "AddressSet", "PortSet",
        "NumberSet", "InterfaceSelection", "Service", "Rate", "Treatment", "LogDetail", "String", "Int", "Array",
        "Bool",
        "Any", "Self", "Type", "Protocol", "FamilySet", "RejectKind", "LogLevel", "UInt32", "UInt64", "Seawall",
    ]
}

extension String {
    fileprivate var lowerFirst: String { prefix(1).lowercased() + dropFirst() }
}
