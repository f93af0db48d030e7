import FoundationEssentials
import Semantics
import Testing

@Suite("The page about packets")
struct PacketDocumentTests {
    /// The rows of a table: the cells without their white space.
    private static func rows(below heading: String) throws -> [[Substring]] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        let page = try String(contentsOfFile: (root + ["docs", "packets.md"]).joined(separator: "/"), encoding: .utf8)
        let section = page.split(separator: "\n## ").first { $0.hasPrefix(heading) } ?? ""
        return section.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2).map { row in
            row.split(separator: "|").map { cell in
                cell.drop(while: \.isWhitespace).reversedDrop(while: \.isWhitespace)
            }
        }
    }

    @Test("Its examples mean what it says, and survive their own text")
    func examples() throws {
        let rows = try Self.rows(below: "Examples")
        #expect(rows.count == 8)
        for row in rows {
            let packet = try PacketText.parse(row[0].filter { $0 != "`" })
            #expect(packet.isValid)
            #expect(packet.sentence == row[1])
            #expect(try PacketText.parse(packet.text) == packet)
        }
    }

    @Test("Every word has a row")
    func words() throws {
        let rows = try Self.rows(below: "The words").map { $0[0] }.joined(separator: " ")
        let error = try #require(throws: PacketTextError.self) {
            try PacketText.parse("udp 192.0.2.1 -> 192.0.2.2:1 x")
        }
        let words = error.expected.split(separator: "'").filter { $0.allSatisfy { $0.isLetter || $0 == "-" } }
        #expect(words.count == 25)
        for word in words { #expect(rows.contains("`\(word)`") || rows.contains("`\(word) "), "\(word)") }
    }
}

extension Substring {
    fileprivate func reversedDrop(while predicate: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
