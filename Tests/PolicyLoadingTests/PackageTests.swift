import Diagnostics
import Glibc
import Seawall
import SystemPackage
import Testing

@testable import PolicyLoading

@Suite struct PackageTests {
    let fixture: Fixture

    init() throws { fixture = try Fixture() }

    private func manifest(_ targets: String, dependencies: String = "") throws {
        try fixture.write(
            "Package.swift",
            """
            // swift-tools-version: 6.2
            import PackageDescription
            let package = Package(name: "host", dependencies: [\(dependencies)], targets: [\(targets)])

            """)
    }

    // One test for all that needs a build: each takes long.
    @Test func aPackageIsBuiltRunAndKept() async throws {
        let root = try Fixture.installation().package.string
        try manifest(
            """
            .executableTarget(name: "Host", dependencies: [
                .product(name: "Seawall", package: "seawall"), .product(name: "Hosts", package: "hosts")])
            """, dependencies: ".package(name: \"seawall\", path: \"\(root)\"), .package(path: \"../hosts\")")
        try fixture.write(
            "../hosts/Package.swift",
            """
            // swift-tools-version: 6.2
            import PackageDescription
            let package = Package(
                name: "hosts", products: [.library(name: "Hosts", targets: ["Hosts"])], targets: [.target(name: "Hosts")])

            """)
        try fixture.write("../hosts/Sources/Hosts/Hosts.swift", "public let office = \"192.0.2.0/24\"\n")
        let rules = "Allow(.tcp(443), from: AddressSet(office)); Drop(from: AddressSet(contentsOf: \"blocklist.txt\"))"
        try fixture.policy(rules, before: "import Hosts", name: "Sources/Host/Policy.swift")
        try fixture.write("blocklist.txt", "192.0.2.9\n")

        let first = try await fixture.load("")
        #expect(!first.wasCached)
        #expect(fixture.shortened(first.warnings) == "")
        #expect(first.document.contents(of: "blocklist.txt") == "192.0.2.9\n")
        guard case .scope(let scope) = try #require(first.document.content.first) else { return #expect(Bool(false)) }
        #expect(scope.location == NodeLocation(file: "Sources/Host/Policy.swift", line: 5))
        #expect(try await fixture.load("").wasCached)

        let at = SourceLocation(file: "Sources/Host/Policy.swift", line: 6)
        let located = first.located([Diagnostic("x", at: at, "m")])
        #expect(fixture.shortened(located) == "DIR/Sources/Host/Policy.swift:6: error: m [x]")

        // A local package that it depends on is an ingredient, too.
        try fixture.write("../hosts/Sources/Hosts/Hosts.swift", "public let office = \"198.51.100.0/24\"\n")
        let second = try await fixture.load("")
        #expect(!second.wasCached && second.document != first.document)

        try fixture.policy("Allow(.tcp(443), to: 3)", name: "Sources/Host/Policy.swift")
        let failure = try await fixture.failure("")
        #expect(
            failure.text.contains("DIR/Sources/Host/Policy.swift:6:34: error: cannot convert value of type 'Int'"),
            "\(failure.text)")
        #expect(failure.text.hasSuffix("DIR: error: the policy does not compile [policy-does-not-compile]"))
    }

    @Test func aPackageWithoutAProgramIsToldSo() async throws {
        try manifest(".target(name: \"Host\")")
        try fixture.write("Sources/Host/Host.swift", "")
        #expect(
            try await fixture.failure("").text
                == "DIR: error: the package has no executable product: expected one, the policy's program [policy-package-product]"
        )
    }

    @Test func aPackageWithSeveralProgramsIsToldTheirNames() async throws {
        try manifest(".executableTarget(name: \"North\"), .executableTarget(name: \"South\")")
        try fixture.write("Sources/North/main.swift", "")
        try fixture.write("Sources/South/main.swift", "")
        #expect(
            try await fixture.failure("").text
                == "DIR: error: the package has several executable products, North, South: expected one, the policy's program [policy-package-product]"
        )
    }

    @Test func aBrokenManifestIsShownAsItIs() async throws {
        try fixture.write(
            "Package.swift", "// swift-tools-version: 6.2\nimport PackageDescription\nlet package = 3 + \"a\"\n")
        let failure = try await fixture.failure("")
        #expect(failure.text.contains("error: "))
        #expect(failure.text.hasSuffix("DIR: error: the policy does not compile [policy-does-not-compile]"))
    }
}
