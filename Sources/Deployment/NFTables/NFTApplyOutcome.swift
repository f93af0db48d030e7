package import NFTablesBackend

extension NFTApplier {
    /// What was loaded, or would be.
    package struct Outcome: Hashable, Sendable {
        /// The number of chains.
        package var chains: Int
        /// The number of rules in them.
        package var rules: Int
        /// The number of sets.
        package var sets: Int
        /// What was done so that the table holds this, or would be.
        package var change: NFTTableChange
        /// How long each part took.
        package var timings: Timings

        /// Counts, and what was done.
        package init(
            chains: Int, rules: Int, sets: Int, change: NFTTableChange, timings: Timings = Timings()
        ) {
            self.chains = chains
            self.rules = rules
            self.sets = sets
            self.change = change
            self.timings = timings
        }
    }

    /// How long each part of an application took; zero for what was not done.
    package struct Timings: Hashable, Sendable {
        /// Listing what is loaded, and reading the listing.
        package var listing = Duration.zero
        /// Comparing it with what is wanted.
        package var comparing = Duration.zero
        /// Our commands in libnftables, without the start of its process; several attempts together.
        package var transaction = Duration.zero
        /// Asking the kernel whether it holds what was sent.
        package var readBack = Duration.zero

        /// Nothing was done so far.
        package init() {}
    }
}

extension NFTApplier.Timings {
    /// Does something, and adds to a part how long it took.
    mutating func during<Result>(
        _ part: WritableKeyPath<NFTApplier.Timings, Duration>, _ work: () async throws -> Result
    ) async rethrows -> Result {
        let start = ContinuousClock.now
        defer { self[keyPath: part] += ContinuousClock.now - start }
        return try await work()
    }
}
