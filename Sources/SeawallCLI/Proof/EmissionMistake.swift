internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import PacketModel
internal import PolicyLoading
internal import Seawall
internal import Semantics

/// Rules that are not the policy that they were made from: a mistake in Seawall, with all that is needed to find it.
struct EmissionMistake {
    let pipeline: CompilationPipeline
    let emission: Emission
    let question: EmissionProof.Question
    let found: Counterexample

    /// The end of the command.
    var error: DiagnosticError {
        DiagnosticError(
            .host, "emitted-rules-differ", at: found.a.decidedBy.map { pipeline.source.shown($0.origin) },
            "the rules of \(emission.backend) are not the policy (\(question.family.displayName)): they differ for \(words.sentence)",
            notes: words.lines + [
                "nothing was written or loaded",
                "this is a mistake in Seawall: please report it with \(writtenReport)",
            ])
    }

    private var words: CounterexampleText {
        func side(_ scope: Scope) -> RulesetInput {
            RulesetInput(
                name: pipeline.ruleset.name, ruleset: Ruleset(name: pipeline.ruleset.name, scopes: [scope]),
                shown: pipeline.source.shown)
        }
        return CounterexampleText(
            found, [side(question.policy), side(question.emitted)], names: ["policy", "rules "], showsTheWay: false)
    }

    // MARK: - The report

    /// The path of a file with the packet, the policy and the rules; what to report instead, if it cannot be written.
    private var writtenReport: String {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        var template = Array("\(folder.isEmpty ? "/tmp" : folder)/seawall-mistake-XXXXXX.txt".utf8CString)
        let descriptor = mkstemps(&template, 4)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0, let file = fdopen(descriptor, "w") else { return "the policy" }
        let isWritten = fputs(report, file) >= 0
        guard fclose(file) == 0 && isWritten else { return "the policy" }
        return "'\(path)', which holds the policy and the rules"
    }

    private var report: String {
        let head = [
            "seawall \(seawallVersion): the rules of \(emission.backend) are not the policy (\(question.family.displayName))",
            words.sentence, PacketDescription(found.packet).text,
        ]
        let parts = [(head + words.lines).joined(separator: "\n") + "\n", pipeline.ruleset.text, emission.text]
        return parts.joined(separator: "\n")
    }
}
