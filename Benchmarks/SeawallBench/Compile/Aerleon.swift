internal import BenchReport
internal import FirewallIR
internal import Glibc
internal import PacketModel

/// The nftables generator of aerleon, a compiler of network policies that is written in Python.
///
/// It comes from PyPI into a folder of the run. Its terms know no published ports: the port that a rule names is taken as the
/// packet's own, which is not what the other compilers write, but as much work.
struct Aerleon {
    private let folder: String
    private let failure: BenchError?

    /// Installs it.
    init(in folder: String) {
        self.folder = folder + "/aerleon"
        do {
            _ = try Measurement.run("python3", ["-m", "venv", self.folder])
            _ = try Measurement.run(self.folder + "/bin/pip", ["install", "--quiet", "aerleon"])
            failure = nil
        } catch {
            failure = BenchError("aerleon cannot be installed from PyPI here")
        }
    }

    /// What it does with some rules.
    func contender(_ files: RuleFiles) -> Contender {
        if let failure { return Contender(.aerleon, leftOut: failure.description) }
        guard files.shape == .policy else {
            return Contender(.aerleon, leftOut: "its terms have no directions and no dialled addresses")
        }
        do {
            let base = "\(folder)/\(files.rules)"
            try write(files, to: base)
            return Contender(.aerleon) {
                // It writes only what has changed.
                _ = try Measurement.run("rm", ["-f", base + "/out/policy.nft"])
                let run = try Measurement.run(
                    folder + "/bin/aclgen",
                    [
                        "--base_directory", base, "--definitions_directory", base + "/def", "--output_directory",
                        base + "/out",
                    ])
                guard access(base + "/out/policy.nft", R_OK) == 0 else { throw BenchError("aerleon wrote nothing") }
                return .init(run)
            }
        } catch {
            return Contender(.aerleon, leftOut: "\(error)")
        }
    }

    /// One term for each rule; networks and services have names of their own, as the language asks for.
    private func write(_ files: RuleFiles, to base: String) throws {
        for folder in ["", "/def", "/pol", "/out"] {
            guard mkdir(base + folder, 0o700) == 0 || errno == EEXIST else { throw BenchError("cannot make \(base)") }
        }
        var networks: [String] = []
        var services: Set<String> = []
        var terms = ["header {\n  target:: nftables inet forward\n}"]
        // The first two rules are what its generator adds by itself: replies and errors pass.
        for rule in files.ruleset.scopes.flatMap(\.chains).flatMap(\.rules).dropFirst(2) {
            guard let box = rule.condition.first else { continue }
            var lines = ["  source-interface:: eth0"]
            if let source = box.source?.ranges(of: .ip).first {
                networks.append("N\(terms.count) = \(source)")
                lines.append("  source-address:: N\(terms.count)")
            }
            if let proto = box.protocols?.single, let port = box.originalDestinationPort?.values.single {
                let name = IPProtocol(rawValue: proto).name
                services.insert("P\(name)\(port) = \(port)/\(name)")
                lines += ["  protocol:: \(name)", "  destination-port:: P\(name)\(port)"]
            }
            lines.append("  action:: \(rule.verdict == .drop ? "deny" : "accept")")
            terms.append("term t\(terms.count) {\n\(lines.joined(separator: "\n"))\n}")
        }
        try TextFile.write(networks.joined(separator: "\n") + "\n", to: base + "/def/networks.net")
        try TextFile.write(services.sorted().joined(separator: "\n") + "\n", to: base + "/def/services.svc")
        try TextFile.write(terms.joined(separator: "\n") + "\n", to: base + "/pol/policy.pol")
    }
}
