internal import Glibc

/// Random numbers that a seed decides (SplitMix64): a failure is run again by its seed.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Numbers from a seed.
    package init(seed: UInt64) { state = seed }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that does so once in `n` times.
    package mutating func oneIn(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }

    /// One of some values.
    package mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }

    /// Some of the values, at least one, in their order.
    package mutating func some<Value>(_ values: [Value], atMost most: Int = .max) -> [Value] {
        let count = Int.random(in: 1...min(most, values.count), using: &self)
        let places = values.indices.shuffled(using: &self).prefix(count).sorted()
        return places.map { values[$0] }
    }

    /// A number in a range.
    package mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}

/// What the tests can be told by the environment.
package enum TestEnvironment {
    /// The seed of random tests: `SEAWALL_TEST_SEED`, or always the same.
    package static var seed: UInt64 { variable("SEAWALL_TEST_SEED").flatMap { UInt64($0) } ?? 20_261_122 }

    /// How many times more random values are tried: `SEAWALL_TEST_ROUNDS`.
    package static var rounds: Int { variable("SEAWALL_TEST_ROUNDS").flatMap { Int($0) } ?? 1 }

    /// Whether goldens are written anew: `SEAWALL_TEST_RECORD=1`.
    package static var isRecording: Bool { variable("SEAWALL_TEST_RECORD") == "1" }

    /// Whether tests that need root are run: as root, and in CI in any case, where they fail without.
    package static var mayUseNamespaces: Bool { geteuid() == 0 || variable("CI") == "true" }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
