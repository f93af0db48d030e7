internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// Rules of iptables -> intermediate representation.
package enum IPTablesImport {
    /// Reads a text: `iptables-save`, a file for `iptables-restore`, or a list of commands.
    ///
    /// - Throws: `DiagnosticError` with every rule that is not read exactly, of the kind `refused`; or of the kind
    ///   `unreadable` if the family is open, or if there is no filter table.
    package static func read(_ text: ImportText, _ options: ImportOptions) throws -> ImportedRules {
        let families = try families(of: text, options)
        let reading = IPTablesReader.read(text.bytes, file: text.name, family: families.families[0])
        let wanted = reading.files.filter { families.contains(FamilySet($0.family)) }
        let (taken, skipped) = wanted.chosen(options)
        var imports = taken.compactMap { file in file.filterTableOrNone.map { FileImport(file, $0, options) } }
        var refusals = reading.problemsOfTheText
        guard !imports.isEmpty || !skipped.isEmpty || !refusals.isEmpty else {
            throw DiagnosticError.noFilterTable(text.name, reading)
        }
        for index in imports.indices {
            try imports[index].run()
            refusals += imports[index].refusals
        }
        guard refusals.isEmpty else { throw DiagnosticError(.refused, refusals.inOrder) }
        var rules = ImportedRules(
            format: .iptables, ruleset: Ruleset(name: options.policyName, scopes: imports.flatMap(\.scopes)),
            warnings: imports.flatMap(\.warnings))
        rules.warnings = reading.remarks + taken.compactMap(\.withoutFilterTable) + rules.warnings
        rules.account.count(rules.ruleset, rewritten: reading.rewritten)
        rules.account.leftAlone = skipped.map {
            ImportAccount.Entry(
                SourceLocation(file: text.name),
                "there is no chain DOCKER-USER for \($0.family.displayName), unlike for the other family: left as it is"
            )
        }
        for one in imports {
            let taken =
                one.stayed.isEmpty ? [] : Set(one.scopes.flatMap(\.chains).flatMap(\.rules).map(\.origin))
            rules.account.refused += one.stayed.filter { !taken.contains($0.place) }
            rules.account.inBothPlaces += one.stayed.filter { taken.contains($0.place) }
            rules.account.leftAlone += one.leftAlone
            if let remainder = one.remainder { rules.remainders.append(remainder) }
        }
        return rules
    }

    /// The families that are wanted: as the user says, or by the signs of the text.
    private static func families(of text: ImportText, _ options: ImportOptions) throws -> FamilySet {
        if let family = text.family ?? options.family { return FamilySet(family) }
        let found = IPTablesFamilySigns.families(name: text.name, text.bytes)
        guard !found.isEmpty else { throw DiagnosticError.openFamily(text.name) }
        return found
    }
}

extension [IPTablesFile] {
    /// The files that are taken, and those that have no chain `DOCKER-USER` where another has it, and it is what is wanted.
    fileprivate func chosen(_ options: ImportOptions) -> (taken: [IPTablesFile], skipped: [IPTablesFile]) {
        let hasChain = { (file: IPTablesFile) in file.table("filter")?.chain(IPTablesNames.dockerUser) != nil }
        let isElsewhere = options.isBesideDockerUser || contains(where: hasChain)
        guard options.chain == nil, !options.takesWholeTable, isElsewhere else { return (self, []) }
        return (filter(hasChain), filter { !hasChain($0) })
    }
}

extension IPTablesFile {
    /// The filter table; where the file has other tables alone, one that accepts everything, as a kernel without it does.
    fileprivate var filterTableOrNone: FilterTable? {
        if let filterTable { return filterTable }
        if tables.isEmpty { return nil }
        return FilterTable(
            family: family,
            chains: IPTablesNames.builtIn.map { FilterChain($0, policy: .accept, line: nil, rules: []) })
    }

    /// That there is no filter table, although there are others.
    fileprivate var withoutFilterTable: Diagnostic? {
        guard table("filter") == nil, !tables.isEmpty else { return nil }
        let names = tables.map { "'\($0.name)'" }.joined(separator: ", ")
        return Diagnostic(
            "no-filter-table", .warning, at: SourceLocation(file: name),
            "there is no filter table, only \(names): read as one that accepts everything, which is what a kernel without it does"
        )
    }
}

extension IPTablesReading {
    /// Errors that belong to no rule of a table: they concern the text as a whole.
    fileprivate var problemsOfTheText: [Diagnostic] {
        if isComplete { return [] }
        let ofRules = files.flatMap(\.tables).flatMap(\.chains).flatMap(\.rules).compactMap {
            if case .refused(_, let problem) = $0.content { problem } else { nil }
        }
        let known = Set(ofRules)
        return diagnostics.filter { $0.severity == .error && !known.contains($0) }
    }

    /// How rules were rewritten, by their lines.
    fileprivate var rewritten: [Int: String] {
        var notes: [Int: String] = [:]
        for diagnostic in diagnostics where diagnostic.id == "iptables-rewritten" {
            guard let line = diagnostic.location?.line else { continue }
            notes[line] = notes[line].map { $0 + "; " + diagnostic.message } ?? diagnostic.message
        }
        return notes
    }

    /// Warnings that are no notes about rules that were rewritten.
    fileprivate var remarks: [Diagnostic] {
        diagnostics.filter { $0.severity == .warning && $0.id != "iptables-rewritten" }
    }
}

extension [Diagnostic] {
    /// In the order of their lines.
    fileprivate var inOrder: [Diagnostic] {
        enumerated().sorted {
            ($0.element.location?.line ?? 0, $0.offset) < ($1.element.location?.line ?? 0, $1.offset)
        }.map(\.element)
    }
}

extension DiagnosticError {
    fileprivate static func openFamily(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .unreadable, "family-open", at: SourceLocation(file: name),
            "these rules may be for IPv4 or for IPv6, and neither the text nor its name says which: say --family ip or --family ip6"
        )
    }

    fileprivate static func noFilterTable(_ name: String, _ reading: IPTablesReading) -> DiagnosticError {
        let tables = reading.files.flatMap(\.tables).map { "'\($0.name)'" }
        return DiagnosticError(
            .unreadable, "nothing-to-import", at: SourceLocation(file: name),
            "there is no filter table: nothing to import",
            notes: tables.isEmpty ? [] : ["it has the tables \(tables.joined(separator: ", "))"])
    }
}
