internal import Deployment
internal import Glibc
internal import NFTablesBackend

extension ManagedHost {
    /// The host of this process, or one of its network namespaces.
    init(_ namespace: NetworkNamespace?) {
        let tools = HostTools()
        self.init(
            store: StateStore(.ofEnvironment(namespace)), tools: tools, nft: NFTProcessRunner(namespace: namespace),
            namespace: namespace, watchdog: WatchdogProcess(tools: tools), steps: FaultInjection.ofEnvironment)
    }
}

/// Steps at which a test lets this process die, stop or fail: `SEAWALL_FAULT=kill:STEP`, `stop:STEP` or `fail:STEP`.
///
/// A release build has none of it.
enum FaultInjection {
    /// What the environment asks for.
    static var ofEnvironment: any DeploymentSteps {
        #if DEBUG
            let words = (getenv("SEAWALL_FAULT").map { String(cString: $0) } ?? "").split(separator: ":")
            guard words.count == 2, let fault = InjectedFault.Kind(rawValue: String(words[0])),
                let step = DeploymentStep(rawValue: String(words[1]))
            else { return NoDeploymentSteps() }
            return InjectedFault(kind: fault, step: step)
        #else
            return NoDeploymentSteps()
        #endif
    }
}

#if DEBUG
    internal import Diagnostics

    private struct InjectedFault: DeploymentSteps {
        enum Kind: String { case kill, stop, fail }

        let kind: Kind
        let step: DeploymentStep

        func reached(_ step: DeploymentStep) async throws {
            guard step == self.step else { return }
            switch kind {
            case .kill: kill(getpid(), SIGKILL)
            case .stop: kill(getpid(), SIGSTOP)
            case .fail:
                throw DiagnosticError(.host, "unexpected", "a test lets the step '\(step.rawValue)' fail")
            }
        }
    }
#endif
