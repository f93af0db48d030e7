internal import BenchReport

/// What the figures were measured on.
enum Machine {
    /// Processor, kernel, and the versions of all that is measured.
    static func facts(seawall: String, folder: String) -> [BenchResults.Fact] {
        let commands: [(String, String, [String])] = [
            ("kernel", "uname", ["-sr"]), ("seawall", seawall, ["--version"]), ("nft", "nft", ["--version"]),
            ("iptables", "iptables-legacy", ["--version"]), ("ipset", "ipset", ["--version"]),
            ("conntrack", "conntrack", ["--version"]), ("dockerd", "dockerd", ["--version"]),
        ]
        let versions = commands.compactMap { name, program, arguments in
            line(program, arguments, folder).map { BenchResults.Fact(name, $0) }
        }
        return [
            BenchResults.Fact("date", line("date", ["-u", "+%Y-%m-%d"], folder) ?? ""),
            BenchResults.Fact("processor", processor),
            BenchResults.Fact("processors", line("nproc", [], folder) ?? ""),
        ] + versions
    }

    private static var processor: String {
        let text = (try? TextFile.read("/proc/cpuinfo")) ?? ""
        func value(_ key: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix(key + "\t") || $0.hasPrefix(key + " ") }
                .flatMap { $0.split(separator: ":").dropFirst().first }.map { String($0.drop { $0 == " " }) }
        }
        let numbers = ["cpu family", "model"].compactMap { key in value(key).map { "\(key) \($0)" } }
        return ([value("model name") ?? "unknown"] + numbers).joined(separator: ", ")
    }

    /// The first line that a program writes; `nil` if it is not there.
    private static func line(_ program: String, _ arguments: [String], _ folder: String) -> String? {
        let path = folder + "/version"
        guard (try? Measurement.run(program, arguments, output: path)) != nil else { return nil }
        return (try? TextFile.read(path))?.split(separator: "\n").first.map(String.init)
    }
}
