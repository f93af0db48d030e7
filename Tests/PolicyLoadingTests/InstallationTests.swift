import Diagnostics
import Glibc
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct InstallationTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    private func failure(
        environment: [String: String] = Fixture.environment, change: (inout Installation) throws -> Void = { _ in }
    ) async throws -> Fixture.Failure {
        try fixture.policy()
        var installation = try Fixture.installation()
        try change(&installation)
        let loader = PolicyLoader(
            options: fixture.options, installation: installation, version: seawallVersion, environment: environment)
        let path = fixture.path("Policy.swift")
        return fixture.failure(
            try #require(await #expect(throws: DiagnosticError.self) { _ = try await loader.load(path) }))
    }

    private let hint =
        "seawall: note: a policy document needs no compiler: seawall compile --document writes one where there is one"

    @Test func withoutACompilerADocumentIsTheWayOut() async throws {
        let failure = try await failure(environment: ["PATH": fixture.folder.string])
        #expect(failure.outcome == .host)
        #expect(
            failure.text == """
                seawall: error: no Swift compiler: there is no swiftc in PATH, and SEAWALL_SWIFTC is not set [compiler-missing]
                \(hint)
                """)
    }

    @Test func aNamedCompilerThatIsNotThereIsNamed() async throws {
        #expect(
            try await failure(environment: ["SEAWALL_SWIFTC": "/nowhere/swiftc"]).text == """
                seawall: error: there is no program /nowhere/swiftc, which SEAWALL_SWIFTC names [compiler-missing]
                \(hint)
                """)
    }

    @Test func anotherCompilerIsRefusedWithBothVersions() async throws {
        let swiftc = try fixture.write("bin/swiftc", "#!/bin/sh\necho 'Swift version 5.0'\n")
        chmod(swiftc, 0o755)
        let version = try fixture.write("swiftc-version", "Swift version 6.3.1 (swift-6.3.1-RELEASE)\n")
        let failure = try await failure(environment: ["SEAWALL_SWIFTC": swiftc]) {
            $0.compilerVersion = FilePath(version)
        }
        #expect(failure.outcome == .host)
        #expect(
            failure.text == """
                seawall: error: DIR/bin/swiftc is 'Swift version 5.0', but this Seawall needs 'Swift version 6.3.1 (swift-6.3.1-RELEASE)', which it was built with [compiler-version]
                seawall: note: SEAWALL_SWIFTC names another compiler
                \(hint)
                """)
    }

    @Test func aMissingPartIsNamed() async throws {
        let failure = try await failure { $0.modules = "/nowhere" }
        #expect(failure.outcome == .host)
        #expect(
            failure.text == """
                seawall: error: cannot compile a policy: /nowhere/Seawall.swiftmodule is missing [installation-incomplete]
                seawall: note: SEAWALL_LIBRARY_DIR names the folder of Seawall's modules
                \(hint)
                """)
    }

    @Test func aProgramThatCannotRunThePolicyIsAHostError() async throws {
        let program = try fixture.write(
            "seawall", "#!/bin/sh\necho 'seawall: cannot restrict the policy: the network: no' >&2; exit 125\n")
        chmod(program, 0o755)
        let failure = try await failure { $0.executable = FilePath(program) }
        #expect(failure.outcome == .host)
        #expect(failure.text == "seawall: error: cannot restrict the policy: the network: no [sandbox-failed]")
    }

    @Test func theInstalledFormLiesBesideTheProgram() throws {
        let program = FilePath(try fixture.write("bin/seawall", ""))
        try fixture.write("lib/seawall/libSeawall.a", "")
        let root = FileReading.realPath(fixture.folder)
        let found = Installation.find(executable: program, environment: [:])
        #expect(found.archive == root.appending("lib/seawall/libSeawall.a"))
        #expect(found.modules == root.appending("lib/seawall/Modules"))
        #expect(
            found.moduleMaps == [
                root.appending("lib/seawall/CJSONC/module.modulemap"),
                root.appending("lib/seawall/CLinux/module.modulemap"),
            ])
        #expect(found.compilerVersion == root.appending("lib/seawall/swiftc-version"))
        #expect(found.package == root.appending("lib/seawall/package"))
    }

    @Test func aVariableNamesAnotherFolder() throws {
        try fixture.write("other/libSeawall.a", "")
        let found = Installation.find(
            executable: "/bin/true", environment: ["SEAWALL_LIBRARY_DIR": fixture.path("other")])
        #expect(found.archives == FileReading.realPath(fixture.folder).appending("other"))
        #expect(found.executable == "/bin/true")
    }

    @Test func aDevelopmentTreeIsFoundFromTheProgram() throws {
        let build = FileReading.realPath("/proc/self/exe").removingLastComponent()
        let found = Installation.find(executable: build.appending("seawall"), environment: [:])
        #expect(found == (try Fixture.installation()))
        #expect(FileReading.exists(found.package.appending("Package.swift")))
        #expect(throws: Never.self) { try found.check() }
    }
}
