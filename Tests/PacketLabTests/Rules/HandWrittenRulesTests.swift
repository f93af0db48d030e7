import PacketLab
import PacketModel
import Testing

extension PacketLabTests {
    /// Both engines decide alike, and the lab sees what they decide.
    @Suite struct HandWrittenRulesTests {
        @Test(arguments: HandWrittenRules.Engine.allCases, AddressFamily.allCases)
        func onePortIsForOneClient(engine: HandWrittenRules.Engine, family: AddressFamily) throws {
            try withLab { lab in
                try HandWrittenRules.onePortOneClient.load(into: lab, engine)
                let answers = try lab.dial([
                    Connection(from: .client, .tcp, to: .router, 8080, family),
                    Connection(from: .stranger, .tcp, to: .router, 8080, family),
                    Connection(from: .stranger, .tcp, to: .router, 443, family),
                    Connection(from: .neighbour, .tcp, to: .router, 8080, family),
                    Connection(from: .web, .tcp, to: .stranger, 9000, family),
                ])
                #expect(answers == [.connected, .timeout, .connected, .connected, .connected])
            }
        }

        @Test(arguments: HandWrittenRules.Engine.allCases, AddressFamily.allCases)
        func allButOneClientAreShutOut(engine: HandWrittenRules.Engine, family: AddressFamily) throws {
            try withLab { lab in
                try HandWrittenRules.allButOneClient.load(into: lab, engine)
                let answers = try lab.dial([
                    Connection(from: .client, .tcp, to: .router, 8080, family),
                    Connection(from: .stranger, .udp, to: .router, 5353, family),
                    Connection(from: .web, .tcp, to: .stranger, 9000, family),
                    Connection(from: .web, .udp, to: .stranger, 9000, family),
                ])
                #expect(answers == [family == .ip ? .connected : .timeout, .timeout, .connected, .connected])
            }
        }

        @Test(arguments: HandWrittenRules.Engine.allCases, AddressFamily.allCases)
        func aRelatedErrorPasses(engine: HandWrittenRules.Engine, family: AddressFamily) throws {
            try withLab { lab in
                try HandWrittenRules.allButOneClient.load(into: lab, engine)
                let question = Connection(from: .client, .udp, to: .router, 5353, family)
                let expected: ErrorExchange = family == .ip ? .errorArrived : .questionLost
                let exchange = try lab.exchangeWithError(question, servedBy: .web, at: 53)
                #expect(exchange == expected)
            }
        }

        @Test(arguments: HandWrittenRules.Engine.allCases, AddressFamily.allCases)
        func aRuleTakesHoldOnAConnectionThatStands(engine: HandWrittenRules.Engine, family: AddressFamily) throws {
            try withLab { lab in
                let stream = try lab.open(
                    Connection(from: .stranger, .tcp, to: .router, 8080, family), servedBy: .web, at: 80)
                #expect(stream.passes())
                try HandWrittenRules.onePortOneClient.load(into: lab, engine)
                #expect(!stream.passes())
            }
        }
    }
}
