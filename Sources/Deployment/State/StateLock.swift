internal import Diagnostics
internal import Glibc

/// The right to change the host: one process at a time has it, for as long as it lives.
///
/// It is flock(2) on a file of the state directory, so a process that is killed gives it back. The descriptor is closed on
/// exec: children do not hold it.
package final class StateLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock, and waits for another process that has it.
    ///
    /// - Parameters:
    ///   - directory: the state directory; it is made if it is missing.
    ///   - patience: how long to wait.
    /// - Returns: the lock, which is given back at the latest when nobody has it any more.
    /// - Throws: `DiagnosticError` if another process still has it then, or if the folder cannot be written.
    package static func take(_ directory: StateDirectory, patience: Duration = .seconds(30)) async throws -> StateLock {
        try DurableFiles.makeFolder(directory.path)
        let descriptor = open(directory.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DiagnosticError.stateUnusable("write", directory.lock, reason: String(cString: strerror(errno)))
        }
        let lock = StateLock(descriptor: descriptor)
        let end = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw DiagnosticError.stateUnusable("lock", directory.lock, reason: String(cString: strerror(errno)))
            }
            guard ContinuousClock.now < end else { throw DiagnosticError.hostBusy(holder(descriptor), patience) }
            try await Task.sleep(for: .milliseconds(20))
        }
        let holder = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, holder, holder.count, 0)
        return lock
    }

    /// Gives the lock back.
    package func release() { _ = flock(descriptor, LOCK_UN) }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
