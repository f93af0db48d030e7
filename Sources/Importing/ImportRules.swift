internal import Diagnostics
internal import FirewallIR

/// Reads rules that somebody else wrote: bytes -> syntax tree -> intermediate representation.
package enum ImportRules {
    /// The rules of a text.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - name: what the user calls it; messages begin with it.
    ///   - format: what it holds: rules of iptables or of nft.
    ///   - options: what is wanted of it.
    /// - Returns: the rules, and what became of each.
    /// - Throws: `DiagnosticError` with every rule that is not read exactly.
    package static func read(
        _ bytes: [UInt8], named name: String, format: InputFormat, _ options: ImportOptions
    ) throws -> ImportedRules {
        try read([ImportText(name: name, bytes: bytes, format: format)], options)
    }

    /// The rules of several texts as one rule set.
    ///
    /// - Parameters:
    ///   - texts: the texts, one for each family where they are rules of iptables.
    ///   - options: what is wanted of them.
    /// - Returns: the rules, and what became of each.
    /// - Throws: `DiagnosticError` with every rule of every text that is not read exactly, or if two texts speak of the same
    ///   hook and family.
    package static func read(_ texts: [ImportText], _ options: ImportOptions) throws -> ImportedRules {
        var parts: [ImportedRules] = []
        var refusals: [Diagnostic] = []
        var outcome = DiagnosticError.Outcome.refused
        for (index, text) in texts.enumerated() {
            // Where one family has DOCKER-USER, the other is not taken for a whole table.
            var options = options
            options.isBesideDockerUser = texts.indices.contains { $0 != index && texts[$0].makesDockerUser }
            do {
                parts.append(try read(text, options))
            } catch let error as DiagnosticError {
                refusals += error.diagnostics
                if error.outcome == .unreadable { outcome = .unreadable }
            }
        }
        guard refusals.isEmpty else { throw DiagnosticError(outcome, refusals) }
        var rules = try ImportedRules(joining: parts, named: texts.map(\.name))
        (rules.texts, rules.options) = (texts, options)
        if options.acceptLeaves { rules.ruleset.acceptLeaves() }
        return rules
    }

    private static func read(_ text: ImportText, _ options: ImportOptions) throws -> ImportedRules {
        switch text.format {
        case .iptables: try IPTablesImport.read(text, options)
        case .nftJSON: try NFTImport.read(text, options)
        case .nft, .policy, .document:
            throw DiagnosticError(
                .unreadable, "nothing-to-import", at: SourceLocation(file: text.name),
                "this is \(text.format == .nft ? "nft's own language, which nft has to list as JSON first" : "a policy, and no rules that could be imported")"
            )
        }
    }
}

extension ImportedRules {
    /// Rules of several texts as one rule set.
    ///
    /// - Throws: `DiagnosticError` if two of them speak of the same hook and family.
    fileprivate init(joining parts: [ImportedRules], named names: [String]) throws(DiagnosticError) {
        guard let first = parts.first else {
            throw DiagnosticError(.unreadable, "nothing-to-import", "there is nothing to import")
        }
        self = first
        for (part, name) in zip(parts, names).dropFirst() {
            for scope in part.ruleset.scopes {
                let isTwice = ruleset.scopes.contains {
                    $0.hook == scope.hook && !$0.families.intersection(scope.families).isEmpty
                }
                guard !isTwice else {
                    throw DiagnosticError(
                        .unreadable, "hook-twice", at: SourceLocation(file: name),
                        "another input speaks of the hook '\(scope.hook.rawValue)' for the same family: name one text for each, or say with --family which is which"
                    )
                }
            }
            ruleset.scopes += part.ruleset.scopes
            warnings += part.warnings
            account.add(part.account)
            remainders += part.remainders
            usesAcceptMark = usesAcceptMark || part.usesAcceptMark
        }
    }
}

extension Ruleset {
    /// Lets every rule that accepts leave.
    fileprivate mutating func acceptLeaves() {
        for scope in scopes.indices {
            for chain in scopes[scope].chains.indices {
                for rule in scopes[scope].chains[chain].rules.indices
                where scopes[scope].chains[chain].rules[rule].verdict == .accept {
                    scopes[scope].chains[chain].rules[rule].verdict = .leave
                }
            }
        }
    }
}
