internal import ArgumentParser
internal import PolicyLoading
internal import Subprocess
internal import SystemPackage
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#endif

@main
enum Main {
    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        if words.first == PolicySandbox.command { PolicySandbox.run(Array(words.dropFirst())) }
        await Seawall.main()
    }
}

struct Seawall: AsyncParsableCommand {
    mutating func run() async throws {
        let r = try await Subprocess.run(.name("ls"), output: .string(limit: 1000))
        print(FileManager.default.currentDirectoryPath, r.standardOutput)
    }
}
