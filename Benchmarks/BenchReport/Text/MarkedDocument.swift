/// A document of which parts are written by a program, between marks of their own.
///
/// A part begins behind a line `<!-- bench: NAME -->` and ends before the next line `<!-- end -->`.
package enum MarkedDocument {
    /// Why a document could not be filled in.
    package struct MarkError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, and in which line.
        package let description: String
    }

    /// The document with new parts; a part that is not given stays as it is.
    ///
    /// - Throws: `MarkError` if a part has no end, or a text has no place.
    package static func filled(
        _ document: String, with parts: [(name: String, text: String)]
    ) throws(MarkError) -> String {
        var lines: [Substring] = []
        var missing = parts.map(\.name)
        var open: (name: String, isReplaced: Bool)?
        for (index, line) in document.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let name = name(in: line) {
                if let open {
                    throw MarkError(description: "line \(index + 1): the part \(open.name) has no end before it")
                }
                lines.append(line)
                let part = parts.first { $0.name == name }
                if let part { lines += ["", part.text[...], ""] }
                missing.removeAll { $0 == name }
                open = (name, part != nil)
            } else if line == "<!-- end -->" {
                open = nil
                lines.append(line)
            } else if open?.isReplaced != true {
                lines.append(line)
            }
        }
        if let open { throw MarkError(description: "the part \(open.name) has no end") }
        if let name = missing.first {
            throw MarkError(description: "no place for the part \(name): a line <!-- bench: \(name) -->")
        }
        return lines.joined(separator: "\n")
    }

    private static func name(in line: Substring) -> String? {
        let (start, end) = ("<!-- bench: ", " -->")
        guard line.hasPrefix(start), line.hasSuffix(end), line.count > start.count + end.count else { return nil }
        return String(line.dropFirst(start.count).dropLast(end.count))
    }
}
