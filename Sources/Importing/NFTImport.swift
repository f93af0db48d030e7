internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import NFTablesBackend

/// Rules of nft -> intermediate representation.
package enum NFTImport {
    /// Reads rules as JSON.
    ///
    /// - Throws: `DiagnosticError` with the place in the text, or with every rule whose meaning is not known.
    package static func read(_ text: ImportText, _ options: ImportOptions) throws -> ImportedRules {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue.parse(distinct: text.bytes)
        } catch {
            throw DiagnosticError.badJSON(text.name, error)
        }
        return try rules(json, text, options)
    }

    private static func rules(
        _ json: JSONValue, _ text: ImportText, _ options: ImportOptions
    ) throws -> ImportedRules {
        let listing = try ReadNFTListing.run(json, file: text.name)
        var lift = try LiftFromNFTables.lift(listing, file: text.name, acceptMark: options.acceptMark)
        lift.leaveOutTwins(text.name)
        guard !lift.scopes.isEmpty else { throw DiagnosticError.noFilter(text.name, lift.notes) }
        let ruleset = Ruleset(name: options.policyName, scopes: lift.scopes)
        var rules = ImportedRules(format: text.format, ruleset: ruleset)
        rules.account.leftAlone = lift.notes.filter { $0.id == "not-lifted" }.map {
            ImportAccount.Entry($0.location ?? SourceLocation(file: text.name), $0.message)
        }
        rules.warnings = lift.notes.filter { $0.id != "not-lifted" }
        rules.account.count(ruleset)
        rules.usesAcceptMark =
            options.acceptMark != nil
            && lift.scopes.contains { scope in
                scope.hook == .containers && scope.chains.contains { $0.rules.contains { $0.verdict == .accept } }
            }
        return rules
    }
}

extension NFTLift {
    /// Leaves out what we made of the sockets of a host: the rules of `Containers` say all of it.
    fileprivate mutating func leaveOutTwins(_ file: String) {
        notes += scopes.filter { $0.hook == .proxied }.map { scope in
            Diagnostic(
                "not-lifted", .warning, at: SourceLocation(file: file),
                "the base chain '\(scope.entry)' was left out: it is the twin at input of what Docker forwards, and is made anew where the policy is applied"
            )
        }
        scopes.removeAll { $0.hook == .proxied }
    }
}

extension DiagnosticError {
    fileprivate static func badJSON(_ name: String, _ error: JSONError) -> DiagnosticError {
        switch error.place {
        case .position(let line, let column):
            DiagnosticError(
                .unreadable, "bad-nft-json", at: SourceLocation(file: name, line: line),
                "the JSON cannot be read from column \(column) on: \(error.message)")
        case .path(let path):
            DiagnosticError(
                .unreadable, "bad-nft-json", at: SourceLocation(file: name), "\(path): \(error.message)")
        }
    }

    fileprivate static func noFilter(_ name: String, _ notes: [Diagnostic]) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "nothing-to-import", at: SourceLocation(file: name),
            "there is no base chain that filters what comes in, is forwarded, or goes out: nothing to import",
            notes: notes.map(\.message))
    }
}
