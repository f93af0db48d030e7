internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

/// What a migration is on paper: the policy, the table, what stays, the proof, and the steps.
enum MigrationFiles {
    /// The files.
    ///
    /// - Parameters:
    ///   - report: what is to be done.
    ///   - name: what the policy is called.
    ///   - inputs: where the rules come from.
    /// - Returns: the files, the policy first.
    /// - Throws: `DiagnosticError` if the policy does not mean what was read.
    static func make(_ report: MigrationReport, name: String, from inputs: [String]) async throws -> [CompiledFile] {
        let plan = report.plan
        let deployable = plan.deployable
        var files: [CompiledFile] = []
        if let imported = plan.imported {
            let options = try EmissionProofOptions.parse([])
            let policy = try await ImportResult.make(imported, to: .policy, named: name, from: inputs, options)
            files += policy.files.filter { !$0.name.hasPrefix("remaining.") }
        }
        if case .nft(let document, _) = deployable.emission {
            files.append(CompiledFile(name: "seawall.nft.json", text: document.jsonText))
            files.append(
                CompiledFile(name: "seawall.nft", text: document.text(header: deployable.pipeline.header(nil))))
        }
        files += plan.parts.filter { !$0.taken.isEmpty }.map(remaining)
        files.append(CompiledFile(name: "migration.txt", text: report.text))
        return files
    }

    /// `DOCKER-USER` as it is left, for `iptables-restore --noflush`.
    private static func remaining(_ part: MigrationPart) -> CompiledFile {
        let chain = IPTablesNames.dockerUser
        let lines =
            ["# load with: \(part.filter.variant.restoreTool(part.family)) --noflush", "*filter"]
            + [IPTablesLine.chain(chain).text]
            + part.taken.left.map { IPTablesLine.appendWords(chain, words: $0.words).text } + ["COMMIT", ""]
        return CompiledFile(
            family: part.family, name: "remaining.\(part.family.suffix)", text: lines.joined(separator: "\n"))
    }
}
