/// The binary that is measured, and what it can do.
struct Seawall {
    let path: String
    private let compileHelp: String
    private let applyHelp: String

    init(_ path: String, folder: String) throws {
        self.path = path
        let help = { (command: String) in
            let file = "\(folder)/help-\(command)"
            _ = try Measurement.run(path, [command, "--help"], output: file)
            return try TextFile.read(file)
        }
        compileHelp = try help("compile")
        applyHelp = try help("apply")
    }

    /// Whether `compile` writes sets unless it is told not to.
    var optimizes: Bool { compileHelp.contains("--no-optimize") }
    /// Whether `apply` reports what its parts take.
    var reportsTimings: Bool { applyHelp.contains("--timings") }
    /// Whether sets of iptables can be asked for.
    var knowsIPSet: Bool { applyHelp.contains("--ipset") }

    /// Compiles as users do: with all that makes the result better, and its proof.
    @discardableResult
    func compile(_ input: String, to backend: String, output: String) throws -> Measurement {
        try Measurement.run(path, ["compile", input, "--backend", backend, "-o", output] + family(backend))
    }

    /// Compiles each rule to what it says by itself.
    func compileLineByLine(_ input: String, to backend: String, output: String) throws {
        let options = optimizes ? ["--no-optimize"] : []
        _ = try Measurement.run(
            path, ["compile", input, "--backend", backend, "--no-proof", "-o", output] + options + family(backend))
    }

    private func family(_ backend: String) -> [String] { backend == "iptables" ? ["--family", "ip"] : [] }
}
