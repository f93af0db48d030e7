internal import ArgumentParser
internal import Compiler
internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel
internal import PolicyLoading

/// A policy with all that is needed to load it on a host: compiled, and proved to be the policy.
struct Deployable {
    let pipeline: CompilationPipeline
    let settings: DeploymentSettings
    let emission: Emission
    let proof: EmissionProof

    /// Compiles a policy as the settings say.
    ///
    /// - Throws: `DiagnosticError` if it cannot be expressed, or if what came out is not the policy.
    static func make(
        _ pipeline: CompilationPipeline, _ settings: DeploymentSettings, _ proofOptions: EmissionProofOptions,
        _ watch: inout Stopwatch
    ) async throws -> Deployable {
        let emission = try await watch.during("compile") { try Self.emission(pipeline, settings) }
        let proof = try await watch.during("proof") {
            try await EmissionProof.run(emission, of: pipeline, proofOptions)
        }
        return Deployable(pipeline: pipeline, settings: settings, emission: emission, proof: proof)
    }

    private static func emission(_ pipeline: CompilationPipeline, _ settings: DeploymentSettings) throws -> Emission {
        switch settings.backend {
        case .iptables:
            return .iptables(
                try pipeline.iptables(
                    settings.families, sets: settings.usesSets ? IPSetOptions() : nil,
                    lineByLine: settings.isLineByLine))
        case .nft:
            let mark = settings.mark
            let passes = OptimizeRuleset.Options(countsRules: settings.countsRules)
            return .nft(
                try pipeline.nft(acceptMark: mark, lineByLine: settings.isLineByLine, passes), acceptMark: mark)
        }
    }
}

extension Deployable {
    /// Compiles the policy of a state that is kept, as it was compiled then.
    static func stored(
        _ state: AppliedState, _ store: StateStore, _ watch: inout Stopwatch
    ) async throws -> Deployable {
        let path = store.documentPath(of: state.number)
        let bytes = Array(try store.document(of: state.number).text().utf8)
        let policy = try PolicyLoader(options: .init(), installation: .find()).load(document: bytes, named: path)
        let pipeline = try await watch.during("compile") { try CompilationPipeline(.policy(policy)) }
        return try await make(pipeline, state.settings, try EmissionProofOptions.parse([]), &watch)
    }
}

extension DeploymentSettings {
    /// The mark that Docker accepts.
    var mark: AcceptMark? { acceptMark.flatMap { MarkArgument(argument: $0)?.mark } }
}

extension AcceptMark {
    /// `0x1/0x1`.
    var text: String { "0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))" }
}
