internal import BenchReport
internal import PacketLab

/// From rules to the kernel: each tool, in a fresh network namespace for each run.
struct LoadBench {
    private let arguments: Arguments
    private let tools: Tools
    private let folder: String

    init(_ arguments: Arguments, _ seawall: Seawall, _ folder: String) {
        self.arguments = arguments
        tools = Tools(seawall: seawall, folder: folder)
        self.folder = folder
    }

    /// Measures all sizes of both shapes; 50,000 rules are for a bar of their own.
    func measure(_ results: inout BenchResults) throws {
        for shape in [Shape.policy, .hostile] {
            let sizes = shape == .policy ? [100, 1000, 10_000, 50_000, 100_000] : [100, 1000, 10_000, 100_000]
            for rules in arguments.sizes(sizes) {
                let files = try RuleFiles(shape, rules, in: folder)
                let contest = Contest(part: .load, shape: shape, rules: rules, rounds: arguments.isQuick ? 1 : 5)
                contest.run(contenders(files), &results)
                try Report.save(results, arguments)
            }
        }
    }

    private func contenders(_ files: RuleFiles) -> [Contender] {
        let seawall = tools.seawall
        return [
            inNamespace(.apply) { try tools.apply(files.text, in: $0) },
            prepared(.ourJSON) {
                try seawall.compile(files.text, to: "nft", output: files.nft)
                return { try tools.nft(files.nft, in: $0) }
            },
            prepared(.linesJSON) {
                try seawall.compileLineByLine(files.text, to: "nft", output: files.nftLines)
                return { try tools.nft(files.nftLines, in: $0) }
            },
            inNamespace(.legacyRestore) { try tools.restore("iptables-legacy-restore", files.text, in: $0) },
            inNamespace(.nftRestore) { try tools.restore("iptables-nft-restore", files.text, in: $0) },
            prepared(.ourRestore) {
                try seawall.compile(files.text, to: "iptables", output: files.iptables)
                return { try tools.restore("iptables-legacy-restore", files.iptables, in: $0) }
            },
        ]
    }

    /// A contender that needs something first, and is left out if that fails.
    private func prepared(
        _ variant: Variant, _ prepare: () throws -> (Namespace) throws -> Contender.Sample
    ) -> Contender {
        do {
            return inNamespace(variant, try prepare())
        } catch {
            return Contender(variant, leftOut: "\(error)")
        }
    }

    /// A contender whose every run has a namespace that nothing was loaded into.
    private func inNamespace(
        _ variant: Variant, _ work: @escaping (Namespace) throws -> Contender.Sample
    ) -> Contender {
        Contender(variant) {
            let scratch = try ScratchNamespaces(["load"])
            defer { scratch.close() }
            return try work(scratch[0])
        }
    }
}
