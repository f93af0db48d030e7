import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Connections over TCP that stand when a policy comes.
    @Suite struct RunningConnectionTests {
        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func anAppliedPolicyCutsThemAndSparesTheOthers(backend: Backend, family: AddressFamily) throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            let closed = try lab.open(
                Connection(from: .stranger, .tcp, to: .router, 8080, family), servedBy: .web, at: 80)
            let open = try lab.open(
                Connection(from: .stranger, .tcp, to: .router, 443, family), servedBy: .web, at: 443)
            let outgoing = try lab.open(
                Connection(from: .web, .tcp, to: .stranger, 9000, family), servedBy: .stranger, at: 9000)
            for stream in [closed, open, outgoing] { try #require(stream.passes()) }
            let policy = Containers {
                Inbound(on: "eth0") {
                    Allow(.tcp(443))
                    Default(.drop)
                }
            }
            let installed = try install(policy.content, backend: backend, in: lab)
            try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
            #expect(!closed.passes())
            #expect(open.passes())
            #expect(outgoing.passes())
        }

        @Test(arguments: Backend.allCases, AddressFamily.allCases)
        func theErrorOfAClosedPortReachesTheContainer(backend: Backend, family: AddressFamily) throws {
            let lab = try #require(LabTrait.lab)
            try lab.resetFirewall()
            let policy = Containers {
                Inbound(on: "eth0") {
                    Allow(.udp(5353))
                    Default(.drop)
                }
            }
            let installed = try install(policy.content, backend: backend, in: lab)
            try #require(installed.status == 0, "seawall apply: \(installed.complaint)\(installed.output)")
            let question = Connection(from: .client, .udp, to: .router, 5353, family)
            let exchange = try lab.exchangeWithError(question, servedBy: .web, at: 53)
            #expect(exchange == .errorArrived)
        }
    }
}
