internal import ArgumentParser
internal import Compiler
internal import Decompiler
internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import Importing
internal import JSONC
internal import PacketModel
internal import PolicyLoading
internal import Seawall
internal import Semantics

/// What imported rules become, proved to mean what was read.
struct ImportResult {
    let rules: ImportedRules
    let files: [CompiledFile]
    /// What should be known although the rules were read.
    let warnings: [Diagnostic]
    /// What is to be said of the rules themselves.
    let lints: [Diagnostic]
    /// What was proved of the result, line by line.
    let proof: [String]

    /// Makes it.
    ///
    /// - Parameters:
    ///   - rules: what was read.
    ///   - result: what is wanted.
    ///   - name: what the policy is called.
    ///   - inputs: where the rules come from.
    ///   - options: whether and how it is proved that the result means what was read.
    /// - Returns: the files, and what is to be said of them.
    /// - Throws: `DiagnosticError` if the result means something else: a mistake in Seawall.
    static func make(
        _ rules: ImportedRules, to result: ImportCommand.Result, named name: String, from inputs: [String],
        _ options: EmissionProofOptions
    ) async throws -> ImportResult {
        let lints = await Progress.during("looking through the rules") { Self.lints(of: rules) }
        var made = Making(rules: rules, options: options)
        switch result {
        case .ir: made.files = [CompiledFile(name: "rules.ir", text: rules.ruleset.text)]
        case .document: try await made.document(name)
        case .policy: try await made.policy(name, inputs)
        }
        made.files += rules.remainders.map {
            CompiledFile(name: "remaining.\($0.family.suffix).save", text: $0.text)
        }
        return ImportResult(
            rules: rules, files: made.files, warnings: rules.warnings + made.warnings, lints: lints, proof: made.proof)
    }

    /// Rules that never match, that nothing depends on, that contradict each other.
    static func lints(of rules: ImportedRules) -> [Diagnostic] {
        let all = rules.ruleset.scopes.flatMap(\.chains).flatMap(\.rules)
        let sources = all.map { RuleSource(id: $0.id, origin: $0.origin) }
        let report = FindLints.run(rules.ruleset, sources, now: Int64(time(nil)))
        let found = report.findings.map(\.diagnostic)
        return report.undecided.isEmpty ? found : found + [.lintsUndecided(report.undecided)]
    }
}

/// A result on its way.
private struct Making {
    let rules: ImportedRules
    let options: EmissionProofOptions
    var files: [CompiledFile] = []
    var warnings: [Diagnostic] = []
    var proof: [String] = []

    mutating func document(_ name: String) async throws {
        let document = Decompile.policy(rules.ruleset, name: name).document
        files = [CompiledFile(name: "policy.json", text: document.json.text(.pretty) + "\n")]
        try await prove { document }
    }

    mutating func policy(_ name: String, _ inputs: [String]) async throws {
        let made = Decompile.policy(
            rules.ruleset, name: name, notes: ["Imported from \(inputs.joined(separator: ", "))."])
        files = made.files.map { CompiledFile(name: $0.path, text: $0.contents) }
        try await prove {
            let folder = try ScratchPolicy(made.files.map { ($0.path, $0.contents) })
            defer { folder.remove() }
            return try await EvaluationOptions.parse([]).load(folder.path).document
        }
    }

    /// Proves that a policy, compiled, means what was read.
    private mutating func prove(_ document: () async throws -> PolicyDocument) async throws {
        guard !options.noProof else {
            warnings.append(.importNotProved("--no-proof was given"))
            return
        }
        let compiled = try CompilePolicy.run(try await document()).ruleset
        let wanted = ProofOptions(strictness: .effects, budget: options.budget)
        let report = await Progress.during("proving that the policy means what was read") { [rules] in
            ProveEquality.run(rules.ruleset, compiled, wanted)
        }
        let spoken = rules.ruleset.scopes.reduce(0) { $0 + $1.families.families.count }
        guard report.scopes.count == spoken else {
            throw DiagnosticError.importDiffers("it does not speak of the same hooks and families")
        }
        for scope in report.scopes {
            let words = "\(scope.hook.rawValue), \(scope.family.displayName)"
            switch scope.answer {
            case .equal: proof.append("the policy means what was read (\(words))")
            case .different(let found):
                throw DiagnosticError.importDiffers("\(words): \(PacketDescription(found.packet).sentence)")
            case .undecided(let reason): warnings.append(.importNotProved("\(words): \(reason.text)"))
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func importNotProved(_ why: String) -> Diagnostic {
        Diagnostic(
            "proof-undecided", .warning, at: nil, "it was not proved that the policy means what was read: \(why)")
    }

    /// That some rules were not looked through.
    static func lintsUndecided(_ families: FamilySet) -> Diagnostic {
        let names = families.families.map(\.displayName).joined(separator: " and ")
        return Diagnostic(
            "lints-undecided", .warning, at: nil,
            "the rules for \(names) cross one another in too many ways to be looked through: nothing is said of rules that do nothing"
        )
    }
}

extension DiagnosticError {
    fileprivate static func importDiffers(_ how: String) -> DiagnosticError {
        DiagnosticError(
            .host, "emitted-rules-differ", "the policy does not mean what was read: \(how)",
            notes: [
                "nothing was written",
                "this is a mistake in Seawall: please report it with the rules; '--to ir' shows what they mean",
            ])
    }
}
