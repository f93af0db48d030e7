internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import Glibc
internal import JSONC

/// The command `seawall install`.
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install the systemd units that keep the policy over a reboot.",
        discussion: """
            seawall.service loads the last confirmed state before the network is up, and Docker does not start without it. \
            seawall-twin.service brings the twin at input up to date on Docker's events. Each file that is written is named; \
            'seawall uninstall' takes all of it back. Needs root.
            """)

    @OptionGroup var target: UnitOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let acts = try target.units.install()
        let isLive = try await target.reload()
        try InstallationReport(acts: acts, isLive: isLive, verb: "installed").write(json: output.json)
    }
}

/// The command `seawall uninstall`.
struct UninstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Take back what 'seawall install' wrote.",
        discussion: """
            The rules stay in the kernel until the next reboot, unless --rules takes them out at once: published ports are open \
            to everybody then. The states stay in the state directory. Needs root.
            """)

    @Flag(help: "Take Seawall's rules out of the kernel as well, of both backends.")
    var rules = false

    @OptionGroup var target: UnitOptions
    @OptionGroup var kernel: KernelOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if rules { try requireNothingHangsOnThem(ManagedHost(kernel.namespace)) }
        let acts = try target.units.uninstall()
        let isLive = try await target.reload()
        if rules {
            try await Interruption.heldOff { try await ForgetHost(ManagedHost(kernel.namespace)).run() }
        }
        try InstallationReport(acts: acts, isLive: isLive, verb: "uninstalled", rules: rules).write(json: output.json)
    }
}

extension UninstallCommand {
    /// Sees to it that nothing is open without our rules that was closed before Seawall came.
    private func requireNothingHangsOnThem(_ host: ManagedHost) throws {
        guard try host.store.readyNow().isEmpty else {
            throw DiagnosticError.readyInForce(try host.store.head().current)
        }
        try MigrateBack.requireNone(on: host)
    }
}

/// Where units go.
struct UnitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write below this folder: for packages and images that are being built.", valueName: "folder"))
    var root = "/"

    @Option(help: ArgumentHelp("The path of seawall that the units call.", valueName: "path"))
    var executable: String?

    /// The units.
    var units: InstallUnits {
        InstallUnits(
            SystemdUnit.all(executable: executable ?? OwnExecutable.path, state: .ofEnvironment()), root: root)
    }

    /// Whether this host is started by systemd.
    static var systemdRuns: Bool { access("/run/systemd/system", F_OK) == 0 }

    /// Tells systemd of them, if it runs and they are its own.
    ///
    /// - Returns: whether it runs.
    func reload() async throws -> Bool {
        guard root == "/", Self.systemdRuns else { return false }
        _ = try await HostTools().run(HostToolCall("systemctl", ["daemon-reload"]))
        return true
    }
}

/// What is said of files that were written or removed.
struct InstallationReport {
    let acts: [InstallUnits.Act]
    let isLive: Bool
    let verb: String
    var rules = false

    /// A line for each file.
    static func text(_ acts: [InstallUnits.Act]) -> String {
        acts.map { "\($0.kind.rawValue) \($0.path)\n" }.joined()
    }

    /// The files.
    static func json(_ acts: [InstallUnits.Act]) -> JSONValue {
        .array(acts.map { ["did": .string($0.kind.rawValue), "path": .string($0.path)] })
    }

    func write(json: Bool) throws {
        if json {
            let report: JSONValue = [
                "outcome": .string(verb), "files": Self.json(acts), "systemd": .bool(isLive),
                "rulesRemoved": .bool(rules),
            ]
            return try Terminal.write(Report.text(report))
        }
        try Terminal.write(acts.isEmpty ? "nothing was installed\n" : Self.text(acts))
        if rules { try Terminal.write("removed Seawall's rules from the kernel\n") }
        if !isLive { try Terminal.write("systemd does not run here: it reads the units at the next start\n") }
    }
}
