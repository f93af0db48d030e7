internal import BenchReport
internal import Diagnostics
internal import FirewallIR
internal import Glibc
internal import PacketModel
internal import RulesetLab
internal import Semantics

/// The proof engine by itself, on rule sets that are in the IR already, in one thread of this process.
struct ProofBench {
    /// All measurements of the engine; each is checked for its answer, so that none is of a failure.
    func rows() throws -> [Row] {
        let baseline = Clock.median(of: 5) { Baseline.run() }
        var rows = [Row("baseline: sorting a million numbers", baseline)]
        for size in [100, 1000, 10_000, 100_000] { rows += try policies(size) }
        rows.append(try linkAddresses(19_000))
        for size in [100, 1000] { rows.append(try hostile(size, seed: 1)) }
        for seed in 1...5 { rows.append(try hostile(10_000, seed: UInt64(seed))) }
        for size in [100, 1000, 10_000] { rows.append(try lints(size)) }
        for size in [100, 1000, 10_000, 100_000] { rows.append(try difference(size)) }
        for size in [100, 1000, 10_000, 100_000] { rows.append(try explanation(size)) }
        return rows.map { $0.moved(to: .proofs, baseline: baseline) }
    }

    private func policies(_ size: Int) throws -> [Row] {
        try [(FamilySet.ip, "v4"), (.ip6, "v6"), (.both, "both families")].map { families, name in
            let rules = Workloads.policyShaped(rules: size, families: families)
            let sets = Workloads.setTranslation(of: rules)
            return try Row(
                "prove \(size) rules equal to their sets, \(name)", timed(size) { try expectEqual(rules, sets) },
                bar: Self.policyBars[size] ?? Limit())
        }
    }

    private static let policyBars = [
        1000: Limit(seconds: 0.06), 10_000: Limit(seconds: 0.15), 100_000: Limit(seconds: 2, bytes: 500_000_000),
    ]

    private func linkAddresses(_ size: Int) throws -> Row {
        let rules = Workloads.linkAddresses(rules: size)
        let reversed = Workloads.linkAddresses(rules: size, isReversed: true)
        return try Row(
            "prove \(size) sources with link addresses equal in another order",
            timed(size) { try expectEqual(rules, reversed) }, bar: Limit(seconds: 1))
    }

    private func hostile(_ size: Int, seed: UInt64) throws -> Row {
        let rules = Workloads.hostile(rules: size, seed: seed)
        let sets = Workloads.setTranslation(of: rules)
        let bar = size == 1000 ? Limit(seconds: 0.06) : size == 10_000 ? Limit(seconds: 3) : Limit()
        return try Row(
            "prove \(size) hostile rules equal to their sets, seed \(seed)",
            timed(size) { try expectEqual(rules, sets) }, bar: bar)
    }

    private func lints(_ size: Int) throws -> Row {
        let rules = Workloads.policyShaped(rules: size)
        let sources = rules.scopes.flatMap(\.chains).flatMap(\.rules).map { RuleSource(id: $0.id, origin: $0.origin) }
        return try Row(
            "all lints over \(size) rules",
            timed(size) {
                let report = FindLints.run(rules, sources, now: 0)
                guard report.undecided.isEmpty else { throw BenchError("lints over \(size) rules are undecided") }
            }, bar: size == 10_000 ? Limit(seconds: 1) : Limit())
    }

    private func difference(_ size: Int) throws -> Row {
        let rules = Workloads.policyShaped(rules: size)
        let edited = Workloads.edits(of: rules, count: 10)
        return try Row(
            "difference of \(size) rules, 10 of them edited",
            timed(size) {
                let report = FindDifference.run(rules, edited)
                guard !report.changes.isEmpty, report.undecided.isEmpty else { throw BenchError("no difference") }
            }, bar: size == 10_000 ? Limit(seconds: 0.2) : Limit())
    }

    private func explanation(_ size: Int) throws -> Row {
        let rules = Workloads.policyShaped(rules: size)
        guard let scope = rules.scopes.first else { throw BenchError("no scope") }
        let packet = try PacketText.parse("tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0")
        return try Row(
            "explain one packet in \(size) rules",
            timed(size) {
                let explanation = Explanation(packet, Interpreter(scope).evaluate(packet))
                guard explanation.lines().count >= size else { throw BenchError("rules are missing") }
            }, bar: size == 10_000 ? Limit(seconds: 0.05) : Limit())
    }

    private func expectEqual(_ a: Ruleset, _ b: Ruleset) throws {
        for proof in ProveEquality.run(a, b, ProofOptions()).scopes {
            guard proof.answer == .equal(assuming: []) else { throw BenchError("not equal: \(proof)") }
        }
    }

    private func timed(_ size: Int, _ work: () throws -> Void) rethrows -> Measurement {
        try Measurement.median(of: size > 10_000 ? 3 : 5) { try Clock.measure(work) }
    }
}
