internal import BenchReport
internal import Glibc
internal import RulesetLab

/// The commands that people type, each with the bar that it is held to.
struct CommandBench {
    let seawall: String
    let folder: String

    /// What is measured, in the order of the table.
    func rows() throws -> [Row] {
        var rows = [try version(), try strippedSize()]
        for count in [50, 100, 200, 400] { rows.append(try cold(rules: count)) }
        rows.append(try warm(rules: 200))
        for count in [10_000, 100_000] {
            for backend in ["iptables", "nft"] { rows.append(try document(rules: count, backend: backend)) }
        }
        return rows + (try proofs())
    }

    /// Two documents of which one says with sets what the other says rule by rule: from the files to the answer.
    private func proofs() throws -> [Row] {
        let rules = Workloads.policyShaped(rules: 10_000)
        let (one, other) = (folder + "/rules.json", folder + "/sets.json")
        try write(RulesetDocument.text(rules), to: one)
        try write(RulesetDocument.text(Workloads.setTranslation(of: rules)), to: other)
        let run = try Measurement.median(of: 5) { try Measurement.run(seawall, ["prove", one, other]) }
        return [Row("`seawall prove`: two documents of 10,000 rules and their sets", run, bar: Limit(seconds: 0.4))]
    }

    private func version() throws -> Row {
        let run = try Measurement.median(of: 9) { try Measurement.run(seawall, ["--version"]) }
        return Row("`seawall --version`", run, bar: Limit(seconds: 0.03))
    }

    private func strippedSize() throws -> Row {
        let copy = folder + "/stripped"
        _ = try Measurement.run("/usr/bin/strip", ["--strip-all", "-o", copy, seawall])
        var status = stat()
        guard stat(copy, &status) == 0 else { throw BenchError("cannot strip the binary") }
        return Row("stripped release binary", bytes: Int(status.st_size), bar: Limit(bytes: 25_000_000))
    }

    /// From the file to both outputs: the policy is compiled and run once, the second backend finds it in the cache.
    private func cold(rules: Int) throws -> Row {
        let policy = folder + "/policy-\(rules).swift"
        try write(PolicySource.text(rules: rules), to: policy)
        let run = try Measurement.median(of: 3) {
            _ = try Measurement.run("/bin/rm", ["-rf", folder + "/cache"])
            return try both(policy)
        }
        return Row(
            "\(rules) hand-written rules, file to both outputs, cold", run,
            bar: rules == 200 ? Limit(seconds: 2) : Limit())
    }

    private func warm(rules: Int) throws -> Row {
        let policy = folder + "/policy-\(rules).swift"
        _ = try both(policy)
        return Row(
            "\(rules) hand-written rules, file to both outputs, warm",
            try Measurement.median(of: 5) { try both(policy) }, bar: Limit(seconds: 0.1))
    }

    private func document(rules: Int, backend: String) throws -> Row {
        let path = folder + "/document-\(rules).json"
        if access(path, F_OK) != 0 { try write(BigDocument.text(rules: rules), to: path) }
        let run = try Measurement.median(of: 3) { try compile(path, backend) }
        let bar = rules == 10_000 ? Limit(seconds: 1, bytes: 200_000_000) : Limit(seconds: 10)
        return Row("document of \(rules) rules to \(backend)", run, bar: bar)
    }

    private func both(_ policy: String) throws -> Measurement {
        let first = try compile(policy, "iptables")
        return first.joined(try compile(policy, "nft"))
    }

    private func compile(_ policy: String, _ backend: String) throws -> Measurement {
        let output = backend == "nft" ? folder + "/out.json" : folder + "/out.%f"
        return try Measurement.run(
            seawall, ["compile", policy, "--backend", backend, "-o", output],
            environment: ["SEAWALL_CACHE_DIR": folder + "/cache"])
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        fputs(text, file)
        fclose(file)
    }
}
