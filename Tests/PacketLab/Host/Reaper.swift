internal import Glibc
internal import Synchronization

/// A pipe that stays open as long as this process, or a program that it started for the lab, is there.
final class Lifeline: Sendable {
    private let end: Mutex<Descriptor?>

    init(_ descriptor: Descriptor) { end = Mutex(descriptor) }

    /// The descriptor for a program to inherit.
    var descriptor: Descriptor? { end.withLock { $0 } }

    /// Lets go of it; says whether it was held.
    func cut() -> Bool {
        end.withLock { end in
            defer { end = nil }
            return end != nil
        }
    }
}

/// Removes what a lab leaves on the host, whatever becomes of the lab's process.
///
/// A small shell waits for the end of a pipe whose other end is held by this process and the programs that it runs in the
/// lab. The pipe ends when the lab is closed, and also when the process is interrupted, crashes or is killed; then the shell
/// deletes the namespaces and the folder.
final class Reaper: Sendable {
    /// What the programs of the lab inherit.
    let lifeline: Lifeline
    private let process: pid_t

    /// Watches over namespaces that are about to be made, and a folder.
    ///
    /// - Parameters:
    ///   - namespaces: the names of the namespaces.
    ///   - folder: the folder.
    ///   - script: lines of shell that come first; they know the folder as `$folder`.
    /// - Throws: `LabError` if the shell cannot be started.
    init(namespaces: [String], folder: String, first script: String = "") throws {
        let (far, near) = try makePipe()
        lifeline = Lifeline(near)
        let null = Descriptor(try check(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
        let all = """
            trap '' INT TERM HUP QUIT
            cat >/dev/null
            folder=$1; shift
            \(script)
            for name; do ip netns delete "$name"; done
            rm -rf -- "$folder"
            """
        process = try spawn(["sh", "-c", all, "sh", folder] + namespaces, inheriting: [far, null, null])
    }

    /// Removes everything, and waits for it; a second call does nothing.
    func finish() {
        guard lifeline.cut() else { return }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    deinit { finish() }
}
