internal import Diagnostics

/// What a policy, or its compiler, said although all went well.
enum PolicyWords {
    /// How many lines of a stream are shown.
    static let shownLines = 10

    /// The first lines of what was written, as notes.
    static func notes(_ text: String, _ label: String) -> [Diagnostic.Note] {
        let lines = text.split(separator: "\n").map(String.init)
        var notes = lines.prefix(shownLines).map { Diagnostic.Note("\(label): \($0)") }
        if lines.count > shownLines {
            notes.append(Diagnostic.Note("\(label): … (\(lines.count - shownLines) more lines)"))
        }
        return notes
    }
}

extension Evaluation {
    /// A warning for each stream that something was written to.
    func warnings(_ shown: ShownPaths, words: CompilerOutput) -> [Diagnostic] {
        var warnings: [Diagnostic] = []
        if !compiler.isEmpty {
            warnings.append(
                Diagnostic(
                    "policy-compiler-warnings", .warning, at: shown.whole, "the compiler has warnings",
                    transcript: words.asTyped(compiler)))
        }
        if !output.isEmpty {
            warnings.append(
                Diagnostic(
                    "policy-printed", .warning, at: shown.whole,
                    "the policy prints to standard output: that is no part of its document",
                    notes: PolicyWords.notes(output, "it printed")))
        }
        if !errors.isEmpty {
            warnings.append(
                Diagnostic(
                    "policy-printed", .warning, at: shown.whole,
                    "the policy prints to standard error: that is no part of its document",
                    notes: PolicyWords.notes(errors, "it printed")))
        }
        return warnings
    }
}
