internal import Glibc

/// The standard streams of a child process, whole.
enum StandardStreams {
    /// Everything on standard input.
    static func readAll() -> [UInt8] {
        var result: [UInt8] = []
        var status = stat()
        // A file in memory, as what starts us gives us, has a size; a pipe has none.
        if fstat(STDIN_FILENO, &status) == 0, status.st_size > 0 { result.reserveCapacity(Int(status.st_size)) }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count > 0 { result.append(contentsOf: chunk[..<count]) }
            if count == 0 || (count < 0 && errno != EINTR) { return result }
        }
    }

    /// Writes all to standard output.
    ///
    /// - Returns: whether it could.
    static func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                guard let start = buffer.baseAddress else { return true }
                let count = write(STDOUT_FILENO, start + offset, buffer.count - offset)
                if count >= 0 { offset += count } else if errno != EINTR { return false }
            }
            return true
        }
    }
}
