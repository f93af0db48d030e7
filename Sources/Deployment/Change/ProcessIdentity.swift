internal import Glibc
package import JSONC

/// A process, told from a later one with the same number by when it started.
package struct ProcessIdentity: Hashable, Sendable {
    /// The number.
    package let pid: Int32
    /// When it started, in clock ticks since boot (proc(5), field 22 of `stat`).
    package let start: Int

    /// The process of a number; nothing, if there is none.
    package init?(pid: Int32) {
        guard let bytes = (try? DurableFiles.read("/proc/\(pid)/stat")) ?? nil, !bytes.isEmpty else { return nil }
        // The name, in parentheses, may hold spaces and parentheses itself.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, fields[0] != "Z", let start = Int(fields[19]) else { return nil }
        self.pid = pid
        self.start = start
    }

    /// This process.
    package static var own: ProcessIdentity? { ProcessIdentity(pid: getpid()) }

    /// Whether it still runs.
    package var isAlive: Bool { ProcessIdentity(pid: pid) == self }

    /// Ends it at once, if it still runs.
    package func end() { if isAlive { kill(pid, SIGKILL) } }

    /// The process as JSON.
    package var json: JSONValue { ["pid": .integer(Int64(pid)), "start": .integer(Int64(start))] }

    /// Reads a process.
    package init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        pid = Int32(clamping: try reader.integer("pid"))
        start = try reader.integer("start")
        try reader.finish()
    }
}
