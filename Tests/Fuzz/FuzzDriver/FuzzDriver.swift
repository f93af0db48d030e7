/// Runs libFuzzer (https://llvm.org/docs/LibFuzzer.html) with the arguments of the process.
package enum FuzzDriver {
    /// Feeds inputs to a reader until one makes the process end, or the time is over.
    ///
    /// - Parameter target: reads the bytes of one input; what it returns is handed on: 0 for "keep it if it is new".
    /// - Returns: the exit code of the process.
    package static func run(_ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        return runDriver(&count, &arguments, target)
    }
}

/// The entry point of libFuzzer (`FuzzerInterface.h`): the arguments of `main`, and what reads one input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
