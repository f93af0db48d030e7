import Deployment
import Testing

/// Whose processes are believed, and what their command lines say.
struct DockerProcessesTests {
    private let host = DockerHosts.host("20.10.24", legacy: DockerHosts.save())

    private func settings(_ host: FakeHost) async throws -> DockerSettings {
        try await HostFacts.read(host.sources).docker.settings
    }

    @Test func theCommandLineOfTheDaemonIsRead() async throws {
        var host = host
        host.addProcess(
            7, "dockerd",
            [
                "--userland-proxy=false", "--bridge-accept-fwmark", "0x2/0x2", "--allow-direct-routing",
                "--firewall-backend=iptables", "--iptables=true", "--ip6tables=false",
            ])
        let settings = try await settings(host)
        #expect(settings.userlandProxy == DockerSetting(false, .commandLine))
        #expect(settings.acceptMark == DockerSetting("0x2/0x2", .commandLine))
        #expect(settings.allowDirectRouting == DockerSetting(true, .commandLine))
        #expect(settings.firewallBackend == DockerSetting("iptables", .commandLine))
        #expect(settings.writesRules == DockerSetting(true, .commandLine))
        #expect(settings.writesRules6 == DockerSetting(false, .commandLine))
        #expect(settings.liveRestore == DockerSetting(false, .info))
    }

    @Test func theFileOfTheDaemonIsReadAsItSeesIt() async throws {
        var host = host
        host.texts["/etc/docker/daemon.json"] = #"{"userland-proxy": false, "bridge-accept-fwmark": "0x4"}"#
        #expect(try await settings(host).userlandProxy == DockerSetting(false, .file))
        #expect(try await settings(host).acceptMark == DockerSetting("0x4", .file))
        host.addProcess(7, "dockerd", ["--config-file=/srv/d.json"])
        host.texts["/proc/7/root/srv/d.json"] = #"{"allow-direct-routing": true}"#
        #expect(try await settings(host).userlandProxy == DockerSetting(true, .standard))
        #expect(try await settings(host).allowDirectRouting == DockerSetting(true, .file))
    }

    @Test func whatDockerSaysOfItselfComesFirst() async throws {
        var host = host
        host.info = DockerHosts.info("29.0.1", driver: "iptables", proxy: false)
        host.texts["/etc/docker/daemon.json"] = #"{"userland-proxy": true}"#
        #expect(try await settings(host).userlandProxy == DockerSetting(false, .info))
    }

    @Test func theMarkIsReadFromDockersOwnRules() async throws {
        var host = host
        host.saves["iptables-legacy-save"] = DockerHosts.save().replacing(
            "-A FORWARD -j DOCKER-USER\n",
            with: "-A FORWARD -j DOCKER-USER\n-A DOCKER-FORWARD -m mark --mark 0x1/0x1 -j ACCEPT\n")
        #expect(try await settings(host).acceptMark == DockerSetting("0x1/0x1", .rules))
        let own = DockerHosts.host("29.0.1", driver: "nftables", bridges: DockerHosts.bridges(mark: true))
        #expect(try await settings(own).acceptMark == DockerSetting("0x1/0x1", .rules))
    }

    @Test func aProcessIsBelievedOnlyIfItIsRootsAndItsProgramIsTheOneThatItsNameSays() async throws {
        let arguments = ["--userland-proxy=false"]
        var host = host
        host.addProcess(7, "dockerd", arguments, owner: 1000)
        #expect(try await settings(host).userlandProxy.source == .standard)
        host = self.host
        host.addProcess(7, "dockerd", arguments, program: "/usr/bin/sudo")
        #expect(try await settings(host).userlandProxy.source == .standard)
        host = self.host
        host.addProcess(7, "dockerd", arguments, namespace: 2)
        #expect(try await settings(host).userlandProxy.source == .standard)
        // A program that was replaced by an update is still the one.
        host.addProcess(7, "dockerd", arguments, program: "/usr/bin/dockerd (deleted)")
        #expect(try await settings(host).userlandProxy == DockerSetting(false, .commandLine))
    }

    @Test func ofSeveralDaemonsNoneIsTakenForTheOne() async throws {
        var host = host
        host.addProcess(7, "dockerd", ["--userland-proxy=false"])
        host.addProcess(8, "dockerd", [])
        let docker = try await HostFacts.read(host.sources).docker
        #expect(docker.settings.userlandProxy.source == .standard)
        #expect(docker.notes == ["2 daemons run here: the command line of none of them was read as this one's"])
    }

    @Test func aDaemonWithoutItsCommandDoesNotAnswer() async throws {
        var host = host
        host.missing = ["docker"]
        #expect(try await HostFacts.read(host.sources).docker.engine == .absent)
        host.addProcess(7, "dockerd", [])
        #expect(
            try await HostFacts.read(host.sources).docker.engine == .unreachable("there is no command 'docker'"))
    }
}
