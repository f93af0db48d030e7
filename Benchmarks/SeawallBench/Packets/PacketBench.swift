internal import BenchReport
internal import PacketLab

/// What a packet costs on its way through the rules.
struct PacketBench {
    private let arguments: Arguments
    private let tools: Tools
    private let folder: String

    init(_ arguments: Arguments, _ seawall: Seawall, _ folder: String) {
        self.arguments = arguments
        tools = Tools(seawall: seawall, folder: folder)
        self.folder = folder
    }

    /// Measures all sizes of both shapes.
    func measure(_ results: inout BenchResults) throws {
        for shape in [Shape.policy, .hostile] {
            for rules in arguments.sizes() {
                Progress.say("packets: \(rules) \(shape.title)")
                try measure(try RuleFiles(shape, rules, in: folder), &results)
                try Report.save(results, arguments)
            }
        }
    }

    /// Each variant has a road of its own, so that its rules are loaded once and rounds can follow each other closely.
    private func measure(_ files: RuleFiles, _ results: inout BenchResults) throws {
        let plan = try PacketPlan(files)
        var ways: [Way] = []
        defer { for way in ways { way.road.close() } }
        for variant in Variant.all(of: .packets) {
            do {
                try expectPatience(variant, files, results)
                let load = try loader(variant, files)
                let way = Way(variant, try Road("\(variant.rawValue)"), plan)
                ways.append(way)
                try load(way.road.router)
                try way.prepare()
            } catch {
                if ways.last?.variant == variant { ways.removeLast().road.close() }
                results.omissions.append(.init(.packets, files.shape, files.rules, variant, "\(error)"))
            }
        }
        rounds(ways, files, &results)
    }

    /// Nobody is always the first after somebody else; who fails is out, with all that was measured of it.
    private func rounds(_ ways: [Way], _ files: RuleFiles, _ results: inout BenchResults) {
        var failed: [Variant] = []
        for round in 0..<arguments.rounds {
            for index in ways.indices {
                let way = ways[(index + round) % ways.count]
                if failed.contains(way.variant) { continue }
                do {
                    for (figure, time) in try way.measure() {
                        results.add(time, to: SeriesKey(.packets, files.shape, files.rules, way.variant, figure))
                    }
                } catch {
                    failed.append(way.variant)
                    results.series.removeAll { series in
                        let key = series.key
                        return key.part == .packets && key.shape == files.shape && key.rules == files.rules
                            && key.variant == way.variant
                    }
                    results.omissions.append(.init(.packets, files.shape, files.rules, way.variant, "\(error)"))
                }
            }
        }
    }

    /// Rules that are gone through line by line are not even loaded where fewer of them were slow already.
    private func expectPatience(_ variant: Variant, _ files: RuleFiles, _ results: BenchResults) throws {
        guard variant == .nftLines || variant == .legacy else { return }
        let costs = results.sizes(of: .packets, files.shape).filter { $0 < files.rules }.compactMap { size in
            results.median(.packets, files.shape, size, variant, .first).map { Double($0) / Double(size) }
        }
        guard let cost = costs.last else { return }
        let expected = cost * Double(files.rules)
        guard expected < Way.patience else {
            throw BenchError(
                "some \(Unit.nanoseconds.text(Int(expected))) for one packet to be expected from fewer rules")
        }
    }

    /// What loads a variant; throws the reason if there is no such variant.
    private func loader(_ variant: Variant, _ files: RuleFiles) throws -> (Namespace) throws -> Void {
        let seawall = tools.seawall
        switch variant {
        case .nft:
            guard seawall.optimizes else { throw BenchError("this seawall does not optimise") }
            try seawall.compile(files.text, to: "nft", output: files.nft)
            return { _ = try tools.nft(files.nft, in: $0) }
        case .nftLines:
            try seawall.compileLineByLine(files.text, to: "nft", output: files.nftLines)
            return { _ = try tools.nft(files.nftLines, in: $0) }
        case .legacy:
            return {
                _ = try tools.restore("iptables-legacy-restore", files.text, in: $0)
                try Program.demand(["iptables-legacy", "-w", "-A", "FORWARD", "-j", "DOCKER-USER"], in: $0)
            }
        case .iptables:
            return { _ = try tools.applyIPTables(files.text, in: $0) }
        case .ipset:
            guard seawall.knowsIPSet else { throw BenchError("this seawall has no --ipset") }
            return { _ = try tools.applyIPTables(files.text, options: ["--ipset"], in: $0) }
        default: return { _ in }
        }
    }
}
