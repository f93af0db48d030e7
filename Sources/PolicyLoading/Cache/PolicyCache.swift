internal import FoundationEssentials
internal import Glibc
internal import JSONC
internal import SystemPackage

/// What policies came to, kept in a folder by the digest of all that they depend on.
///
/// An entry is a line with the digest of the rest, and the rest; one that does not fit its digest counts as absent. Entries
/// are renamed into place, so a reader sees all of one or nothing.
struct PolicyCache: Sendable {
    /// How many entries are kept; the oldest go first.
    static let limit = 200
    /// How many builds of packages are kept; they are large.
    static let buildLimit = 8

    /// The folder: `documents/` holds entries, `packages/` the builds of policy packages.
    let folder: FilePath

    /// Opens the cache, and makes its folder.
    ///
    /// - Throws: `Errno`; `.notPermitted` if somebody else could put documents into it.
    init(folder: FilePath) throws(Errno) {
        self.folder = folder
        try Self.make(folder)
        let stat = try folder.stat()
        guard stat.userID.rawValue == geteuid() && stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) else {
            throw .notPermitted
        }
        try Self.make(documents)
        guard access(documents.string, W_OK) == 0 else { throw Errno(rawValue: errno) }
    }

    /// The entry of a key, if it is there and whole, and no dependency changed.
    func entry(for key: CacheKey) -> Evaluation? {
        guard let bytes = try? FileReading.regularBytes(of: path(of: key)) else { return nil }
        guard let end = bytes.firstIndex(of: 10) else { return nil }
        let rest = Array(bytes[(end + 1)...])
        guard String(decoding: bytes[..<end], as: UTF8.self) == SHA256.hexadecimal(of: rest) else { return nil }
        guard let json = try? JSONValue.parse(rest), let entry = try? Evaluation(json: json) else { return nil }
        let isCurrent = entry.dependencies.allSatisfy { dependency in
            (try? SourceTree(below: FilePath(dependency.path)))?.digest == dependency.digest
        }
        return isCurrent ? entry : nil
    }

    /// Keeps an entry; whatever goes wrong, the cache is only slower next time.
    func store(_ entry: Evaluation, for key: CacheKey) {
        let rest = Array(entry.json.text().utf8)
        let bytes = Array((SHA256.hexadecimal(of: rest) + "\n").utf8) + rest
        let temporary = documents.appending(".\(getpid())-\(UInt64.random(in: 0 ... .max))")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
            try file.closeAfter { _ = try file.writeAll(bytes) }
            guard rename(temporary.string, path(of: key).string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(temporary.string)
        }
        for name in Self.oldest(in: documents, beyond: Self.limit) { unlink(documents.appending(name).string) }
        for name in Self.oldest(in: packages, beyond: Self.buildLimit) {
            try? FileManager.default.removeItem(atPath: packages.appending(name).string)
        }
    }

    /// Where the build of the package in a folder is kept.
    func packageBuild(of folder: FilePath) -> FilePath {
        packages.appending(SHA256.hexadecimal(of: Array(folder.string.utf8)))
    }

    /// Where the compiler keeps what it made of C headers.
    var clangModules: FilePath { folder.appending("clang-modules") }

    private var documents: FilePath { folder.appending("documents") }

    private var packages: FilePath { folder.appending("packages") }

    private func path(of key: CacheKey) -> FilePath { documents.appending(key.name) }

    private static func oldest(in folder: FilePath, beyond limit: Int) -> [String] {
        guard let names = try? FileReading.names(in: folder), names.count > limit else { return [] }
        let ages = names.map { name -> (name: String, time: timespec) in
            (name, (try? folder.appending(name).stat().st_mtim) ?? timespec())
        }
        let sorted = ages.sorted { ($0.time.tv_sec, $0.time.tv_nsec) < ($1.time.tv_sec, $1.time.tv_nsec) }
        return sorted.prefix(names.count - limit).map(\.name)
    }

    private static func make(_ folder: FilePath) throws(Errno) {
        if FileReading.exists(folder) { return }
        let parent = folder.removingLastComponent()
        if !parent.isEmpty && parent != folder { try make(parent) }
        if mkdir(folder.string, 0o700) != 0 && errno != EEXIST { throw Errno(rawValue: errno) }
    }
}
