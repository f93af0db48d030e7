internal import Diagnostics
package import JSONC
internal import NFTablesBackend

/// Reads nft's own language through libnftables itself: `nft -f`'s text -> the JSON of `nft -j list ruleset`.
///
/// The text is loaded into a network namespace that a child process makes for it, where there are no rules and no devices
/// but the loopback, and that ends with the process. Nothing of this host is read or changed, except for files that the text
/// includes. What depends on the host, such as `iif` with the name of a device, fails there, and says so.
package enum NFTText {
    /// What nft makes of a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - file: its name, for messages.
    ///   - executable: the path of `seawall`.
    /// - Returns: `{"nftables": [OBJECT, …]}`, for `ReadNFTListing`.
    /// - Throws: `DiagnosticError` of the kind `unreadable` with every line that nft does not take; of the kind `host` if no
    ///   namespace can be made here, which needs root or user namespaces.
    package static func list(
        _ text: String, file: String = "<nft>", executable: String = OwnExecutable.path
    ) async throws -> JSONValue {
        let bytes = Array(text.utf8)
        guard !bytes.contains(0) else {
            throw DiagnosticError(
                .unreadable, "bad-nft-text", at: SourceLocation(file: file),
                "the text holds a NUL, which ends it for nft")
        }
        switch try await NFTProcessRunner(executable: executable).translate(bytes) {
        case .failure(let failure): throw DiagnosticError(.unreadable, diagnostics(failure, file))
        case .success(let output):
            do {
                return try JSONValue.parse(output)
            } catch {
                throw DiagnosticError(
                    .unreadable, "bad-nft-json", at: SourceLocation(file: file),
                    "nft lists the tables of this text as something that is no JSON, as 1.0.6 does with 'flags dormant': \(error)"
                )
            }
        }
    }

    /// The messages of libnftables at their lines; those that name none at the file.
    private static func diagnostics(_ failure: NFTFailure, _ file: String) -> [Diagnostic] {
        let found = failure.text.split(separator: "\n").compactMap { diagnostic(String($0), file) }
        guard found.isEmpty else { return found }
        return [
            Diagnostic(
                "bad-nft-text", at: SourceLocation(file: file),
                "nft does not take this text: \(failure.messages.first ?? "it gives no reason")")
        ]
    }

    /// A message as libnftables writes it: `/proc/self/fd/5:3:5-9: Error: syntax error, unexpected string`.
    private static func diagnostic(_ line: String, _ file: String) -> Diagnostic? {
        let parts = line.split(separator: ":", maxSplits: 3)
        guard parts.count == 4, let number = Int(parts[1]), parts[3].hasPrefix(" Error: ") else { return nil }
        return Diagnostic(
            "bad-nft-text", at: SourceLocation(file: file, line: number),
            "nft does not take this text: \(parts[3].dropFirst(" Error: ".count))")
    }
}
