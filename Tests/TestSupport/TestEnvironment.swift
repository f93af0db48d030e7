internal import Glibc

/// What the tests can be told by the environment.
package enum TestEnvironment {
    /// The seed of random tests: `SEAWALL_TEST_SEED`, or always the same.
    package static var seed: UInt64 { variable("SEAWALL_TEST_SEED").flatMap { UInt64($0) } ?? 20_261_122 }

    /// How many times more random values are tried: `SEAWALL_TEST_ROUNDS`.
    package static var rounds: Int { variable("SEAWALL_TEST_ROUNDS").flatMap { Int($0) } ?? 1 }

    /// Whether goldens are written anew: `SEAWALL_TEST_RECORD=1`.
    package static var isRecording: Bool { variable("SEAWALL_TEST_RECORD") == "1" }

    /// Whether what takes long is tested as well: `SEAWALL_LONG_TESTS=1`.
    package static var isLong: Bool { variable("SEAWALL_LONG_TESTS") != nil }

    /// Whether tests that need root are run: as root, and in CI in any case, where they fail without.
    package static var mayUseNamespaces: Bool { geteuid() == 0 || variable("CI") == "true" }

    /// Where Seawall keeps what it did to hosts of tests.
    package static let stateFolder = "/tmp/seawall-test-state-\(getpid())"

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
