import TestSupport
import Testing

/// The texts of the command line are part of it: what changes in them is seen in review.
struct HelpTests {
    @Test(arguments: [
        "", "init", "check", "compile", "explain", "prove", "diff", "import", "plan", "apply", "migrate", "status",
        "counters",
        "show", "show loaded", "show facts", "completions",
    ])
    func helpIsAsRecorded(command: String) async throws {
        let arguments = command.split(separator: " ").map(String.init) + ["--help"]
        let outcome = try await run(Executable.path, arguments, environment: ["COLUMNS": "80"])
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        expectGolden(outcome.output, "Help/\(command.isEmpty ? "seawall" : command.replacing(" ", with: "-")).txt")
    }

    @Test func theVersionIsTheVersion() async throws {
        let outcome = try await Executable.run("--version")
        #expect(outcome.status == 0 && outcome.output == "seawall 0.1.0\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreWritten(shell: String) async throws {
        let outcome = try await Executable.run("completions", shell)
        #expect(outcome.status == 0 && outcome.output.contains("seawall"))
        if shell == "bash" {
            let parsed = try await run("/bin/bash", ["-n"], input: outcome.output)
            #expect(parsed.status == 0)
        }
    }
}
