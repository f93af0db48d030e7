internal import Diagnostics
internal import JSONC
internal import Seawall
internal import SystemPackage

// The wording of this target's messages, in the order of their identifiers.

// MARK: - The input

extension DiagnosticError {
    static func folderWithoutSources(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "input-no-policy", at: SourceLocation(file: name),
            "the folder has no Swift files: expected a policy, or a package of one with its Package.swift")
    }

    static func neitherPolicyNorDocument(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "input-no-policy", at: SourceLocation(file: name),
            "the file is neither a policy nor a document: expected Swift source in a .swift file, or JSON that begins with {"
        )
    }

    static func inputUnreadable(_ name: String, _ error: Errno) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "input-unreadable", at: SourceLocation(file: name), "cannot be read: \(error.words)")
    }
}

// MARK: - Documents

extension DiagnosticError {
    static func badDocument(_ shown: ShownPaths, _ error: JSONError) -> DiagnosticError {
        switch error.place {
        case .position(let line, let column):
            DiagnosticError(
                .unreadable, "document-malformed", at: SourceLocation(file: shown.input, line: line),
                "the document cannot be read from column \(column) on: \(error.message)")
        case .path(let path):
            DiagnosticError(.unreadable, "document-malformed", at: shown.whole, "\(path): \(error.message)")
        }
    }

    static func notADocument(_ shown: ShownPaths, _ why: String) -> DiagnosticError {
        DiagnosticError(.unreadable, "document-malformed", at: shown.whole, "this is no policy document: \(why)")
    }

    static func unknownDocumentVersion(_ shown: ShownPaths, _ version: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "document-version", at: shown.whole,
            "the document has version \(version), but Seawall \(seawallVersion) reads version \(PolicyDocument.version): write it with this Seawall, or read it with the one that wrote it"
        )
    }
}

extension Diagnostic {
    static func unreadableFile(_ path: String, shown: String, why: FileProblem, at location: SourceLocation?)
        -> Diagnostic
    {
        let notes = path == shown ? [] : [Note("the path is relative to the policy's folder: \(shown)")]
        return Diagnostic(
            "policy-file-unreadable", at: location, "cannot read the file '\(path)': \(why.text)", literal: path,
            notes: notes)
    }
}

// MARK: - Compiling

extension DiagnosticError {
    static func cannotStart(_ program: String, _ why: String) -> DiagnosticError {
        DiagnosticError(.host, "cannot-start", "cannot start \(program): \(why)")
    }

    static func noScratch(_ error: Errno) -> DiagnosticError {
        DiagnosticError(
            .host, "cannot-start", "cannot make a temporary folder: \(error.words)",
            notes: ["TMPDIR names the folder for it"])
    }

    static func compilerNotThere(_ path: String) -> DiagnosticError {
        DiagnosticError(
            .host, "compiler-missing", "there is no program \(path), which SEAWALL_SWIFTC names",
            notes: [withoutCompiler])
    }

    static func noCompiler() -> DiagnosticError {
        DiagnosticError(
            .host, "compiler-missing", "no Swift compiler: there is no swiftc in PATH, and SEAWALL_SWIFTC is not set",
            notes: [withoutCompiler])
    }

    static func otherCompiler(_ path: String, found: String, wanted: String) -> DiagnosticError {
        DiagnosticError(
            .host, "compiler-version",
            "\(path) is '\(found)', but this Seawall needs '\(wanted)', which it was built with",
            notes: ["SEAWALL_SWIFTC names another compiler", withoutCompiler])
    }

    static func compilerTimedOut(_ shown: ShownPaths, seconds: Int) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "policy-compiles-too-long", at: shown.whole,
            "the policy did not compile within \(seconds) s: long bodies are slow to check, so cut them into properties of their own"
        )
    }

    static func doesNotCompile(_ shown: ShownPaths, transcript: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable,
            [
                Diagnostic(
                    "policy-does-not-compile", at: shown.whole, "the policy does not compile", transcript: transcript)
            ])
    }

    static func installationIncomplete(_ missing: String) -> DiagnosticError {
        DiagnosticError(
            .host, "installation-incomplete", "cannot compile a policy: \(missing) is missing",
            notes: ["SEAWALL_LIBRARY_DIR names the folder of Seawall's modules", withoutCompiler])
    }

    static func notOneProgram(_ shown: ShownPaths, _ names: [String]) -> DiagnosticError {
        let found =
            names.isEmpty ? "no executable product" : "several executable products, \(names.joined(separator: ", "))"
        return DiagnosticError(
            .unreadable, "policy-package-product", at: shown.whole,
            "the package has \(found): expected one, the policy's program")
    }

    static func withoutMain(_ shown: ShownPaths, files: [String]) -> DiagnosticError {
        let place = files.count == 1 ? files[0] : "the folder's files (\(files.joined(separator: ", ")))"
        return DiagnosticError(
            .unreadable, "policy-without-main", at: shown.whole,
            "no type in \(place) is marked @main: write @main before the struct that is the policy")
    }

    private static let withoutCompiler =
        "a policy document needs no compiler: seawall compile --document writes one where there is one"
}

// MARK: - Running

extension DiagnosticError {
    static func noDocument(_ shown: ShownPaths) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "policy-without-document", at: shown.whole,
            "the policy ended without a document: does it call exit, or is the type marked @main no Policy?")
    }

    static func documentNotText(_ shown: ShownPaths) -> DiagnosticError {
        DiagnosticError(.unreadable, "document-malformed", at: shown.whole, "the document is no text in UTF-8")
    }

    static func sandboxFailed(_ words: String) -> DiagnosticError {
        let line = words.split(separator: "\n").first.map(String.init) ?? words
        let message = line.hasPrefix("seawall: ") ? String(line.dropFirst("seawall: ".count)) : line
        return DiagnosticError(.host, "sandbox-failed", message)
    }
}

extension Diagnostic {
    static func cacheUnusable(_ folder: String, _ error: Errno) -> Diagnostic {
        let why = error == .notPermitted ? "it is not this user's own, or others can write to it" : error.words
        return Diagnostic(
            "cache-unusable", .warning, at: nil, "the cache folder \(folder) is not used: \(why)",
            notes: [Note("SEAWALL_CACHE_DIR names another one")])
    }
}

extension Errno {
    /// The system's description, in lower case as all messages are.
    var words: String {
        let text = description
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
