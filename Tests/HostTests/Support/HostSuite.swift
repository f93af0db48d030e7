import PacketLab
import TestSupport
import Testing

/// All tests that change a host while packets pass; they take turns in one lab.
@Suite(.serialized, .hostLab, .needsRoot) enum HostSuite {}

/// The same, cut short at every step: in a lab of their own, beside the others.
@Suite(.serialized, .hostLab, .needsRoot) enum HostFaultSuite {}

/// Builds one lab for a suite, and removes it afterwards.
struct HostLabTrait: SuiteTrait, TestScoping {
    @TaskLocal static var lab: Lab?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let lab = try Lab()
        defer { lab.close() }
        try await Self.$lab.withValue(lab, operation: function)
    }
}

extension Trait where Self == HostLabTrait {
    /// One lab for the whole suite.
    static var hostLab: Self { HostLabTrait() }
}

extension Trait where Self == ConditionTrait {
    /// Root, which namespaces need; in CI the tests run without it all the same, and fail.
    static var needsRoot: Self { .enabled(if: TestEnvironment.mayUseNamespaces, "network namespaces need root") }
}
