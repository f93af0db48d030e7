internal import Glibc
internal import SystemPackage

/// What this process may do.
enum Privileges {
    /// Whether CAP_NET_ADMIN (12) is among the effective capabilities (proc(5), `CapEff`).
    static var hasNetworkAdmin: Bool { effective.map { $0 & (1 << 12) != 0 } ?? (geteuid() == 0) }

    private static var effective: UInt64? {
        guard let file = try? FileDescriptor.open("/proc/self/status", .readOnly) else { return nil }
        defer { try? file.close() }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
        let line = buffer[..<count].split(separator: UInt8(ascii: "\n")).first {
            $0.starts(with: Array("CapEff:".utf8))
        }
        return line.flatMap {
            UInt64(String(decoding: $0.dropFirst(7), as: UTF8.self).filter { !$0.isWhitespace }, radix: 16)
        }
    }
}
