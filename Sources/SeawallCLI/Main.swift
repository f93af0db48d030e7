internal import ArgumentParser
internal import Subprocess
internal import SystemPackage
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#endif
@main struct Seawall: AsyncParsableCommand {
    static func main() async {
        ChildCommands.runIfCalled()
        await main(nil)
    }
    mutating func run() async throws {
        let r = try await Subprocess.run(.name("ls"), output: .string(limit: 1000))
        print(FileManager.default.currentDirectoryPath, r.standardOutput)
    }
}
