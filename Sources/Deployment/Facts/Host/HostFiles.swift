internal import Glibc
internal import SystemPackage

/// The files of a host that are read for its facts: `/proc`, and Docker's configuration.
package protocol HostFiles: Sendable {
    /// The bytes of a file; nothing, if it is not there or cannot be read.
    func contents(of path: String) -> [UInt8]?
    /// The names in a folder, sorted.
    func names(in folder: String) -> [String]
    /// Where a symbolic link leads.
    func target(of link: String) -> String?
    /// What the kernel says of a file, behind all links.
    func status(of path: String) -> HostFileStatus?
}

/// Who owns a file, and by which number it is known.
package struct HostFileStatus: Hashable, Sendable {
    /// The owner's number.
    package var owner: UInt32
    /// The file's own number: that of a namespace, for its file.
    package var number: UInt64

    /// A status.
    package init(owner: UInt32, number: UInt64) {
        self.owner = owner
        self.number = number
    }
}

extension HostFiles {
    /// The text of a file.
    package func text(of path: String) -> String? { contents(of: path).map { String(decoding: $0, as: UTF8.self) } }
}

/// The files of this host.
package struct LocalFiles: HostFiles {
    /// The files of this host.
    package init() {}

    package func contents(of path: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    package func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func target(of link: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(link, $0, text.count) } ?? -1
            }
        }
        return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
    }

    package func status(of path: String) -> HostFileStatus? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return HostFileStatus(owner: status.st_uid, number: UInt64(status.st_ino))
    }
}
