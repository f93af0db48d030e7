import PacketLab
import PacketModel
import Testing

extension PacketLabTests {
    /// Packets that the lab builds, and the state in which the router judges them.
    @Suite struct ProbeTests {
        @Test(arguments: AddressFamily.allCases)
        func everyKindOfPacketArrives(family: AddressFamily) throws {
            try withLab { lab in
                let (client, router, web) = (
                    Host.client.address(family), Host.router.address(family), Host.web.address(family)
                )
                let packets = [
                    Packet(from: client, to: router, .tcp(destination: 8080)),
                    Packet(from: client, to: router, .udp(destination: 5353)),
                    Packet(from: client, to: router, .sctp(destination: 3868)),
                    Packet(from: client, to: router, .udp(destination: 5353)).with { $0.isFragmented = true },
                    Packet(from: client, to: web, .icmp(type: family == .ip ? 8 : 128)),
                    Packet(from: client, to: web, .other(protocol: 47)),
                    Packet(from: client, to: web, .other(protocol: 253)),
                    Packet(from: client, to: web, .tcp(destination: 80, flags: [.fin, .urg])),
                ]
                for (packet, fate) in zip(
                    packets, try lab.send(packets.map { Probe($0, from: .client, reaches: .web) }))
                {
                    #expect(fate == .passed, "\(packet)")
                }
            }
        }

        @Test(arguments: AddressFamily.allCases)
        func aWrongChecksumIsInvalidAndAClassIsUntracked(family: AddressFamily) throws {
            try withLab { lab in
                let packet = Packet(
                    from: Host.client.address(family), to: Host.web.address(family), .tcp(destination: 80))
                let kinds = [
                    packet, packet.with { $0.hasWrongChecksum = true },
                    packet.with { $0.trafficClass = TrafficClass.untracked },
                ]
                let probes = kinds.map { Probe($0, from: .client, reaches: .web) }
                for (position, state) in ["NEW", "INVALID", "UNTRACKED"].enumerated() {
                    try lab.loadDockerUser(["-m conntrack --ctstate \(state) -j DROP"], family)
                    let fates = try lab.send(probes)
                    for index in kinds.indices {
                        #expect(fates[index] == (index == position ? .dropped : .passed), "\(state)")
                    }
                }
            }
        }

        @Test(arguments: AddressFamily.allCases)
        func aClassIsAMark(family: AddressFamily) throws {
            try withLab { lab in
                try lab.loadNFT(
                    "table inet t { chain c { type filter hook forward priority -10; meta mark 17 drop; }; }")
                let packet = Packet(
                    from: Host.client.address(family), to: Host.router.address(family), .tcp(destination: 8080))
                let probes = TrafficClass.marks.map { mark in
                    Probe(packet.with { $0.trafficClass = mark }, from: .client, reaches: .web)
                }
                let fates = try lab.send(probes)
                #expect(fates == TrafficClass.marks.map { $0 == 17 ? .dropped : .passed })
            }
        }

        @Test(arguments: AddressFamily.allCases)
        func answersAreToldApart(family: AddressFamily) throws {
            try withLab { lab in
                try lab.loadDockerUser(
                    [
                        "-p tcp -m conntrack --ctorigdstport 8080 -j REJECT --reject-with tcp-reset",
                        "-p tcp -m conntrack --ctorigdstport 443 -j REJECT", "-p udp -j DROP",
                    ], family)
                let client = Host.client.address(family)
                let payloads: [Packet.Payload] = [
                    .tcp(destination: 8080), .tcp(destination: 443), .tcp(destination: 22), .udp(destination: 5353),
                ]
                let probes = payloads.map { payload in
                    Probe(Packet(from: client, to: Host.router.address(family), payload), from: .client, reaches: .web)
                }
                let unreachable = family == .ip ? Fate.refused(type: 3, code: 3) : .refused(type: 1, code: 4)
                let fates = try lab.send(probes)
                #expect(fates == [.reset, unreachable, .passed, .dropped])
            }
        }
    }
}
