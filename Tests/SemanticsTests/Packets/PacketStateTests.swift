import PacketModel
import Testing

@testable import Semantics

@Suite("Packets")
struct PacketStateTests {
    @Test("A packet's fields agree: ports, ICMP, flags and the entry are there exactly where the packet has them")
    func validity() throws {
        let source = try #require(IPAddress("192.0.2.1"))
        let destination = try #require(IPAddress("172.17.0.2"))
        var packet = PacketState(
            family: .ip, inInterface: "eth0", outInterface: "docker0", source: source, destination: destination,
            proto: .udp, sourcePort: 1024, destinationPort: 53, state: .invalid)
        #expect(packet.isValid)
        packet.state = .new
        #expect(!packet.isValid)
        packet.state = .untracked
        packet.isLaterFragment = true
        #expect(!packet.isValid)
        packet.sourcePort = nil
        packet.destinationPort = nil
        #expect(packet.isValid)
    }
}
