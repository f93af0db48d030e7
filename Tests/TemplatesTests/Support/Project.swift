import FoundationEssentials

/// The folder of the project, which these tests read as a whole.
enum Project {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A file or folder by its path in the project.
    static func url(_ path: String) -> URL { root.appending(path: path) }

    /// The text of a file.
    static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    /// The paths of all files below a folder, in order; none if there is no such folder.
    static func files(below folder: String, suffix: String = "") -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url(folder).path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            var isFolder: Bool = false
            guard FileManager.default.fileExists(atPath: url(path).path, isDirectory: &isFolder) else { return [] }
            return isFolder ? files(below: path, suffix: suffix) : path.hasSuffix(suffix) ? [path] : []
        }
    }

    /// The names in a folder, in order.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url(folder).path)) ?? []).filter { !$0.hasPrefix(".") }
            .sorted()
    }

    /// All pages for people: the README and its company, and what is below `docs`.
    static var pages: [String] { names(in: ".").filter { $0.hasSuffix(".md") } + files(below: "docs", suffix: ".md") }
}
