internal import Diagnostics
internal import Seawall
internal import SystemPackage

extension PolicyDocument {
    /// Reads the files that the policy names and that the document does not hold yet.
    ///
    /// - Parameters:
    ///   - folder: what their paths are relative to.
    ///   - located: shows a message in the user's source.
    /// - Throws: `DiagnosticError` with a message for each file that cannot be read, at the rule that names it.
    mutating func readFiles(in folder: FilePath, located: (Diagnostic) -> Diagnostic) throws {
        var problems: [Diagnostic] = []
        for index in files.indices where files[index].contents == nil {
            let path = files[index].path
            do {
                files[index].contents = try Self.text(of: folder.pushing(FilePath(path)))
            } catch {
                let rule = content.location(naming: path).map { SourceLocation(file: $0.file, line: $0.line) }
                let file = located(Diagnostic("", at: SourceLocation(file: path), "")).location?.file
                problems.append(located(.unreadableFile(path, shown: file ?? path, why: error, at: rule)))
            }
        }
        if !problems.isEmpty { throw DiagnosticError(.unreadable, problems) }
    }

    private static func text(of path: FilePath) throws(FileProblem) -> String {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.regularBytes(of: path)
        } catch .isDirectory {
            throw .folder
        } catch .invalidArgument {
            throw .irregular
        } catch {
            throw .system(error)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return text
    }
}

/// Why a file that a policy names cannot be read.
enum FileProblem: Error {
    case system(Errno)
    case folder
    case irregular
    case notText

    var text: String {
        switch self {
        case .system(let error): error.words
        case .folder: "it is a folder"
        case .irregular: "it is no regular file"
        case .notText: "it is no text in UTF-8"
        }
    }
}

extension [PolicyNode] {
    /// Where a file is named first.
    fileprivate func location(naming path: String) -> NodeLocation? {
        guard let node = first(where: { $0.fileReferences.contains { $0.path == path } }) else { return nil }
        return switch node {
        case .block(let block): block.children.location(naming: path) ?? block.location
        case .chain(let chain): chain.children.location(naming: path) ?? chain.location
        case .scope(let scope): scope.children.location(naming: path) ?? scope.location
        case .group(let group): group.children.location(naming: path) ?? group.location
        case .rule(let rule): rule.location
        case .expectation(let expectation): expectation.location
        }
    }
}
