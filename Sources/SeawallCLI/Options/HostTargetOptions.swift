internal import ArgumentParser
internal import Deployment
internal import IPTablesBackend

/// Where and how a policy is put on a host; the same words as those of `seawall apply`.
struct HostTargetOptions: ParsableArguments {
    @Option(help: "iptables or nft.")
    var backend: Backend?

    @Option(help: "The iptables that holds Docker's rules: auto finds it by DOCKER-USER and its jump.")
    var variant = ApplyCommand.Variant.auto

    @Option(
        help: "DOCKER-USER itself (docker-user), a chain SEAWALL (own-chain), or as others' rules in it ask for (auto)."
    )
    var layout = ApplyCommand.Layout.auto

    @Flag(help: "Make DOCKER-USER and its jump where they are missing: for machines whose Docker starts later.")
    var withoutDocker = false

    @Flag(help: "Do not judge at the input hook what docker-proxy accepts past the forward hook.")
    var noTwin = false

    @OptionGroup var setOptions: SetOptions
    @OptionGroup var backendOptions: BackendOptions
    @OptionGroup var optimization: OptimizationOptions

    func validate() throws {
        guard backend == .nft else { return }
        if backendOptions.family != nil {
            throw ValidationError("--family is for iptables: our nft table serves both families")
        }
        if setOptions.ipset { throw ValidationError("--ipset is for iptables: nft has sets of its own") }
        if variant != .auto || layout != .auto || withoutDocker {
            throw ValidationError("--variant, --layout and --without-docker are for iptables")
        }
    }

    /// The backend.
    ///
    /// - Throws: `ValidationError` if it was left out.
    func required() throws -> Backend {
        guard let backend else {
            throw ValidationError("Missing expected argument '--backend <backend>': iptables or nft")
        }
        return backend
    }

    /// The same as settings of a state.
    var settings: DeploymentSettings {
        var settings = DeploymentSettings(backend == .nft ? .nft : .iptables)
        settings.families = backendOptions.families
        settings.variant = IPTablesVariantChoice(rawValue: variant.rawValue) ?? .auto
        settings.layout = IPTablesLayout(rawValue: layout.rawValue)?.rawValue
        settings.acceptMark = backendOptions.acceptMark?.text
        settings.usesSets = setOptions.ipset
        settings.isLineByLine = optimization.noOptimize
        settings.countsRules = optimization.counters == .rule
        settings.hasTwin = !noTwin
        return settings
    }
}
