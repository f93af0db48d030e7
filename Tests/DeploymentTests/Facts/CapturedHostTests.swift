import Deployment
import Diagnostics
import FirewallIR
import FoundationEssentials
import Glibc
import JSONC
import PacketModel
import Testing

/// Hosts as they were captured with engines of several versions: `Tests/DockerHosts/ENGINE-BACKEND/SITUATION/…`, or the folder
/// that the variable `SEAWALL_DOCKER_HOSTS` names.
@Suite struct CapturedHostTests {
    @Test(arguments: CapturedHost.all) func isDecidedAsItsNameSays(_ host: CapturedHost) async throws {
        let facts = try await HostFacts.read(host.fake().sources)
        #expect(facts.docker.backend.backend == host.backend, "\(facts.docker.backend)")
        let json = facts.json.text(.pretty)
        #expect(try await HostFacts.read(host.fake().sources).json.text(.pretty) == json)
        if host.situation == "stopped-before-switch" {
            #expect(facts.docker.engine == .unreachable("the daemon does not answer"))
        } else {
            #expect(facts.docker.version?.major == host.major)
        }
        #expect(facts.docker.settings.acceptMark.value == (try host.hasAcceptMark() ? "0x1/0x1" : nil))
    }

    /// What an engine on iptables leaves behind is in the way; what forwards nothing any more was captured behind a switch.
    @Test(arguments: CapturedHost.all) func saysWhatIsInTheWayOfDockersNFTables(_ host: CapturedHost) async throws {
        let fake = try host.fake()
        let facts = try await HostFacts.read(fake.sources)
        let found = DockerNFTablesReadiness.find(facts, files: fake)
        let policies = facts.iptables.count { $0.rules.value?.forwardPolicy == "DROP" }
        let jumps = facts.iptables.count { $0.rules.value?.hasDockerUserJump == true }
        #expect(found.count { $0.id == "docker-nft-forward-policy" } == policies)
        #expect(found.count { $0.id == "docker-nft-docker-user" } == jumps)
        #expect(found.contains { $0.id == "docker-nft-engine" } == ((facts.docker.version?.major ?? 0) < 29))
    }

    @Test(arguments: CapturedHost.all) func hasTheListenersThatWereSeen(_ host: CapturedHost) async throws {
        let facts = try await HostFacts.read(host.fake().sources)
        let found = facts.proxyListeners.map {
            "\($0.transport.name) \($0.family) \($0.address?.description ?? "any") \($0.port)"
        }
        #expect(found.sorted() == (try host.listeners()).sorted())
        #expect(facts.proxyNotes == [])
    }
}
