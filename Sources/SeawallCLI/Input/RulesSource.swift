internal import Diagnostics
internal import Importing
internal import PolicyLoading

/// What a user named, read: a policy, or rules that somebody else wrote.
enum RulesSource: Sendable {
    case policy(LoadedPolicy)
    case rules(ImportedRules)

    /// Reads what was named.
    ///
    /// - Parameters:
    ///   - name: a file, a folder, or `-`.
    ///   - evaluation: how a policy is evaluated.
    ///   - format: what it holds, if the user said so.
    ///   - fallback: what it holds if that cannot be told.
    ///   - options: how rules are read.
    /// - Returns: what it holds.
    /// - Throws: `DiagnosticError` that says what can be read, if it is something else.
    static func load(
        _ name: String, _ evaluation: EvaluationOptions, format: InputFormat? = nil, fallback: InputFormat? = nil,
        _ options: ImportOptions
    ) async throws -> RulesSource {
        if format == .policy || format == nil && InputText.isPolicy(name) {
            return .policy(try await evaluation.load(name))
        }
        let bytes = try InputText.bytes(named: name)
        let shown = name == "-" ? "standard input" : name
        guard let format = format ?? InputFormat.detect(bytes, named: name) ?? fallback else {
            throw DiagnosticError.unknownInput(shown)
        }
        if format == .document { return .policy(try evaluation.load(document: bytes, named: name)) }
        return .rules(
            try await Progress.during("reading '\(shown)'") {
                let text = try await ImportText(name: shown, bytes: bytes, format: format).listed()
                return try ImportRules.read([text], options)
            })
    }

    /// A place as the user would type it.
    func shown(_ origin: SourceLocation) -> SourceLocation {
        switch self {
        case .policy(let policy): policy.shown(origin)
        case .rules: origin
        }
    }

    /// Messages at the user's own files and lines.
    func located(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        switch self {
        case .policy(let policy): policy.located(diagnostics)
        case .rules: diagnostics
        }
    }
}

extension DiagnosticError {
    fileprivate static func unknownInput(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "input-no-policy", at: SourceLocation(file: name),
            "this is nothing that rules can be read from: expected a policy (a .swift file or a folder), a policy document (JSON), the text of iptables-save, iptables commands, or rules of nft (JSON or text)",
            notes: ["--input-format says what it holds, if it is one of these"])
    }
}
