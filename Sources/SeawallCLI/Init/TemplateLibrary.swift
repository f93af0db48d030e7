internal import Diagnostics
internal import FoundationEssentials
internal import PolicyLoading
internal import SystemPackage

/// The starter policies that came with Seawall.
struct TemplateLibrary {
    /// The sources of Seawall as a package, on which a new policy's tests depend.
    let package: String
    private let folder: String
    /// The names, sorted.
    let names: [String]

    /// A starter policy: its name and its files, the policy among them.
    struct Template {
        var name: String
        /// Names relative to the template's folder, with the contents.
        var files: [(name: String, contents: String)]
        /// The tests of the policy, likewise.
        var tests: [(name: String, contents: String)]
    }

    /// The templates of an installation.
    ///
    /// - Throws: `DiagnosticError` if there are none.
    init(installation: Installation) throws {
        package = installation.package.string
        folder = package + "/templates"
        names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }
            .sorted()
        guard !names.isEmpty else {
            throw DiagnosticError(
                .host, "no-templates", "there are no templates in '\(folder)': the installation is not complete")
        }
    }

    /// A template.
    ///
    /// - Throws: `DiagnosticError` that names those that exist.
    func template(named name: String) throws -> Template {
        guard names.contains(name) else {
            throw DiagnosticError(
                .unreadable, "unknown-template",
                "there is no template '\(name)': expected one of \(names.joined(separator: ", "))")
        }
        let path = "\(folder)/\(name)"
        let tests = path + "/Tests"
        return Template(
            name: name, files: try Self.files(in: path),
            tests: FileManager.default.fileExists(atPath: tests) ? try Self.files(in: tests) : [])
    }

    private static func files(in folder: String) throws -> [(name: String, contents: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "Tests" }.sorted().map { file in
            (name: file, contents: try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8))
        }
    }

    /// The names, each with what the policy's first line says it is.
    var overview: String {
        get throws {
            let width = names.map(\.count).max() ?? 0
            return try names.map { name in
                let policy = try template(named: name).files.first { $0.name == "Policy.swift" }
                let title = policy?.contents.split(separator: "\n").first?.prefix { $0 != ":" } ?? ""
                let text = title.hasPrefix("// ") ? "  " + title.dropFirst(3) : ""
                return name + String(repeating: " ", count: text.isEmpty ? 0 : width - name.count) + text + "\n"
            }.joined()
        }
    }
}
