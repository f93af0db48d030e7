import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// `Accept` ends the evaluation of the filter table, `Allow` hands a packet on to what Docker decides.
    @Suite struct AcceptTests {
        @Test func underIPTables() throws {
            try judge(Self.policy, under: .iptables, docker: ["-i docker0 -o br-db -j DROP"], options: [])
        }

        @Test func underNFTWithTheMarkThatDockerAccepts() throws {
            let docker = ["-m mark --mark 0x1000/0x1000 -j ACCEPT", "-i docker0 -o br-db -j DROP"]
            try judge(Self.policy, under: .nft, docker: docker, options: ["--accept-mark", "0x1000/0x1000"])
        }

        @Test func underNFTWithoutAMarkIsRefused() throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            let program = try install(Self.policy, backend: .nft, in: lab)
            #expect(program.status == 3, "\(program.complaint)")
            #expect(try Program.demand(["nft", "list", "tables"], in: lab[.router]) == "")
        }

        private static let policy = Containers {
            Between("docker0", "br-db") {
                Accept(.tcp(5432))
                Allow(.tcp(80))
            }
        }.content

        private func judge(_ policy: PolicyContent, under backend: Backend, docker: [String], options: [String]) throws
        {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            for family in AddressFamily.allCases { try lab.appendToForward(docker, family) }
            let installed = try install(policy, backend: backend, in: lab, options: options)
            try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
            for family in AddressFamily.allCases {
                let ports: [UInt16] = [5432, 80, 443]
                let probes = ports.map { Probe.direct(.tcp(destination: $0), family, from: .web, to: .database) }
                let fates = try lab.send(probes)
                #expect(fates == [.passed, .dropped, .dropped], "\(family) under \(backend)")
            }
        }
    }
}
