import FoundationEssentials
import Testing

@testable import Deployment

/// The executable `seawall` that was built beside the tests.
enum TestExecutable {
    static let path: String = {
        let runner = OwnExecutable.path
        return String(runner[..<(runner.lastIndex(of: "/") ?? runner.endIndex)]) + "/seawall"
    }()
}

/// A folder that lives as long as a test.
struct TestFolder {
    let path: String

    /// Writes a file.
    func write(_ name: String, _ text: String, isExecutable: Bool = false) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        if isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file) }
        return file
    }

    /// Writes a shell script that stands for `seawall`.
    func script(_ text: String) throws -> String { try write("seawall", "#!/bin/sh\n\(text)\n", isExecutable: true) }

    /// Builds a libnftables of our own, and gives a script that runs `seawall` with it.
    func executable(withLibrary source: String) async throws -> String {
        let file = try write("nft.c", source)
        let versions = try write("nft.map", "LIBNFTABLES_1 { global: nft_*; };")
        let compiler = HostProcess(
            executable: "/usr/bin/env",
            arguments: [
                "clang", "-shared", "-fPIC", "-o", "\(path)/libnftables.so.1", "-Wl,-soname,libnftables.so.1",
                "-Wl,--version-script=\(versions)", file,
            ],
            timeout: .seconds(240))
        let outcome = try await compiler.run()
        try #require(outcome.termination == .exited(0), "\(outcome.errors)")
        return try script("LD_LIBRARY_PATH='\(path)' exec '\(TestExecutable.path)' \"$@\"")
    }
}

/// Makes a folder, and removes it whatever happens.
func withFolder<T>(_ body: (TestFolder) async throws -> T) async throws -> T {
    let path = FileManager.default.temporaryDirectory.path + "/seawall-test-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(TestFolder(path: path))
}
