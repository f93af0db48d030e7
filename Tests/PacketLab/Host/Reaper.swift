internal import Glibc
internal import Synchronization

/// Removes what a lab leaves on the host, whatever becomes of the lab's process.
///
/// A small shell waits for the end of a pipe whose other end this process alone holds. The pipe ends when the lab is closed,
/// and also when the process is interrupted, crashes or is killed; then the shell deletes the namespaces and the folder.
final class Reaper: Sendable {
    private let state: Mutex<State>

    private struct State {
        var lifeline: Descriptor?
        let process: pid_t
    }

    private static let script = """
        trap '' INT TERM HUP QUIT
        cat >/dev/null
        folder=$1; shift
        for name; do ip netns delete "$name"; done
        rm -rf -- "$folder"
        """

    /// Watches over namespaces that are about to be made, and a folder.
    init(namespaces: [Namespace], folder: String) throws {
        let (far, near) = try makePipe()
        let null = Descriptor(try check(open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"))
        let arguments = ["sh", "-c", Self.script, "sh", folder] + namespaces.map(\.name)
        let process = try spawn(arguments, standard: [far.number, null.number, null.number])
        state = Mutex(State(lifeline: near, process: process))
    }

    /// Removes everything, and waits for it; a second call does nothing.
    func finish() {
        state.withLock { state in
            guard state.lifeline != nil else { return }
            state.lifeline = nil
            var status: Int32 = 0
            while waitpid(state.process, &status, 0) < 0 && errno == EINTR {}
        }
    }

    deinit { finish() }
}
