internal import BenchReport

/// From rules to rules: this and other compilers, on the same rules.
struct CompileBench {
    private let arguments: Arguments
    private let seawall: Seawall
    private let folder: String

    init(_ arguments: Arguments, _ seawall: Seawall, _ folder: String) {
        self.arguments = arguments
        self.seawall = seawall
        self.folder = folder
    }

    /// Measures all sizes of both shapes.
    func measure(_ results: inout BenchResults) throws {
        let aerleon = Aerleon(in: folder)
        for shape in [Shape.policy, .hostile] {
            for rules in arguments.sizes() {
                let files = try RuleFiles(shape, rules, in: folder)
                let contest = Contest(part: .compile, shape: shape, rules: rules, rounds: arguments.isQuick ? 1 : 5)
                contest.run(ours(files) + others(files, aerleon), &results)
                try Report.save(results, arguments)
            }
        }
    }

    /// Proof included, as users compile; the documents are of the policy shape only.
    private func ours(_ files: RuleFiles) -> [Contender] {
        func contender(_ variant: Variant, _ input: String, _ backend: String, _ output: String) -> Contender {
            Contender(variant) { .init(try seawall.compile(input, to: backend, output: output)) }
        }
        let texts = [
            contender(.seawallNFT, files.text, "nft", files.nft),
            contender(.seawallIPTables, files.text, "iptables", files.iptables),
        ]
        guard files.shape == .policy else { return texts }
        return texts + [
            contender(.documentNFT, files.document, "nft", files.nft),
            contender(.documentIPTables, files.document, "iptables", files.iptables),
        ]
    }

    private func others(_ files: RuleFiles, _ aerleon: Aerleon) -> [Contender] {
        let translate = Contender(.translate) {
            .init(
                try Measurement.run("iptables-restore-translate", ["-f", files.text], output: folder + "/translated"))
        }
        return [translate, aerleon.contender(files)]
    }
}
