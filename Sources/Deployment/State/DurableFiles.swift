internal import Diagnostics
internal import Glibc

/// Files that hold their old or their new content at any time, a loss of power included.
enum DurableFiles {
    /// Puts a content in the place of another: written beside it, brought to the disk, moved there.
    ///
    /// - Throws: `DiagnosticError` that names the file; what was there before is as it was.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let temporary = path + ".new"
        do {
            try create(bytes, at: temporary, mode)
            guard rename(temporary, path) == 0 else { throw unusable("write", path) }
            try synchronize(folderOf: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// The content of a file; nothing, if there is no such file.
    ///
    /// - Throws: `DiagnosticError` that names the file, if it cannot be read.
    static func read(_ path: String) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw unusable("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unusable("read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Removes a file, if it is there; the removal is on the disk afterwards.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw unusable("remove", path) }
        try synchronize(folderOf: path)
    }

    /// Makes a folder and those above it, for root alone unless the mode says otherwise; one that is there stays as it is.
    static func makeFolder(_ path: String, mode: mode_t = 0o700) throws {
        if mkdir(path, mode) == 0 { return try synchronize(folderOf: path) }
        if errno == EEXIST { return }
        guard errno == ENOENT, let above = folder(of: path) else { throw unusable("make the folder", path) }
        try makeFolder(above, mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw unusable("make the folder", path) }
    }

    /// Removes a folder and the files in it; folders in it are not expected.
    static func removeFolder(_ path: String) throws {
        for name in try names(in: path) { unlink("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw unusable("remove", path) }
        try synchronize(folderOf: path)
    }

    /// The names in a folder in order; none, if there is no such folder.
    static func names(in path: String) throws -> [String] {
        guard let stream = opendir(path) else {
            if errno == ENOENT { return [] }
            throw unusable("read", path)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func create(_ bytes: [UInt8], at path: String, _ mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unusable("write", path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw unusable("write", path) }
            done += count
        }
        guard fsync(descriptor) == 0 else { throw unusable("write", path) }
    }

    /// Brings the names in a folder to the disk (fsync(2): the file's own fsync does not do that).
    private static func synchronize(folderOf path: String) throws {
        guard let folder = folder(of: path) else { return }
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unusable("write", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw unusable("write", folder) }
    }

    private static func folder(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? (path.count > 1 ? "/" : nil) : String(path[..<slash])
    }

    private static func unusable(_ verb: String, _ path: String) -> DiagnosticError {
        DiagnosticError.stateUnusable(verb, path, reason: String(cString: strerror(errno)))
    }
}
