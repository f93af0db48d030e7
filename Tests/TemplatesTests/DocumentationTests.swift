import FoundationEssentials
import TestSupport
import Testing

/// What the documents say is true where a machine can tell: links lead somewhere, and policies compile.
@Suite struct DocumentationTests {
    /// The pages with Swift in them.
    private static let pagesWithSwift = Project.pages.filter { page in
        ((try? Project.text(page)) ?? "").contains("```swift")
    }

    @Test(arguments: Project.pages) func hasLinksThatLeadSomewhere(_ page: String) throws {
        let folder = page.split(separator: "/").dropLast().map { $0 + "/" }.joined()
        for link in Page(try Project.text(page)).links where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let target = parts[0].isEmpty ? page : folder + parts[0]
            #expect(FileManager.default.fileExists(atPath: Project.url(target).path), "\(page): \(link)")
            guard parts.count == 2, target.hasSuffix(".md") else { continue }
            #expect(Page(try Project.text(target)).anchors.contains(String(parts[1])), "\(page): \(link)")
        }
    }

    @Test(arguments: pagesWithSwift) func showsPoliciesThatCompile(_ page: String) async throws {
        let blocks = Page(try Project.text(page)).swiftBlocks.filter { !$0.isTest }
        let whole = blocks.filter { $0.text.contains("@main") }.map(\.text)
        let parts = blocks.filter { !$0.text.contains("@main") }
        for source in whole + (parts.isEmpty ? [] : [Self.policy(of: parts)]) {
            try await withFolder { folder in
                let policy = try folder.write("Policy.swift", source)
                try folder.write("blocklist.txt", "203.0.113.5\n2001:db8:bad::/48\n")
                try folder.write("ports.txt", "80\n8000-8010\n")
                let outcome = try await seawall(["check", policy], cache: folder)
                #expect(outcome.status == 0, "\(page): \(outcome.errors)")
            }
        }
    }

    @Test func theReadmeShowsTheTemplate() throws {
        let shown = Page(try Project.text("README.md")).swiftBlocks.first { $0.text.contains("WebHost") }
        let template = try Project.text("templates/web-host/Policy.swift")
        #expect(Self.statements(of: try #require(shown).text) == Self.statements(of: template))
    }

    /// Tests of policies, which `Support/check-install` runs.
    @Test(arguments: pagesWithSwift) func showsTestsOfTemplates(_ page: String) throws {
        let files = Project.files(below: "templates", suffix: "Tests.swift")
        let tests = try files.map { Self.statements(of: try Project.text($0)) }
        for block in Page(try Project.text(page)).swiftBlocks where block.isTest {
            #expect(tests.contains(Self.statements(of: block.text)), "\(page):\(block.line)")
        }
    }

    /// A policy with each block in a group of its own: declarations before it, rules in a scope if they name none.
    private static func policy(of blocks: [Page.Block]) -> String {
        var declarations = "import Seawall\n"
        var body = ""
        for block in blocks {
            if ["struct ", "func ", "extension "].contains(where: { block.text.hasPrefix($0) }) {
                declarations += block.text + "\n"
                continue
            }
            let hasScope = ["Containers {", "Inbound(", "Outbound(", "Between("].contains { block.text.contains($0) }
            let content = hasScope ? block.text : "Inbound(on: \"eth0\") {\n\(block.text)\n}"
            body += "Group(\"line \(block.line)\") {\n\(content)\n}\n"
        }
        return declarations + "@main struct Fragments: Policy {\nvar body: PolicyContent {\n\(body)}\n}\n"
    }

    private static func statements(of source: String) -> [String] {
        source.split(separator: "\n").compactMap { line in
            let code = String(line).components(separatedBy: "//")[0].split(separator: " ").joined(separator: " ")
            return code.isEmpty ? nil : code
        }
    }
}

/// A page in Markdown, as far as it is looked at here.
private struct Page {
    struct Block {
        let line: Int
        var text = ""
        var isTest: Bool { text.contains("import SeawallTesting") }
    }

    private(set) var swiftBlocks: [Block] = []
    private(set) var links: [String] = []
    /// What a `#` in a link can name.
    private(set) var anchors: Set<String> = []

    init(_ text: String) {
        var fence: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("```") {
                fence = fence == nil ? String(line.dropFirst(3)) : nil
                if fence == "swift" { swiftBlocks.append(Block(line: index + 1)) }
            } else if fence == "swift" {
                swiftBlocks[swiftBlocks.count - 1].text += line + "\n"
            } else if fence == nil {
                if line.hasPrefix("#") { anchors.insert(Self.anchor(of: line.drop { $0 == "#" || $0 == " " })) }
                links += Self.links(in: line)
            }
        }
    }

    private static func anchor(of heading: Substring) -> String {
        heading.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }.replacing(" ", with: "-")
    }

    private static func links(in line: Substring) -> [String] {
        line.ranges(of: "](").compactMap { range in
            line[range.upperBound...].firstIndex(of: ")").map { String(line[range.upperBound..<$0]) }
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
