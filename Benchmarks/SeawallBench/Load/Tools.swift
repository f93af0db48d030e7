internal import PacketLab

/// The tools that load rules, each in a network namespace.
struct Tools {
    let seawall: Seawall
    let folder: String

    /// `seawall apply`, with the time of its transaction where it tells.
    func apply(
        _ input: String, backend: String = "nft", options: [String] = [], in namespace: Namespace
    ) throws -> Contender.Sample {
        let timings = seawall.reportsTimings ? Timings.options : []
        let report = folder + "/apply.report"
        let run = try Measurement.run(
            seawall.path,
            ["apply", input, "--backend", backend, "--netns", namespace.name] + options + timings, output: report)
        return .init(
            run, transaction: seawall.reportsTimings ? Timings.transaction(in: try TextFile.read(report)) : nil)
    }

    /// Our rules of iptables, into a namespace that has no Docker.
    func applyIPTables(_ input: String, options: [String] = [], in namespace: Namespace) throws -> Contender.Sample {
        try apply(
            input, backend: "iptables",
            options: ["--family", "ip", "--variant", "legacy", "--without-docker"] + options, in: namespace)
    }

    /// `nft -j -f`.
    func nft(_ file: String, in namespace: Namespace) throws -> Contender.Sample {
        try namespace.run { .init(try Measurement.run("nft", ["-j", "-f", file])) }
    }

    /// `iptables-legacy-restore` or `iptables-nft-restore`.
    func restore(_ program: String, _ file: String, in namespace: Namespace) throws -> Contender.Sample {
        try namespace.run { .init(try Measurement.run(program, ["--noflush", file])) }
    }
}
