internal import Glibc
internal import SystemPackage

/// What tells a file from a later one at the same path, without reading it.
struct FileIdentity: Hashable, Sendable {
    /// Path, size and time of the last change.
    let text: String

    /// The identity of a file, if it is there; symbolic links are followed.
    init?(of path: FilePath) {
        let file = FileReading.realPath(path)
        guard let stat = try? file.stat() else { return nil }
        text = "\(file.string) \(stat.size) \(stat.st_mtim.tv_sec).\(stat.st_mtim.tv_nsec)"
    }
}
