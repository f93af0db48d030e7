internal import BenchReport

/// Somebody who does what others do as well.
struct Contender {
    /// What one run took; the transaction alone, where it is known.
    struct Sample {
        var whole: Measurement
        var transaction: Int?

        init(_ whole: Measurement, transaction: Int? = nil) {
            self.whole = whole
            self.transaction = transaction
        }
    }

    /// Who it is.
    let variant: Variant
    /// What it does, or why it cannot.
    let work: Result<() throws -> Sample, BenchError>

    /// Somebody who is measured.
    init(_ variant: Variant, _ work: @escaping () throws -> Sample) {
        self.variant = variant
        self.work = .success(work)
    }

    /// Somebody who is left out.
    init(_ variant: Variant, leftOut reason: String) {
        self.variant = variant
        work = .failure(BenchError(reason))
    }
}

/// Contenders who do the same with the same rules, one after the other in each round.
struct Contest {
    let part: Part
    let shape: Shape
    let rules: Int
    let rounds: Int

    /// Nobody is waited for longer than so many nanoseconds.
    private static let patience = 180_000_000_000
    /// Who takes longer than so many nanoseconds is measured three times only.
    private static let slow = 5_000_000_000

    /// Runs all rounds; who fails, or would take too long, is left out with the reason.
    func run(_ contenders: [Contender], _ results: inout BenchResults) {
        Progress.say("\(part.rawValue): \(rules) \(shape.title)")
        var running = contenders
        for round in 0..<rounds {
            running = running.filter { contender in
                if round >= 3, last(contender.variant, results) ?? 0 > Self.slow { return true }
                do {
                    try run(contender, round, &results)
                    return true
                } catch {
                    results.omissions.append(.init(part, shape, rules, contender.variant, "\(error)"))
                    return false
                }
            }
        }
    }

    private func run(_ contender: Contender, _ round: Int, _ results: inout BenchResults) throws {
        let work = try contender.work.get()
        if round == 0, let expected = expected(contender.variant, results), expected > Self.patience {
            throw BenchError("some \(Unit.nanoseconds.text(expected)) to be expected from fewer rules")
        }
        let sample = try work()
        let key = { SeriesKey(part, shape, rules, contender.variant, $0) }
        results.add(sample.whole.nanoseconds, to: key(.time))
        results.add(sample.whole.bytes, to: key(.memory))
        if let transaction = sample.transaction { results.add(transaction, to: key(.transaction)) }
    }

    private func last(_ variant: Variant, _ results: BenchResults) -> Int? {
        results[SeriesKey(part, shape, rules, variant, .time)]?.values.last
    }

    /// What a run will take, if it takes as long for each rule as it did for the largest number before.
    private func expected(_ variant: Variant, _ results: BenchResults) -> Int? {
        let before = results.sizes(of: part, shape).filter { $0 < rules }
        return before.reversed().lazy.compactMap { size in
            results.median(part, shape, size, variant, .time).map { $0 / size * rules }
        }.first
    }
}
