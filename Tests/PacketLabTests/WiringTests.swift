import PacketLab
import PacketModel
import Testing

@Suite struct WiringTests {
    @Test func tcp() throws {
        let clock = ContinuousClock()
        let begin = clock.now
        let lab = try Lab()
        defer { lab.close() }
        print("built", clock.now - begin)
        for f in AddressFamily.allCases {
        print(try lab.dial([Connection(from: .client, .tcp, to: .router, 8080, f), 
        Connection(from: .stranger, .tcp, to: .router, 8080, f), 
        Connection(from: .neighbour, .tcp, to: .router, 5432, f), 
        Connection(from: .client, .tcp, to: .router, 8081, f), 
        Connection(from: .client, .udp, to: .router, 5353, f), 
        Connection(from: .web, .udp, to: .client, 9000, f), 
        Connection(from: .web, .tcp, to: .client, 9000, f), 
        Connection(from: .web, .tcp, to: .database, 9000, f), 
        ]))
        print(clock.now - begin)
        print(try lab.exchangeWithError(Connection(from: .client, .udp, to: .router, 5353, f), servedBy: .web, at: 53))
        let s = try lab.open(Connection(from: .client, .tcp, to: .router, 8080, f), servedBy: .web, at: 80)
        print(s.passes())
        print(clock.now - begin)
        let r = Host.router.address(f), c = Host.client.address(f)
        print(try lab.send([
          Probe(Packet(from: c, to: r, .tcp(destination: 8080)), from: .client, reaches: .web),
          Probe(Packet(from: c, to: r, .udp(destination: 5353)), from: .client, reaches: .web),
          Probe(Packet(from: c, to: r, .udp(destination: 5353)).with { $0.isFragmented = true }, from: .client, reaches: .web),
          Probe(Packet(from: c, to: r, .sctp(destination: 3868)), from: .client, reaches: .web),
          Probe(Packet(from: c, to: Host.web.address(f), .icmp(type: f == .ip ? 8 : 128)), from: .client, reaches: .web),
          Probe(Packet(from: c, to: Host.web.address(f), .other(protocol: 47)), from: .client, reaches: .web),
          Probe(Packet(from: c, to: r, .tcp(destination: 8081)), from: .client, reaches: .web),
        ]))
        print(clock.now - begin)
        try lab.resetFirewall()
        print(clock.now - begin)
        }
    }
}
