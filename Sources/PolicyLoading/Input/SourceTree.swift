internal import SystemPackage

/// The contents of files that a policy is made of, by their path relative to a folder.
struct SourceTree: Hashable, Sendable {
    /// One file.
    struct File: Hashable, Sendable {
        let path: String
        let bytes: [UInt8]
    }

    /// The files, in the order of their paths.
    var files: [File]

    /// The named files of a folder.
    init(_ names: [String], in folder: FilePath) throws {
        files = try names.map { File(path: $0, bytes: try FileReading.bytes(of: folder.appending($0))) }
    }

    /// All files below a folder, without what a build or a version control leaves there.
    init(below folder: FilePath) throws {
        files = []
        var seen: Set<FilePath> = []
        try add(folder, as: "", seen: &seen)
    }

    /// The Swift files as text.
    var swiftSources: [(path: String, text: String)] {
        files.filter { $0.path.hasSuffix(".swift") }.map { ($0.path, String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// The tree without the file that a build of it writes.
    var withoutResolution: SourceTree {
        var copy = self
        copy.files.removeAll { $0.path == "Package.resolved" }
        return copy
    }

    private static let skipped: Set<String> = [".build", ".git"]

    // Symbolic links are followed; a folder that was seen already is not entered again.
    private mutating func add(_ folder: FilePath, as prefix: String, seen: inout Set<FilePath>) throws {
        guard seen.insert(FileReading.realPath(folder)).inserted else { return }
        for name in try FileReading.names(in: folder) where !Self.skipped.contains(name) {
            let path = folder.appending(name)
            let type = try? path.stat().type
            if type == .directory {
                try add(path, as: prefix + name + "/", seen: &seen)
            } else if type == .regular {
                files.append(File(path: prefix + name, bytes: try FileReading.bytes(of: path)))
            }
        }
    }
}
