internal import BenchReport
internal import Glibc
internal import JSONC
internal import PacketLab
internal import RulesetLab

/// What the commands for a host take, each with the bar that it is held to.
struct HostBench {
    let seawall: Seawall
    let folder: String

    /// What is measured, in the order of the table.
    func rows() throws -> [Row] {
        let scratch = try ScratchNamespaces(["host"])
        defer { scratch.close() }
        return try ["nft", "iptables"].flatMap { try rows($0, scratch[0]) } + [migration()]
    }

    /// A host with a thousand rules in `DOCKER-USER`, moved to nft; it goes back between two measurements.
    private func migration() throws -> Row {
        let scratch = try ScratchNamespaces(["migration"])
        defer { scratch.close() }
        let files = try RuleFiles(.policy, 1000, in: folder)
        try Program.demand(["iptables-legacy-restore"], in: scratch[0], input: Self.docker)
        try Program.demand(
            ["iptables-legacy-restore", "--noflush"], in: scratch[0], input: try TextFile.read(files.text))
        let measured = try Measurement.median(of: 5) {
            let run = try Measurement.run(
                seawall.path, ["migrate", "--observe", "0", "--netns", scratch[0].name])
            _ = try Measurement.run(seawall.path, ["migrate", "--back", "--netns", scratch[0].name])
            return run
        }
        return Row("`seawall migrate --observe 0` of 1,000 rules", measured, bar: Limit(seconds: 2)).moved(to: .hosts)
    }

    private func rows(_ backend: String, _ namespace: Namespace) throws -> [Row] {
        try Program.demand(["iptables-legacy-restore"], in: namespace, input: Self.docker)
        let (small, large) = ("\(folder)/host-1000.v4", "\(folder)/host-10000.v4")
        for (path, count) in [(small, 1000), (large, 10_000)] {
            let files = try RuleFiles(.policy, count, in: folder)
            try TextFile.write(try TextFile.read(files.text), to: path)
        }
        let apply = try overhead(small, backend, namespace)
        return [
            Row(
                "`seawall plan` of 10,000 rules, 200 containers, to \(backend)",
                try Measurement.median(of: 5) { try plan(large, backend, namespace) }, bar: Limit(seconds: 2)
            ).moved(to: .hosts),
            Row(
                "`seawall apply` of 1,000 rules to \(backend), beside its transaction", apply, bar: Limit(seconds: 0.5)
            ).moved(to: .hosts),
        ]
    }

    /// A host with Docker's chains and nothing else.
    private static let docker = """
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :DOCKER-USER - [0:0]
        -A FORWARD -j DOCKER-USER
        COMMIT

        """

    /// A `docker` that knows of two hundred containers stands first in the path.
    private func plan(_ policy: String, _ backend: String, _ namespace: Namespace) throws -> Measurement {
        let tools = try ManyContainers(count: 200).install(in: folder)
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        return try Measurement.run(
            seawall.path, ["plan", policy] + options(backend, namespace), environment: ["PATH": "\(tools):\(path)"],
            accepting: 1)
    }

    /// What a change takes without what the tools take to load it: facts, compiling, proofs, journal, watchdog.
    private func overhead(_ policy: String, _ backend: String, _ namespace: Namespace) throws -> Measurement {
        let report = folder + "/host.report"
        return try Measurement.median(of: 5) {
            var run = try Measurement.run(
                seawall.path,
                ["apply", policy, "--confirm-within", "60s"] + options(backend, namespace) + Timings.options,
                output: report)
            let json = try JSONValue.parse(try TextFile.read(report).utf8)
            let part = backend == "nft" ? "transaction" : "loading"
            guard case .double(let loading)? = json["timings"]?[part] else {
                throw BenchError("apply does not say how long '\(part)' took")
            }
            run.seconds -= loading
            _ = try Measurement.run(seawall.path, ["rollback", "--netns", namespace.name])
            return run
        }
    }

    private func options(_ backend: String, _ namespace: Namespace) -> [String] {
        ["--backend", backend, "--netns", namespace.name] + (backend == "iptables" ? ["--family", "ip"] : [])
    }
}
