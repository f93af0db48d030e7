internal import CNFTables
internal import Glibc

/// A context of libnftables; lives only in the child process that `NFTChild` is, because the library can end its
/// caller.
struct NFTContext: ~Copyable {
    /// How one buffer is run.
    struct Options: OptionSet {
        let rawValue: Int

        /// Everything is checked, in the kernel as well, and nothing is changed.
        static let check = Options(rawValue: 1)
        /// Listings leave out the elements of sets.
        static let terse = Options(rawValue: 2)
        /// The command and its output are in nft's own language, not JSON.
        static let text = Options(rawValue: 4)
    }

    /// What libnftables wrote.
    struct Result {
        /// Whether it returned 0; that alone proves nothing (a wrong key is passed over in silence).
        var isSuccess: Bool
        /// What it printed.
        var output: [UInt8]
        /// Its messages.
        var errors: String
        /// How long the call took, without the copying of what it printed.
        var duration: Duration
    }

    private let handle: OpaquePointer

    /// A context whose output and errors go to buffers.
    ///
    /// - Returns: nothing if the library has no memory.
    init?() {
        guard let handle = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else { return nil }
        guard nft_ctx_buffer_output(handle) == 0, nft_ctx_buffer_error(handle) == 0 else {
            nft_ctx_free(handle)
            return nil
        }
        self.handle = handle
    }

    deinit { nft_ctx_free(handle) }

    /// Runs JSON commands; the caller has made sure that they are JSON, since other text is run in nft's native syntax,
    /// as it is meant to be with the option `text`.
    func run(_ commands: [UInt8], _ options: Options) -> Result {
        set(options)
        return (commands + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                timed { text.baseAddress.map { nft_run_cmd_from_buffer(handle, $0) } ?? -1 }
            }
        }
    }

    /// Runs a file in nft's native syntax: of a file the messages name lines, which they do not of a buffer.
    func run(file path: String) -> Result {
        set(.text)
        return timed { nft_run_cmd_from_filename(handle, path) }
    }

    private func set(_ options: Options) {
        // The JSON flag makes libnftables 1.0.6 read JSON as well; an input flag of its own exists only from 1.0.9.
        var flags = options.contains(.text) ? 0 : UInt32(NFT_CTX_OUTPUT_JSON)
        if options.contains(.terse) { flags |= UInt32(NFT_CTX_OUTPUT_TERSE) }
        if options.contains(.text) { flags |= UInt32(NFT_CTX_OUTPUT_NUMERIC_PRIO) }
        nft_ctx_output_set_flags(handle, flags)
        nft_ctx_set_dry_run(handle, options.contains(.check))
    }

    private func timed(_ call: () -> Int32) -> Result {
        let start = ContinuousClock.now
        let code = call()
        let duration = ContinuousClock.now - start
        // Both buffers belong to the context and change with the next call: copy them now.
        return Result(
            isSuccess: code == 0, output: copy(nft_ctx_get_output_buffer(handle)),
            errors: String(decoding: copy(nft_ctx_get_error_buffer(handle)), as: UTF8.self), duration: duration)
    }

    private func copy(_ text: UnsafePointer<CChar>?) -> [UInt8] {
        guard let text else { return [] }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}
