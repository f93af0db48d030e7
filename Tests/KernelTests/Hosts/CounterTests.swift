import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// `seawall counters`: each line of a policy counts its own packets, under both engines.
    @Suite struct CounterTests {
        /// The packets that each rule counted, in the order of the policy, without what scopes add.
        private func counted(_ backend: Backend, in lab: Lab) throws -> [String] {
            let arguments =
                [try seawall(), "counters", "--policy", lab.folder + "/policy.json"] + backend.arguments
                + ["--netns", lab[.router].name]
            let outcome = try Program.run(arguments, in: lab[.router], environment: ["TMPDIR": lab.folder])
            try #require(outcome.status == 0, "\(outcome.complaint)\(outcome.output)")
            return outcome.output.split(separator: "\n").dropFirst().filter { !$0.contains(": r") }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
        }

        private func content(@PolicyBuilder _ make: () -> PolicyContent) -> PolicyContent { make() }

        @Test(arguments: Backend.allCases) func eachLineCountsItsPackets(backend: Backend) throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            let policy = content {
                Containers {
                    Inbound(on: "eth0") {
                        Drop(.tcp(443))
                        Drop(.tcp(8080), from: .not("192.0.2.0/24"))
                        Log(.udp(5353))
                        Allow(.udp(5353))
                        Drop(.tcp(9999))
                    }
                }
            }
            let options = backend == .nft ? ["--counters", "rule"] : []
            let installed = try install(policy, backend: backend, in: lab, options: options)
            try #require(installed.status == 0, "\(installed.complaint)")
            #expect(try counted(backend, in: lab) == ["0", "0", "0", "0", "0"])
            _ = try lab.send([
                .tcp(443, .ip), .tcp(443, .ip), .tcp(443, .ip6), .tcp(8080, .ip6), .udp(5353, .ip),
            ])
            #expect(try counted(backend, in: lab) == ["3", "1", "1", "1", "0"])
        }
    }
}
