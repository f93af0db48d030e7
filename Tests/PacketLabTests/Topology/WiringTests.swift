import PacketLab
import PacketModel
import Testing

extension PacketLabTests {
    @Suite struct WiringTests {
        @Test(arguments: AddressFamily.allCases)
        func everybodyReachesWhatDockerWouldLetThemReach(family: AddressFamily) throws {
            try withLab { lab in
                let open = connections(family)
                for (connection, answer) in zip(open, try lab.dial(open)) {
                    #expect(answer == .connected, "\(connection)")
                }
            }
        }

        @Test(arguments: AddressFamily.allCases)
        func aClosedPortIsRefused(family: AddressFamily) throws {
            try withLab { lab in
                let answers = try lab.dial([
                    Connection(from: .client, .tcp, to: .router, 8081, family),
                    Connection(from: .client, .tcp, to: .web, 81, family),
                    Connection(from: .client, .udp, to: .web, 81, family),
                ])
                #expect(answers == [.refused, .refused, .refused])
            }
        }

        @Test(arguments: AddressFamily.allCases)
        func theErrorOfAClosedPortReachesTheContainer(family: AddressFamily) throws {
            try withLab { lab in
                let question = Connection(from: .client, .udp, to: .router, 5353, family)
                let exchange = try lab.exchangeWithError(question, servedBy: .web, at: 53)
                #expect(exchange == .errorArrived)
            }
        }

        private func connections(_ family: AddressFamily) -> [Connection] {
            [Host.client, .stranger, .neighbour].flatMap { client in
                PublishedPort.usual.filter { $0.transport != .sctp }
                    .map { Connection(from: client, $0.transport, to: .router, $0.host, family) }
                    + [Connection(from: client, .tcp, to: .web, 80, family)]
            } + [
                Connection(from: .web, .tcp, to: .client, 9000, family),
                Connection(from: .web, .udp, to: .stranger, 9000, family),
                Connection(from: .database, .tcp, to: .neighbour, 9000, family),
                Connection(from: .web, .tcp, to: .peer, 9000, family),
                Connection(from: .web, .tcp, to: .database, 5432, family),
            ]
        }
    }
}
