import Compiler
import FirewallIR
import FoundationEssentials
import JSONC
import TestSupport
import Testing

@testable import Seawall

/// The starter policies, each compiled once.
actor TemplateRulesets {
    static let shared = TemplateRulesets()
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    private var known: [String: Task<Ruleset, any Error>] = [:]

    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/templates"

    /// What a template is compiled to.
    func ruleset(_ name: String) async throws -> Ruleset {
        let compilation = known[name] ?? Task { try await Self.compiled(name) }
        known[name] = compilation
        return try await compilation.value
    }

    private static func compiled(_ name: String) async throws -> Ruleset {
        let text = try await withFolder { scratch in
            let outcome = try await Executable.run(
                "compile", "--document", "\(folder)/\(name)",
                environment: ["SEAWALL_CACHE_DIR": "\(scratch.path)/cache"])
            try #require(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        return try CompilePolicy.run(PolicyDocument.decode(try JSONValue.parse(text))).ruleset
    }
}
