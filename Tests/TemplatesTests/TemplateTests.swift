import FoundationEssentials
import TestSupport
import Testing

/// The starter policies: all that are in `templates/`, whatever they are called.
@Suite struct TemplateTests {
    static let names = Project.names(in: "templates")
    private static let goldens = "Tests/TemplatesTests/Goldens"

    /// What each template is compiled to: the golden's folder, and the arguments of `seawall compile`.
    private static let forms = [
        ("iptables", ["--backend", "iptables"]),
        ("nft", ["--backend", "nft"]),
        ("sysconfig", ["--for", "sysconfig"]),
        ("netfilter-persistent", ["--for", "netfilter-persistent"]),
        ("nftables-service", ["--for", "nftables-service"]),
    ]

    @Test func thereAreTemplates() { #expect(Self.names.contains("web-host")) }

    @Test func everyGoldenHasATemplate() { #expect(Project.names(in: Self.goldens) == Self.names) }

    @Test(arguments: names) func isCheckedWithoutAWarning(_ name: String) async throws {
        try await withFolder { folder in
            let outcome = try await seawall(["check", Project.url("templates/\(name)").path], cache: folder)
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
        }
    }

    @Test(arguments: names) func compilesToItsGoldens(_ name: String) async throws {
        try await withFolder { folder in
            var results: [String: String] = [:]
            for (form, arguments) in Self.forms {
                let files = try await compile(name, form, arguments, folder)
                for (file, text) in files { results["\(form)/\(file)"] = text }
            }
            try Goldens.compare(results, in: "\(Self.goldens)/\(name)")
        }
    }

    @Test(arguments: names) func beginsANewPolicy(_ name: String) async throws {
        try await withFolder { folder in
            let outcome = try await seawall(["init", "\(folder.path)/new", "--template", name], cache: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            for file in Project.names(in: "templates/\(name)") where file != "Policy.swift" && file != "Tests" {
                #expect(folder.read("new/\(file)") != nil)
            }
            let tests = Project.names(in: "templates/\(name)/Tests")
            #expect(tests.count == 1)
            for file in tests {
                let type = file.replacing(".swift", with: "")
                #expect(
                    folder.read("new/Tests/\(type)/\(file)") == (try Project.text("templates/\(name)/Tests/\(file)")))
            }
        }
    }

    /// The tools themselves read the goldens: in a namespace that ends with the tool, and without loading anything.
    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace"), arguments: names)
    func hasGoldensThatTheToolsAccept(_ name: String) async throws {
        func accepts(_ golden: String, _ tool: String...) async throws {
            let path = Project.url("\(Self.goldens)/\(name)/\(golden)").path
            let outcome = try await run("/usr/bin/unshare", ["--net", "--"] + tool + [path])
            #expect(outcome.status == 0, "\(tool[0]) \(golden): \(outcome.errors)")
        }
        for variant in ["legacy", "nft"] {
            try await accepts("iptables/rules.v4", "iptables-\(variant)-restore", "--test", "--noflush")
            try await accepts("iptables/rules.v6", "ip6tables-\(variant)-restore", "--test", "--noflush")
            try await accepts("sysconfig/iptables", "iptables-\(variant)-restore", "--test")
            try await accepts("sysconfig/ip6tables", "ip6tables-\(variant)-restore", "--test")
            try await accepts("netfilter-persistent/rules.v4", "iptables-\(variant)-restore", "--test")
            try await accepts("netfilter-persistent/rules.v6", "ip6tables-\(variant)-restore", "--test")
        }
        try await accepts("nft/seawall.nft.json", "nft", "-c", "-j", "-f")
        try await accepts("nftables-service/seawall.nft", "nft", "-c", "-f")
    }

    private func compile(
        _ name: String, _ form: String, _ arguments: [String], _ folder: TestFolder
    ) async throws -> [(String, String)] {
        let template = Project.url("templates/\(name)").path
        let output = ["-o", "\(folder.path)/\(form)/"]
        let outcome = try await seawall(["compile", template] + arguments + output, cache: folder)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(form)")
        return files.map { ($0, folder.read("\(form)/\($0)") ?? "") }
    }
}

/// Runs `seawall` with a cache of its own.
func seawall(_ arguments: [String], cache: TestFolder) async throws -> ShellOutcome {
    try await run(Executable.path, arguments, environment: ["SEAWALL_CACHE_DIR": "\(cache.path)/cache"])
}
