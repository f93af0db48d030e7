import PacketModel
import Testing

/// `docs/diagnostics.md` lists every diagnostic that the source can give, and no other.
@Suite struct DiagnosticCatalogueTests {
    private static let page = "docs/diagnostics.md"

    @Test func listsEveryDiagnosticOfTheSource() throws {
        let used = try Self.used()
        try #require(used.count > 50, "the source is not read as it should be")
        let listed = try Self.rows().map(\.id)
        #expect(used.subtracting(listed).sorted() == [], "in the source, but not in the catalogue")
        #expect(Set(listed).subtracting(used).sorted() == [], "in the catalogue, but not in the source")
        #expect(Set(listed).count == listed.count, "a diagnostic is listed twice")
    }

    @Test func saysTheCauseAndTheRemedyOfEach() throws {
        for row in try Self.rows() {
            #expect(row.cells.count == 2 && row.cells.allSatisfy { $0.count > 10 }, "\(row.id): \(row.cells)")
        }
    }

    @Test func isSortedInEachSection() throws {
        for section in try Project.text(Self.page).split(separator: "\n## ").map(String.init) {
            let ids = Self.rows(of: section).map(\.id)
            // What the section of refusals begins with belongs together.
            if !ids.contains("not-in-nft") { #expect(ids == ids.sorted()) }
        }
    }

    // MARK: - The page

    private struct Row {
        let id: String
        let cells: [String]
    }

    private static func rows() throws -> [Row] { rows(of: try Project.text(page)) }

    private static func rows(of text: String) -> [Row] {
        text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimming(" ") }
            guard line.hasPrefix("| `"), let id = cells.first else { return nil }
            return Row(id: id.trimming("`"), cells: Array(cells.dropFirst()))
        }
    }

    // MARK: - The source

    /// The identifiers: the first text that is given to one of these calls, behind the kind of error if there is one.
    private static func used() throws -> Set<String> {
        var ids: Set<String> = []
        var prefixes: Set<String> = []
        var endings: Set<String> = []
        for file in Project.files(below: "Sources", suffix: ".swift") {
            let text = try Project.text(file)
            for call in ["Diagnostic(", "DiagnosticError(", "report(", "failure("] {
                for literal in firstLiterals(of: call, in: text) {
                    if let start = literal.firstRange(of: "\\(") {
                        prefixes.insert(String(literal[..<start.lowerBound]))
                    } else if !literal.isEmpty {
                        ids.insert(literal)
                    }
                }
            }
            endings.formUnion(firstLiterals(of: "reportUnknown(", in: text))
        }
        // The findings of a check are named by their type.
        ids.formUnion(PolicyLint.allCases.map(\.rawValue))
        for prefix in prefixes { ids.formUnion(endings.map { prefix + $0 }) }
        return ids
    }

    /// The literals in the first argument of each call, or in the second if the first is a case (`.host`).
    private static func firstLiterals(of call: String, in text: String) -> [String] {
        text.ranges(of: call).filter { isCall($0.lowerBound, in: text) }.flatMap { range -> [String] in
            var rest = text[range.upperBound...].drop(while: \.isWhitespace)
            if rest.hasPrefix("."), let comma = rest.firstIndex(of: ",") { rest = rest[comma...].dropFirst() }
            return literals(upToComma: rest)
        }
    }

    private static func isCall(_ start: String.Index, in text: String) -> Bool {
        guard start > text.startIndex else { return true }
        let before = text[text.index(before: start)]
        return !before.isLetter && !before.isNumber && before != "_"
    }

    private static func literals(upToComma text: Substring) -> [String] {
        var found: [String] = []
        var literal: String?
        var depth = 0
        for character in text {
            if character == "\"" {
                if let ended = literal, depth == 0 { found.append(ended) }
                literal = literal == nil ? "" : nil
            } else if literal != nil {
                literal?.append(character)
            } else {
                if "([{".contains(character) { depth += 1 }
                if ")]}".contains(character) { depth -= 1 }
                if depth < 0 || (depth == 0 && character == ",") { break }
            }
        }
        return found
    }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> String { String(self).trimming(character) }
}

extension String {
    fileprivate func trimming(_ character: Character) -> String {
        var rest = self[...]
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}
