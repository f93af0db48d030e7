internal import ArgumentParser
internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import JSONC
internal import PacketModel
internal import PolicyLoading
internal import Semantics

/// The command `seawall check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Evaluate a policy and say what is wrong with it.",
        discussion:
            "The policy's expectations ('Expect') are errors where they do not hold. What one of the backends cannot express is a warning here, and refused when that backend is compiled to."
    )

    @OptionGroup var policy: PolicyOptions
    @OptionGroup var backend: BackendOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .customLong("allow"),
        help: ArgumentHelp(
            "Do not say this of any rule: \(PolicyLint.allCases.map(\.rawValue).joined(separator: ", ")). May be given several times.",
            valueName: "lint"),
        completion: .list(PolicyLint.allCases.map(\.rawValue)), transform: Self.lint(named:))
    var allowed: [PolicyLint] = []

    func run() async throws {
        let pipeline = try await CompilationPipeline(
            policy, family: backend.family?.family, acceptMark: backend.acceptMark)
        let lints = await Progress.during("looking through the rules") { findings(pipeline) }
        let warnings = pipeline.warnings + refusals(pipeline) + lints
        let broken = pipeline.brokenExpectations(now: Int64(time(nil)))
        guard broken.isEmpty else { throw DiagnosticError(.findings, warnings + broken) }
        let rules = pipeline.ruleCount
        if output.json {
            try Terminal.write(
                Report.text([
                    "outcome": "ok", "policy": .string(pipeline.ruleset.name), "rules": .integer(Int64(rules)),
                    "expectations": .integer(Int64(pipeline.expectations.count)),
                    "diagnostics": Report.diagnostics(warnings), "notCovered": .string(Self.notCovered),
                ]))
            return
        }
        Terminal.show(warnings)
        let count = warnings.isEmpty ? "no warnings" : warnings.count == 1 ? "1 warning" : "\(warnings.count) warnings"
        try Terminal.write(
            "\(pipeline.ruleset.name): \(rules == 1 ? "1 rule" : "\(rules) rules"), \(Self.text(expectations: pipeline.expectations.count))no errors, \(count)\nnot covered: \(Self.notCovered)\n"
        )
    }

    private static func text(expectations count: Int) -> String {
        count == 0 ? "" : count == 1 ? "1 expectation holds, " : "\(count) expectations hold, "
    }

    /// What no document alone can cover, since it does not pass the forward hook (docs/guides/what-is-covered.md).
    private static let notCovered =
        "clients that reach a container through docker-proxy (IPv6 clients of an IPv4-only container, the host itself, containers that dial the host's address) pass the input hook"

    private static func lint(named name: String) throws -> PolicyLint {
        guard let lint = PolicyLint(rawValue: name) else {
            let known = PolicyLint.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is nothing that check finds: expected one of \(known)")
        }
        return lint
    }

    /// What the proof engine finds, in the user's source.
    private func findings(_ pipeline: CompilationPipeline) -> [Diagnostic] {
        let report = FindLints.run(pipeline.ruleset, pipeline.sources, now: Int64(time(nil)))
        let found = report.findings.filter { !allowed.contains($0.lint) }.map(\.diagnostic)
        guard !report.undecided.isEmpty else { return pipeline.source.located(found) }
        return pipeline.source.located(found) + [.lintsUndecided(report.undecided)]
    }

    private func refusals(_ pipeline: CompilationPipeline) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for lower in [
            { _ = try pipeline.iptables(backend.families) },
            { _ = try pipeline.nft(acceptMark: backend.acceptMark) },
        ] {
            do {
                try lower()
            } catch {
                found += ((error as? DiagnosticError)?.diagnostics ?? []).map { diagnostic in
                    var warning = diagnostic
                    warning.severity = .warning
                    return warning
                }
            }
        }
        return found
    }
}
