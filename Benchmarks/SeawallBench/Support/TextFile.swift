internal import Glibc

/// Files by their whole text.
enum TextFile {
    /// The text of a file.
    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw BenchError("cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file anew.
    static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw BenchError("cannot write \(path)") }
    }

    /// How many lines of a file begin so.
    static func lines(of path: String, beginningWith start: String) throws -> Int {
        try read(path).split(separator: "\n").count { $0.hasPrefix(start) }
    }
}
