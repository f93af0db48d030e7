import PacketLab
import TestSupport
import Testing

/// All tests beside a real engine; they take turns in one lab for each variant of iptables.
@Suite(.serialized, .dockerLabs, .needsRoot) enum DockerSuite {}

/// The labs of a suite: each is built when it is first asked for, and kept until the end.
actor DockerLabs {
    private var labs: [DockerDaemon.Variant: DockerLab] = [:]

    func lab(_ variant: DockerDaemon.Variant) throws -> DockerLab {
        if let lab = labs[variant] { return lab }
        let lab = try DockerLab(variant)
        labs[variant] = lab
        return lab
    }

    func close() async {
        await withTaskGroup { group in
            for lab in labs.values { group.addTask { lab.close() } }
        }
        labs = [:]
    }
}

/// Removes the labs of a suite behind its tests.
struct DockerLabsTrait: SuiteTrait, TestScoping {
    @TaskLocal static var labs: DockerLabs?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let labs = DockerLabs()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.$labs.withValue(labs, operation: function))
        } catch {
            result = .failure(error)
        }
        await labs.close()
        await Policies.shared.remove()
        try result.get()
    }
}

extension Trait where Self == DockerLabsTrait {
    /// The labs of a suite.
    static var dockerLabs: Self { DockerLabsTrait() }
}

extension Trait where Self == ConditionTrait {
    /// Root, which namespaces need; in CI the tests run without it all the same, and fail.
    static var needsRoot: Self { .enabled(if: TestEnvironment.mayUseNamespaces, "network namespaces need root") }
}
