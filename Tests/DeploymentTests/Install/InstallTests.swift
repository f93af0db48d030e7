import Diagnostics
import FoundationEssentials
import Glibc
import Testing

@testable import Deployment

/// The units of systemd.
@Suite struct InstallTests {
    private func units(_ folder: TestFolder) -> InstallUnits {
        InstallUnits(
            SystemdUnit.all(executable: TestExecutable.path, state: StateDirectory("/var/lib/seawall")),
            root: folder.path)
    }

    private func names(_ folder: TestFolder) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func whatIsInstalledIsTakenBack() async throws {
        try await withFolder { folder in
            let acts = try units(folder).install()
            let system = "\(folder.path)/etc/systemd/system"
            #expect(
                acts.map { "\($0.kind) \($0.path.dropFirst(system.count + 1))" } == [
                    "wrote seawall.service", "linked sysinit.target.wants/seawall.service",
                    "linked docker.service.requires/seawall.service", "wrote seawall-twin.service",
                    "linked docker.service.wants/seawall-twin.service",
                ])
            #expect(try units(folder).install().allSatisfy { $0.kind == .kept })
            // Somebody else's folder of links stays with what is in it.
            let other = "\(system)/docker.service.wants/other.service"
            try "".write(toFile: other, atomically: false, encoding: .utf8)
            #expect(try units(folder).uninstall().allSatisfy { $0.kind == .removed })
            #expect(
                try names(folder) == [
                    "etc", "etc/systemd", "etc/systemd/system", "etc/systemd/system/docker.service.wants",
                    "etc/systemd/system/docker.service.wants/other.service",
                ])
            #expect(try units(folder).uninstall().isEmpty)
        }
    }

    @Test func theStateIsLoadedBeforeTheNetworkAndDocker() throws {
        let unit = try #require(SystemdUnit.all(executable: "/usr/bin/seawall", state: StateDirectory("/s")).first)
        let lines = unit.text.split(separator: "\n").map(String.init)
        for line in [
            "Before=network-pre.target docker.service shutdown.target", "Wants=network-pre.target",
            "RequiredBy=docker.service", "ExecStart=/usr/bin/seawall boot", "ConditionPathExists=/s/head.json",
            "ProtectSystem=strict", "NoNewPrivileges=yes",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test
    func systemdAcceptsThem() async throws {
        try await withFolder { folder in
            _ = try units(folder).install()
            let system = "\(folder.path)/etc/systemd/system"
            let docker = "[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n"
            try docker.write(toFile: system + "/docker.service", atomically: false, encoding: .utf8)
            let process = HostProcess(
                executable: "/usr/bin/systemd-analyze",
                arguments: ["verify", system + "/seawall.service", system + "/seawall-twin.service"],
                timeout: .seconds(60))
            let outcome = try await process.run()
            #expect(outcome.termination == .exited(0), "\(outcome.errors)")
            #expect(!outcome.errors.contains("seawall"), "\(outcome.errors)")
        }
    }
}
