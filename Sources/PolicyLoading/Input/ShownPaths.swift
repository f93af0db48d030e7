internal import Diagnostics
internal import Seawall

/// How paths are shown to the user: as he named the input, joined with what is relative to the policy's folder.
struct ShownPaths: Hashable, Sendable {
    /// The input as typed: `policies/Policy.swift`.
    let input: String
    /// What stands before a path that is relative to the policy's folder: `policies/`, or nothing.
    let prefix: String

    /// A file: what it names is relative to the folder that holds it.
    static func file(_ input: String) -> ShownPaths {
        let end = input.lastIndex(of: "/").map { input.index(after: $0) } ?? input.startIndex
        return ShownPaths(input: input, prefix: String(input[..<end]))
    }

    /// A folder.
    static func folder(_ input: String) -> ShownPaths {
        var trimmed = Substring(input)
        while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
        if trimmed == "." { return ShownPaths(input: input, prefix: "") }
        return ShownPaths(input: input, prefix: trimmed == "/" ? "/" : trimmed + "/")
    }

    /// A document: its own paths are those of the policy that it was made from, and stay as they are.
    static func document(_ input: String) -> ShownPaths { ShownPaths(input: input, prefix: "") }

    /// A path as the user would type it.
    func path(_ relative: String) -> String { relative.hasPrefix("/") ? relative : prefix + relative }

    /// A location as the user would type it.
    func location(_ location: SourceLocation) -> SourceLocation {
        SourceLocation(file: path(location.file), line: location.line)
    }

    /// A location as the user would type it.
    func location(_ location: NodeLocation) -> SourceLocation {
        SourceLocation(file: path(location.file), line: location.line)
    }

    /// The input as a whole.
    var whole: SourceLocation { SourceLocation(file: input) }
}
