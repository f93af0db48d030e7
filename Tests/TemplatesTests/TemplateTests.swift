import FoundationEssentials
import Glibc
import Testing

/// The starter policies: all that are in `templates/`, whatever they are called.
@Suite struct TemplateTests {
    static let names = Project.names(in: "templates")
    private static let goldens = "Tests/TemplatesTests/Goldens"

    /// What each template is compiled to: the golden's folder, and the arguments of `seawall compile`.
    private static let forms = [
        ("iptables", ["--backend", "iptables"]), ("nft", ["--backend", "nft"]), ("sysconfig", ["--for", "sysconfig"]),
        ("netfilter-persistent", ["--for", "netfilter-persistent"]),
        ("nftables-service", ["--for", "nftables-service"]),
    ]

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func thereAreTemplates() { #expect(Self.names.contains("web-host")) }

    @Test func everyGoldenHasATemplate() { #expect(Project.names(in: Self.goldens) == Self.names) }

    @Test(arguments: names) func isCheckedWithoutAWarning(_ name: String) async throws {
        let result = try await Tool.seawall(["check", Project.url("templates/\(name)").path], cache: folder)
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
    }

    @Test(arguments: names) func compilesToItsGoldens(_ name: String) async throws {
        var results: [String: String] = [:]
        for (form, arguments) in Self.forms {
            for (file, text) in try await compile(name, form, arguments) { results["\(form)/\(file)"] = text }
        }
        try Goldens.compare(results, in: "\(Self.goldens)/\(name)")
    }

    @Test(arguments: names) func beginsANewPolicy(_ name: String) async throws {
        let result = try await Tool.seawall(["init", folder.file("new"), "--template", name], cache: folder)
        #expect(result.code == 0, "\(result.errors)")
        for file in Project.names(in: "templates/\(name)") where file != "Policy.swift" {
            #expect(FileManager.default.fileExists(atPath: folder.file("new/\(file)")))
        }
    }

    /// The tools themselves read the goldens: in a namespace that ends with the tool, and without loading anything.
    @Test(.enabled(if: mayUseKernel, "needs root, to make a network namespace of its own"), arguments: names)
    func hasGoldensThatTheToolsAccept(_ name: String) async throws {
        func accepts(_ golden: String, _ tool: String...) async throws {
            let path = Project.url("\(Self.goldens)/\(name)/\(golden)").path
            let result = try await Tool.run("unshare", ["--net", "--"] + tool + [path])
            #expect(result.code == 0, "\(tool[0]) \(golden): \(result.errors)")
        }
        for variant in ["legacy", "nft"] {
            try await accepts("iptables/rules.v4", "iptables-\(variant)-restore", "--test", "--noflush")
            try await accepts("iptables/rules.v6", "ip6tables-\(variant)-restore", "--test", "--noflush")
            for (four, six) in [
                ("sysconfig/iptables", "sysconfig/ip6tables"),
                ("netfilter-persistent/rules.v4", "netfilter-persistent/rules.v6"),
            ] {
                try await accepts(four, "iptables-\(variant)-restore", "--test")
                try await accepts(six, "ip6tables-\(variant)-restore", "--test")
            }
        }
        try await accepts("nft/seawall.nft.json", "nft", "-c", "-j", "-f")
        try await accepts("nftables-service/seawall.nft", "nft", "-c", "-f")
    }

    private static let mayUseKernel = geteuid() == 0 || getenv("CI").map { String(cString: $0) } == "true"

    private func compile(_ name: String, _ form: String, _ arguments: [String]) async throws -> [(String, String)] {
        let output = folder.file(form)
        let template = Project.url("templates/\(name)").path
        let result = try await Tool.seawall(["compile", template] + arguments + ["-o", output + "/"], cache: folder)
        try #require(result.code == 0, "\(result.errors)")
        return try FileManager.default.contentsOfDirectory(atPath: output).map { file in
            (file, try String(contentsOfFile: "\(output)/\(file)", encoding: .utf8))
        }
    }
}
