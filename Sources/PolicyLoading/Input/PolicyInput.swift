internal import Diagnostics
internal import SystemPackage

/// What a user named on the command line, and what it turned out to be.
struct PolicyInput: Sendable {
    /// The four forms of a policy.
    enum Kind: Sendable {
        /// A document, with its bytes.
        case document([UInt8])
        /// Swift files of the folder that are compiled together, by name.
        case sources([String])
        /// A Swift package.
        case package
    }

    /// The form.
    let kind: Kind
    /// The policy's folder, without symbolic links: what its paths are relative to.
    let folder: FilePath
    /// How its paths are shown.
    let shown: ShownPaths

    /// Looks at what was named; `-` is a document on standard input.
    ///
    /// - Throws: `DiagnosticError` if it is nothing that a policy can be read from.
    init(named name: String) throws {
        if name == "-" {
            self.init(
                kind: .document(try Self.standardInput()), folder: Self.realPath("."),
                shown: .document("standard input"))
            return
        }
        let path = FilePath(name)
        do {
            if try path.stat().type == .directory {
                try self.init(folder: path, name: name)
            } else {
                try self.init(file: path, name: name)
            }
        } catch let error as Errno {
            throw DiagnosticError.inputUnreadable(name, error)
        }
    }

    /// A document whose text was read before from a file, or from `-`.
    init(document bytes: [UInt8], named name: String) {
        if name == "-" {
            self.init(kind: .document(bytes), folder: Self.realPath("."), shown: .document("standard input"))
        } else {
            let folder = Self.realPath(FilePath(name).removingLastComponent())
            self.init(kind: .document(bytes), folder: folder, shown: .document(name))
        }
    }

    private init(kind: Kind, folder: FilePath, shown: ShownPaths) {
        self.kind = kind
        self.folder = folder
        self.shown = shown
    }

    private init(folder path: FilePath, name: String) throws {
        let folder = Self.realPath(path)
        let files = try FileReading.names(in: folder)
        guard !files.contains("Package.swift") else {
            self.init(kind: .package, folder: folder, shown: .folder(name))
            return
        }
        let sources = files.filter { $0.hasSuffix(".swift") && !$0.hasPrefix(".") }
        guard !sources.isEmpty else { throw DiagnosticError.folderWithoutSources(name) }
        self.init(kind: .sources(sources), folder: folder, shown: .folder(name))
    }

    private init(file path: FilePath, name: String) throws {
        let folder = Self.realPath(path.removingLastComponent())
        if path.extension == "swift", let last = path.lastComponent {
            _ = try FileReading.bytes(of: path)
            self.init(kind: .sources([last.string]), folder: folder, shown: .file(name))
            return
        }
        let bytes = try FileReading.bytes(of: path)
        let start = bytes.first { ![9, 10, 13, 32].contains($0) }
        guard start == UInt8(ascii: "{") || path.extension == "json" else {
            throw DiagnosticError.neitherPolicyNorDocument(name)
        }
        self.init(kind: .document(bytes), folder: folder, shown: .document(name))
    }

    private static func realPath(_ path: FilePath) -> FilePath { FileReading.realPath(path.isEmpty ? "." : path) }

    private static func standardInput() throws -> [UInt8] {
        do {
            return try FileReading.bytes(of: .standardInput)
        } catch {
            throw DiagnosticError.inputUnreadable("standard input", error)
        }
    }
}
