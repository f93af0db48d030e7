internal import Diagnostics
internal import Glibc
internal import JSONC

/// Writing to the standard streams.
enum Terminal {
    /// Writes text to standard output.
    ///
    /// - Throws: `DiagnosticError` if it cannot be written, for one because the disk is full.
    static func write(_ text: String) throws { try write(text, to: 1, called: "standard output") }

    /// Writes messages to standard error, warnings too.
    static func show(_ diagnostics: [Diagnostic]) {
        if diagnostics.isEmpty { return }
        let colour = isatty(2) == 1 && getenv("NO_COLOR") == nil
        let lines = diagnostics.map { colour ? coloured($0) : $0.text }
        try? write(lines.joined(separator: "\n") + "\n", to: 2, called: "standard error")
    }

    /// Writes text to standard error.
    static func writeError(_ text: String) throws { try write(text, to: 2, called: "standard error") }

    private static func coloured(_ diagnostic: Diagnostic) -> String {
        let word = diagnostic.severity.rawValue + ":"
        let code = diagnostic.severity == .error ? "31" : "35"
        guard let range = diagnostic.text.firstRange(of: word) else { return diagnostic.text }
        return diagnostic.text.replacingCharacters(in: range, with: "\u{1b}[1;\(code)m\(word)\u{1b}[0m")
    }

    private static func write(_ text: String, to descriptor: Int32, called name: String) throws {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EPIPE { return }
            if count <= 0 {
                throw DiagnosticError(
                    .host, "cannot-write", "cannot write to \(name): \(String(cString: strerror(errno)))")
            }
            done += count
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
