internal import CLinux
internal import Glibc

/// A file that lives in memory, as long as this process.
struct MemoryFile {
    /// Its path.
    let path: String

    /// A file with bytes in it; `nil` if there is no memory.
    init?(_ bytes: [UInt8]) {
        var file: Int32 = -1
        guard seawall_memory_file("text", &file) == 0 else { return nil }
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return nil }
            offset += max(0, count)
        }
        path = "/proc/self/fd/\(file)"
    }
}
