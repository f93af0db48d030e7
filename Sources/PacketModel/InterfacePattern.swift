/// The name of a network interface, or of all that begin alike.
///
/// The kernel's names have 1 to 15 bytes (`IFNAMSIZ`), without `/`, white space or `:`; `+` or `*` at the end is a wildcard.
public enum InterfacePattern: Hashable, Sendable, Comparable {
    /// One interface: `eth0`.
    case exact(String)
    /// All interfaces whose names begin so: `br-` for `br-*`.
    case prefix(String)

    /// What is wrong with the text of an interface name.
    public enum TextError: Error, Hashable, Sendable {
        /// No text, or a wildcard alone.
        case empty
        /// More than 15 bytes.
        case tooLong(bytes: Int)
        /// A character that the kernel allows in no name, or a wildcard before the end.
        case badCharacter(Character)
        /// `.` and `..` are no names.
        case reserved

        /// What was expected, and what to write instead.
        public func explanation(for text: String) -> String {
            switch self {
            case .empty: "'\(text)' names no interface: expected a name such as eth0, or a beginning such as br-*"
            case .tooLong(let bytes):
                "interface name '\(text)' has \(bytes) bytes: the kernel's names have 15 at most; use a wildcard such as '\(text.prefix(8))*'"
            case .badCharacter("*"), .badCharacter("+"):
                "interface name '\(text)' has a wildcard in the middle: it may stand at the end only"
            case .badCharacter(let character):
                "interface name '\(text)' holds \(character.isWhitespace ? "white space" : "'\(character)'"), which no interface name can"
            case .reserved: "'\(text)' is no interface name"
            }
        }
    }

    /// Reads `eth0`, `br-*` or iptables' `br-+`.
    public init(text: String) throws(TextError) {
        if let usual = Self(usual: text) {
            self = usual
            return
        }
        var name = text
        let isPrefix = name.hasSuffix("*") || name.hasSuffix("+")
        if isPrefix { name.removeLast() }
        if name.isEmpty { throw .empty }
        if name.utf8.count > 15 { throw .tooLong(bytes: name.utf8.count) }
        if let bad = name.first(where: {
            "/:*+\"\\".contains($0) || $0.isWhitespace || ($0.asciiValue ?? 0) < 33 || $0.asciiValue == 127
        }) {
            throw .badCharacter(bad)
        }
        if !isPrefix && (name == "." || name == "..") { throw .reserved }
        // Only one name begins with 15 bytes, and no tool takes a wildcard behind them.
        self = isPrefix && name.utf8.count < 15 ? .prefix(name) : .exact(name)
    }

    /// Reads a name of usual letters; `nil` for what has to be looked at more closely.
    private init?(usual text: String) {
        let bytes = text.utf8
        guard let last = bytes.last, bytes.count <= 15, text != ".", text != ".." else { return nil }
        let isPrefix = last == UInt8(ascii: "*") || last == UInt8(ascii: "+")
        let name = isPrefix ? bytes.dropLast() : bytes[...]
        guard !name.isEmpty, name.allSatisfy(Self.isUsual) else { return nil }
        self = isPrefix ? .prefix(String(Substring(name))) : .exact(text)
    }

    /// Whether a byte is a visible one of ASCII that may stand in a name.
    private static func isUsual(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "\""),
            UInt8(ascii: "\\"):
            false
        default: (33...126).contains(byte)
        }
    }

    /// Whether a name is meant.
    public func matches(_ name: String) -> Bool {
        switch self {
        case .exact(let exact): name == exact
        case .prefix(let prefix): name.hasPrefix(prefix)
        }
    }

    /// Whether all names that the other means are meant.
    public func covers(_ other: InterfacePattern) -> Bool {
        switch (self, other) {
        case (.exact(let a), .exact(let b)): a == b
        case (.exact, .prefix): false
        case (.prefix(let a), .exact(let b)), (.prefix(let a), .prefix(let b)): b.hasPrefix(a)
        }
    }

    /// The order of their texts.
    public static func < (a: InterfacePattern, b: InterfacePattern) -> Bool { a.description < b.description }
}

extension InterfacePattern: CustomStringConvertible {
    /// `eth0` or `br-*`.
    public var description: String {
        switch self {
        case .exact(let name): name
        case .prefix(let prefix): prefix + "*"
        }
    }
}

/// A set of interfaces: those that a pattern means, or all others.
public struct InterfaceSet: Hashable, Sendable {
    /// The patterns, sorted, none covered by another.
    public let patterns: [InterfacePattern]
    /// Whether the set is all interfaces but those.
    public let isNegated: Bool

    /// The interfaces that any of the patterns means, or those that none does.
    public init(_ patterns: some Sequence<InterfacePattern>, isNegated: Bool = false) {
        let given = Array(patterns)
        self.isNegated = isNegated
        if given.count < 2 {
            self.patterns = given
            return
        }
        let all = Set(given)
        self.patterns = all.filter { one in !all.contains { $0 != one && $0.covers(one) } }.sorted()
    }

    /// Whether no interface is in the set.
    public var isEmpty: Bool { patterns.isEmpty && !isNegated }

    /// The interfaces that are not in the set.
    public var complement: InterfaceSet { InterfaceSet(patterns, isNegated: !isNegated) }

    /// Whether an interface of this name is in the set.
    public func contains(_ name: String) -> Bool { patterns.contains { $0.matches(name) } != isNegated }
}
