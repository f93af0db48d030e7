internal import Glibc
internal import NFTablesBackend

/// The hidden command `seawall __netns NAME -- PROGRAM ARGUMENTS…`: enters a network namespace and becomes the program.
///
/// `ip netns exec` would give the program a mount namespace of its own as well, which hides the control groups.
package enum NamespaceChild {
    /// The first argument by which our executable knows that it is this.
    package static let command = "__netns"

    /// Becomes the program, or ends the process.
    ///
    /// - Parameter arguments: what follows `__netns`.
    package static func run(_ arguments: [String]) -> Never {
        guard arguments.count >= 3, arguments[1] == "--" else {
            fail("usage: __netns NAME -- PROGRAM ARGUMENTS…", EINVAL)
        }
        let namespace = NetworkNamespace(arguments[0])
        let code = namespace.enter()
        guard code == 0 else { fail(namespace.name, code) }
        var words: [UnsafeMutablePointer<CChar>?] = arguments[2...].map { strdup($0) }
        words.append(nil)
        execv(arguments[2], words)
        fail(arguments[2], errno)
    }

    /// Why the program was not started.
    struct Failure: Hashable {
        /// The namespace or the program.
        var subject: String
        /// The `errno` value.
        var code: Int32
        /// What `strerror` says of it.
        var reason: String
    }

    /// The arguments with which our executable is called.
    static func arguments(_ namespace: NetworkNamespace, program: String, _ arguments: [String]) -> [String] {
        [command, namespace.name, "--", program] + arguments
    }

    /// The failure that the child reported, if it did not become the program.
    static func failure(code: Int32, errors: String) -> Failure? {
        guard code == exitCode, errors.hasPrefix(mark) else { return nil }
        let parts = errors.dropFirst(mark.count).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int32(parts[0]) else { return nil }
        let subject = parts[1].trimmingSuffix { $0 == "\n" }
        return Failure(
            subject: String(subject), code: number, reason: strerror(number).map { String(cString: $0) } ?? "")
    }

    /// Like that of a shell for what it cannot run.
    private static let exitCode: Int32 = 126
    private static let mark = "seawall-netns:"

    private static func fail(_ subject: String, _ code: Int32) -> Never {
        let message = Array("\(mark)\(code):\(subject)\n".utf8)
        _ = message.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(exitCode)
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> Substring {
        var result = self
        while let last = result.last, isUnwanted(last) { result.removeLast() }
        return result
    }
}
