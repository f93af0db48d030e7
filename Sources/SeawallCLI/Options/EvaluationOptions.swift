internal import ArgumentParser
internal import Diagnostics
internal import PolicyLoading
internal import SystemPackage

/// How a policy is evaluated.
struct EvaluationOptions: ParsableArguments {
    @Option(
        name: .customLong("policy-argument"), parsing: .singleValue,
        help: ArgumentHelp("An argument for the policy's own program; may be given several times.", valueName: "text"))
    var arguments: [String] = []

    @Option(
        name: .customLong("policy-environment"), parsing: .singleValue,
        help: ArgumentHelp(
            "A variable that the policy may see: NAME from the environment, or NAME=VALUE.", valueName: "name"))
    var environment: [String] = []

    @Option(help: ArgumentHelp("How long a policy may run.", valueName: "seconds"))
    var policyTimeLimit = 10

    @Option(help: ArgumentHelp("How much memory a policy may use.", valueName: "MiB"))
    var policyMemoryLimit = 1024

    @Flag(help: "Compile and run the policy even if nothing has changed.")
    var noCache = false

    mutating func validate() throws {
        guard (1...86400).contains(policyTimeLimit) else {
            throw ValidationError("--policy-time-limit: expected 1 to 86400 seconds")
        }
        guard (64...1_048_576).contains(policyMemoryLimit) else {
            throw ValidationError("--policy-memory-limit: expected 64 MiB or more")
        }
    }

    /// Loads a policy.
    func load(_ policy: String) async throws -> LoadedPolicy {
        let loader = self.loader
        return try await Progress.during("compiling and evaluating '\(policy)'") { try await loader.load(policy) }
    }

    /// Loads a policy document that was read before.
    func load(document bytes: [UInt8], named name: String) throws -> LoadedPolicy {
        try loader.load(document: bytes, named: name)
    }

    private var loader: PolicyLoader {
        var options = PolicyLoader.Options()
        options.arguments = arguments
        options.environment = Dictionary(environment.compactMap(EnvironmentWord.read)) { $1 }
        options.timeLimit = policyTimeLimit
        options.memoryLimit = policyMemoryLimit << 20
        if noCache { options.cacheDirectory = nil }
        return PolicyLoader(options: options, installation: .find())
    }
}
