internal import Glibc

/// What is wrong with a folder or file.
struct FolderError: Error, CustomStringConvertible {
    let description: String
}

/// Folders and files by their names.
enum Folder {
    /// The names in a folder, sorted.
    static func names(_ path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw FolderError(description: "cannot read the folder \(path)") }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw FolderError(description: "cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
