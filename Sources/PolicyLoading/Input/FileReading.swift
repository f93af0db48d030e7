internal import Glibc
internal import SystemPackage

/// The few things that are read from the file system; each failure is an `Errno`.
enum FileReading {
    /// The whole content of a file; a pipe is read to its end.
    static func bytes(of path: FilePath) throws(Errno) -> [UInt8] {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        return try bytes(of: descriptor)
    }

    /// The whole content of a regular file: no device that never ends, no pipe that nobody writes to.
    static func regularBytes(of path: FilePath) throws(Errno) -> [UInt8] {
        let type = try path.stat().type
        if type == .directory { throw .isDirectory }
        guard type == .regular else { throw .invalidArgument }
        return try bytes(of: path)
    }

    /// What is left to read.
    static func bytes(of descriptor: FileDescriptor, limit: Int = .max) throws(Errno) -> [UInt8] {
        var result: [UInt8] = []
        // Room for the whole of a regular file: a list may have a million lines.
        var status = Glibc.stat()
        if fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            result.reserveCapacity(min(limit, Int(status.st_size)))
        }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while result.count < limit {
            let size = min(chunk.count, limit - result.count)
            let count = chunk.withUnsafeMutableBytes { read(descriptor.rawValue, $0.baseAddress, size) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw Errno(rawValue: errno) }
            if count == 0 { break }
            result += chunk[..<count]
        }
        return result
    }

    /// The first bytes of a file as text; what is no UTF-8 in it is replaced.
    static func beginning(of path: FilePath, limit: Int) -> String {
        guard let descriptor = try? open(path) else { return "" }
        defer { try? descriptor.close() }
        return String(decoding: (try? bytes(of: descriptor, limit: limit)) ?? [], as: UTF8.self)
    }

    /// The names in a folder, in the order of their bytes.
    static func names(in folder: FilePath) throws(Errno) -> [String] {
        guard let stream = opendir(folder.string) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The absolute path without symbolic links, or the path itself if there is no such file.
    static func realPath(_ path: FilePath) -> FilePath {
        guard let resolved = realpath(path.string, nil) else { return path }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }

    /// The path, from the root of the file system; symbolic links stay.
    static func absolute(_ path: FilePath) -> FilePath {
        path.isAbsolute ? path : realPath(".").pushing(path).lexicallyNormalized()
    }

    /// Whether something is there.
    static func exists(_ path: FilePath) -> Bool { (try? path.stat()) != nil }

    private static func open(_ path: FilePath) throws(Errno) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }
}
