internal import BenchReport
internal import PacketLab

/// One more address in a list that is loaded: by a new version of the policy, and by hand.
struct UpdateBench {
    private let arguments: Arguments
    private let tools: Tools
    private let folder: String

    init(_ arguments: Arguments, _ seawall: Seawall, _ folder: String) {
        self.arguments = arguments
        tools = Tools(seawall: seawall, folder: folder)
        self.folder = folder
    }

    /// Measures the change, and asks for the new element behind each.
    func measure(_ results: inout BenchResults) throws {
        let count = min(100_000, arguments.rules)
        let list = BlockList(count: count)
        let (old, new) = ("\(folder)/list-old.json", "\(folder)/list-new.json")
        try TextFile.write(list.document(withExtra: false), to: old)
        try TextFile.write(list.document(withExtra: true), to: new)
        let scratch = try ScratchNamespaces(["policy", "hash", "interval"])
        defer { scratch.close() }
        let contest = Contest(part: .update, shape: .list, rules: count, rounds: arguments.isQuick ? 1 : 5)
        contest.run(
            [
                Contender(.apply) {
                    _ = try tools.apply(old, in: scratch[0])
                    let sample = try tools.apply(new, in: scratch[0])
                    try expectElement(list.extra, in: scratch[0])
                    return sample
                },
                try byHand(.hashElement, list, flags: "", in: scratch[1]),
                try byHand(.intervalElement, list, flags: "flags interval;", in: scratch[2]),
            ], &results)
    }

    /// A set of the same addresses that somebody wrote, and the command that adds one.
    private func byHand(
        _ variant: Variant, _ list: BlockList, flags: String, in namespace: Namespace
    ) throws -> Contender {
        // Only an interval set holds networks; in the other one their first addresses stand for them.
        let elements = (flags.isEmpty ? list.firstAddresses : list.networks).joined(separator: ", ")
        let file = "\(folder)/\(variant.rawValue).nft"
        try TextFile.write(
            "table ip byhand {\n set s { type ipv4_addr; \(flags) elements = { \(elements) } }\n}\n", to: file)
        _ = try namespace.run { try Measurement.run("nft", ["-f", file]) }
        let element = ["element", "ip", "byhand", "s", "{ \(list.extra) }"]
        return Contender(variant) {
            let sample = try namespace.run { Contender.Sample(try Measurement.run("nft", ["add"] + element)) }
            _ = try namespace.run { try Measurement.run("nft", ["delete"] + element) }
            return sample
        }
    }

    /// Asks all sets of our table for an element; a table that has none holds it in a rule.
    private func expectElement(_ element: String, in namespace: Namespace) throws {
        let listing = try Program.demand(["nft", "-t", "list", "table", "inet", "seawall"], in: namespace)
        let lines = listing.split(separator: "\n").map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }) }
        let names = lines.filter { words in words.count > 1 && words[0] == "set" }.map { words in String(words[1]) }
        let isThere = try names.contains { name in
            try Program.run(
                ["nft", "get", "element", "inet", "seawall", name, "{ \(element) }"], in: namespace
            ).status == 0
        }
        guard isThere || names.isEmpty else { throw BenchError("no set of our table holds \(element)") }
    }
}
