internal import Diagnostics
internal import Seawall

/// A policy that does not do what its test asks for; the text says why, with the policy's own file and line.
public struct PolicyTestFailure: Error, CustomStringConvertible {
    /// The messages, one below the other.
    public let description: String

    init(_ error: DiagnosticError) {
        description = error.diagnostics.filter { $0.severity == .error }.map(\.text).joined(separator: "\n")
    }
}

extension PolicyDocument {
    /// Fills in the contents of the files that the policy names.
    ///
    /// - Throws: `DiagnosticError` with the files that the test does not give.
    mutating func fill(_ contents: [String: String]) throws(DiagnosticError) {
        for index in files.indices { files[index].contents = contents[files[index].path] }
        try Self.refuse(missing: files.filter { $0.contents == nil }.map(\.path))
    }

    /// Says which files the test does not give, if there are some.
    static func refuse(missing paths: [String]) throws(DiagnosticError) {
        guard !paths.isEmpty else { return }
        let messages = paths.map { path in
            Diagnostic(
                "missing-file", at: nil,
                "the test does not give the contents of '\(path)': name them in files: of PolicyUnderTest")
        }
        throw DiagnosticError(.findings, messages)
    }
}
