internal import Diagnostics
internal import FoundationEssentials
internal import Glibc

/// A Swift package with one policy and its tests, before it is written.
struct NewPackage {
    /// Paths relative to the folder, with the contents.
    let files: [(path: String, contents: String)]
    private let folder: String

    /// A package from a template.
    ///
    /// - Throws: `DiagnosticError` if the template is no policy.
    init(template: TemplateLibrary.Template, folder: String, dependency: String) throws {
        self.folder = Self.withoutSlashes(folder)
        guard let source = template.files.first(where: { $0.name == "Policy.swift" })?.contents,
            let type = Self.policyName(in: source)
        else {
            throw DiagnosticError(.host, "broken-template", "the template '\(template.name)' holds no policy")
        }
        let data = template.files.filter { $0.name != "Policy.swift" }
        files =
            [
                ("Package.swift", Self.manifest(type, dependency)), ("Sources/\(type)/Policy.swift", source),
                (".gitignore", ".build/\nPackage.resolved\n"),
            ] + template.tests.map { ("Tests/\(type)Tests/\($0.name)", $0.contents) }
            + data.map { ($0.name, $0.contents) }
    }

    /// What the user is told.
    var summary: String {
        let place = folder == "." ? "" : " \(folder)"
        return files.map { "wrote \(Self.joined(folder, $0.path))\n" }.joined()
            + "next: seawall check\(place.isEmpty ? " ." : place)\n"
    }

    /// Writes all files, or none if one of them is there already.
    func write() throws {
        for file in files where FileManager.default.fileExists(atPath: Self.joined(folder, file.path)) {
            throw DiagnosticError(
                .unreadable, "file-exists",
                "'\(Self.joined(folder, file.path))' is there already: name an empty folder; nothing was written")
        }
        for file in files {
            let path = Self.joined(folder, file.path)
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            do {
                if !parent.isEmpty {
                    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
                }
                try Data(file.contents.utf8).write(to: URL(filePath: path))
            } catch {
                throw DiagnosticError(
                    .host, "cannot-write", "cannot write '\(path)': \(String(cString: strerror(errno)))")
            }
        }
    }

    private static func joined(_ folder: String, _ path: String) -> String {
        folder == "." ? path : "\(folder)/\(path)"
    }

    /// A shell that completes the name of a folder puts a slash behind it.
    private static func withoutSlashes(_ folder: String) -> String {
        var name = folder[...]
        while name.count > 1 && name.hasSuffix("/") { name.removeLast() }
        return String(name)
    }

    /// The name of the type that is declared as `struct NAME: Policy`.
    private static func policyName(in source: String) -> String? {
        for line in source.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, words[0] == "struct", words[1].hasSuffix(":"), words[2] == "Policy" else {
                continue
            }
            return String(words[1].dropLast())
        }
        return nil
    }

    private static func manifest(_ name: String, _ dependency: String) -> String {
        """
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "\(name)",
            dependencies: [.package(name: "seawall", path: "\(dependency)")],
            targets: [
                .executableTarget(name: "\(name)", dependencies: [.product(name: "Seawall", package: "seawall")]),
                .testTarget(
                    name: "\(name)Tests",
                    dependencies: ["\(name)", .product(name: "SeawallTesting", package: "seawall")]),
            ])

        """
    }
}
