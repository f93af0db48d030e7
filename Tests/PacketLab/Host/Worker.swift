internal import Glibc
internal import Synchronization

/// A thread of its own for work that waits in system calls, so that no task of Swift's has to wait with it.
final class Worker: Sendable {
    private let thread: Mutex<pthread_t?>

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Begins.
    ///
    /// - Parameter body: the work; what it holds is kept until it ends.
    /// - Throws: `LabError` if there is no thread to be had.
    init(_ body: @escaping @Sendable () -> Void) throws {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let created = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        if created != 0 {
            work.release()
            throw LabError(call: "pthread_create", errno: created)
        }
        let started = UInt(thread)
        self.thread = Mutex(pthread_t(started))
    }

    /// Waits for the end of the work; a second call does nothing.
    func join() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}
