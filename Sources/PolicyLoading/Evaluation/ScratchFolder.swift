internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// A private folder for one evaluation; whoever makes it removes it.
struct ScratchFolder: Sendable {
    /// The folder.
    let path: FilePath

    /// Makes a folder in `$TMPDIR` that nobody else can enter.
    ///
    /// - Throws: `Errno`.
    init(environment: [String: String]) throws {
        let parent = FilePath(environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
        var template = Array(FileReading.absolute(parent).appending("seawall-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { FilePath(platformString: $0) } ?? parent }
    }

    /// Removes it with all that is in it.
    func remove() { try? FileManager.default.removeItem(atPath: path.string) }

    /// A path in the folder.
    func file(_ name: String) -> FilePath { path.appending(name) }

    /// Makes an empty file that only the user can read.
    ///
    /// - Throws: `Errno`.
    func create(_ name: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            file(name), .readWrite, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    }
}
