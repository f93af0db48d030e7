internal import CLinux
internal import Glibc

/// The other end of a policy's run: what `seawall __sandbox` does before it becomes the policy's program.
///
/// The program itself closes off the file system later on, because its loader needs it.
package enum PolicySandbox {
    /// The hidden command of `seawall` that leads here.
    package static let command = "__sandbox"

    /// What the message of a failure begins with.
    static let failurePrefix = "seawall: cannot restrict the policy: "

    /// Sets the limits, closes off the network, and becomes the program; the program's own name for itself is `policy`.
    ///
    /// - Parameter arguments: `--memory BYTES --cpu SECONDS -- PROGRAM ARGUMENTS…`
    package static func run(_ arguments: [String]) -> Never {
        guard arguments.count >= 6, arguments[0] == "--memory", arguments[2] == "--cpu", arguments[4] == "--",
            let memory = UInt64(arguments[1]), let seconds = UInt64(arguments[3])
        else { fail("it was started with other arguments than --memory BYTES --cpu SECONDS -- PROGRAM ARGUMENTS") }
        var words = (["policy"] + arguments[6...]).map { strdup($0) } + [nil]
        require(seawall_no_core_dump(), "core dumps")
        require(seawall_limit_processor_time(seconds), "processor time")
        require(seawall_limit(fileSize, memory), "the size of files")
        require(seawall_deny_network(), "the network")
        require(seawall_limit_address_space(memory), "memory")
        execv(arguments[5], &words)
        fail("cannot run \(arguments[5]): \(String(cString: strerror(errno)))")
    }

    // RLIMIT_FSIZE: what it prints does not fill the disk.
    private static let fileSize: Int32 = 1

    private static func require(_ failed: Int32, _ what: String) {
        if failed != 0 { fail("\(what): \(String(cString: strerror(failed)))") }
    }

    private static func fail(_ message: String) -> Never {
        let line = Array("\(failurePrefix)\(message)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        exit(125)
    }
}
