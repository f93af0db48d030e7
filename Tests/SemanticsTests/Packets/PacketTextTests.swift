import FirewallIR
import PacketModel
import RulesetLab
import Semantics
import TestSupport
import Testing

@Suite("Packets as text")
struct PacketTextTests {
    @Test("Every valid packet has a text, and is read from it again as it was")
    func everyPacketSurvivesItsText() throws {
        let seed = TestEnvironment.seed
        for round in 0..<20_000 * TestEnvironment.rounds {
            var random = SeededGenerator(seed: seed &+ UInt64(round))
            let packet = random.packetState()
            try #require(packet.isValid, "SEAWALL_TEST_SEED=\(seed), round \(round): \(packet)")
            let text = packet.text
            let read = try PacketText.parse(text)
            try #require(read == packet, "SEAWALL_TEST_SEED=\(seed), round \(round): \(text)\n\(packet)\n\(read)")
            try #require(read.text == text && !packet.sentence.isEmpty)
        }
    }

    @Test("Whatever words are read make a valid packet, which survives its own text")
    func whateverIsReadIsValid() throws {
        let seed = TestEnvironment.seed
        var read = 0
        for round in 0..<10_000 * TestEnvironment.rounds {
            var random = SeededGenerator(seed: seed &+ UInt64(round))
            let others = random.packetState().text.split(separator: " ")
            var words = random.packetState().text.split(separator: " ")
            for _ in 0..<random.number(1...4) {
                let place = random.number(0...words.count - 1)
                switch random.number(0...3) {
                case 0: words[place] = random.pick(others)
                case 1 where words.count > 5: words.remove(at: place)
                case 2: words += ["published"]
                default: words += others.suffix(2)
                }
            }
            let text = words.joined(separator: " ")
            guard let packet = try? PacketText.parse(text) else { continue }
            read += 1
            try #require(packet.isValid, "SEAWALL_TEST_SEED=\(seed), round \(round): \(text)\n\(packet)")
            try #require(try PacketText.parse(packet.text) == packet, "round \(round): \(text)\n\(packet.text)")
        }
        #expect(read > 300)
    }

    @Test("A dialled port is a new packet on its way in, without DNAT")
    func aDialledPort() throws {
        let packet = try PacketText.parse("tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0")
        #expect(packet.isValid && packet.state == .new && packet.tcpFlags == .syn)
        #expect(packet.inInterface == "eth0" && packet.outInterface == "docker0")
        #expect(packet.destinationPort == 8080 && packet.entry?.destinationPort == 8080)
        #expect(packet.entry?.direction == .original && packet.entry?.status == [])
        #expect(packet.text == "tcp 203.0.113.9:40000 -> 198.51.100.1:8080 in eth0 out docker0")
    }

    @Test("A reply travels back, from the container, with the tuple that was dialled")
    func aReply() throws {
        let packet = try PacketText.parse("tcp 203.0.113.9:4000 -> 198.51.100.1:8080 to 172.17.0.2:80 reply")
        #expect("\(packet.source)" == "172.17.0.2" && packet.sourcePort == 80)
        #expect("\(packet.destination)" == "203.0.113.9" && packet.destinationPort == 4000)
        #expect(packet.inInterface == "docker0" && packet.outInterface == "eth0")
        #expect(packet.state == .established && packet.tcpFlags == .ack)
        let entry = try #require(packet.entry)
        #expect(entry.direction == .reply && entry.destinationPort == 8080 && "\(entry.source)" == "203.0.113.9")
        #expect(entry.status == [.seenReply, .assured, .confirmed, .dnat])
    }

    @Test("An ICMP error has the family's ICMP and the tuple of its connection")
    func aRelatedError() throws {
        let back = try PacketText.parse("udp [2001:db8::9]:4000 -> [2001:db8::1]:domain related-icmp port-unreachable")
        #expect(back.proto == .icmpv6 && back.icmp == 0x0104 && back.state == .related && back.isValid)
        #expect(back.entry?.proto == .udp && back.entry?.direction == .reply && back.entry?.destinationPort == 53)
        #expect("\(back.source)" == "2001:db8::1")
        let on = try PacketText.parse("tcp 192.0.2.1 -> 192.0.2.2:80 related-icmp original")
        #expect(on.icmp == 0x0304 && on.entry?.direction == .original && "\(on.source)" == "192.0.2.1")
    }

    @Test("A ping's tuple holds its type, and the answer comes back with another")
    func pings() throws {
        let ping = try PacketText.parse("icmp 192.0.2.1 -> 192.0.2.2")
        #expect(ping.icmp == 0x0800 && ping.entry?.destinationPort == 0x0800 && ping.entry?.sourcePort == 0)
        let answer = try PacketText.parse("icmpv6 128/0 2001:db8::1 -> 2001:db8::2 reply")
        #expect(answer.icmp == 0x8100 && answer.entry?.destinationPort == 0x8000)
    }

    @Test("A message that opens no connection is invalid, unless its connection is named or it is said to be new")
    func messagesThatAreNoRequests() throws {
        let ends = "192.0.2.1 -> 192.0.2.2"
        let alone = try PacketText.description("icmp fragmentation-needed \(ends)")
        #expect(alone.state().state == .invalid && alone.state().entry == nil && alone.state().isValid)
        #expect(alone.unsaid.contains(.invalid(0x0304, .ip)))
        #expect(alone.unsaid.map(\.text).contains { $0.hasPrefix("conntrack calls it invalid") })
        for word in ["new", "established", "reply", "published", "status none", "ctmark 1"] {
            let said = try PacketText.description("icmp fragmentation-needed \(ends) \(word)")
            #expect(said.state().entry != nil && !said.isTakenForInvalid, "\(word)")
        }
        let new = try PacketText.parse("icmp fragmentation-needed \(ends) new")
        #expect(new.text.contains(" new ") && new.state == .new)
        #expect(try PacketText.parse(new.text) == new)
        for text in ["icmp \(ends)", "icmp timestamp-request \(ends)", "icmpv6 139/0 2001:db8::1 -> 2001:db8::2"] {
            #expect(try PacketText.parse(text).state == .new)
        }
        #expect(try PacketText.parse("icmpv6 echo-reply 2001:db8::1 -> 2001:db8::2").state == .invalid)
    }

    @Test("Lengths, lives, code points, link addresses and marks of connections are read and written")
    func numbers() throws {
        let text = "tcp 192.0.2.1 -> 192.0.2.2:80 length 1500 ttl 1 dscp 46 mac 00:11:22:aa:bb:0c ctmark 0x10"
        let packet = try PacketText.parse(text)
        #expect(packet.length == 1500 && packet.hopLimit == 1 && packet.dscp == 46)
        #expect(packet.sourceMAC == 0x0011_22aa_bb0c && packet.entry?.mark == 16)
        #expect(packet.text.hasSuffix("length 1500 ttl 1 dscp 46 mac 00:11:22:aa:bb:0c ctmark 0x10"))
        let named = packet.fields.map(\.field.rawValue)
        #expect(["length", "hop-limit", "dscp", "source-mac", "connection-mark"].allSatisfy(named.contains))
        #expect(!(try PacketText.parse("tcp 192.0.2.1 -> 192.0.2.2:80").fields.map(\.field).contains(.length)))
    }

    @Test("Packets without an entry are described themselves")
    func withoutEntry() throws {
        let packet = try PacketText.parse("47 192.0.2.1 -> 192.0.2.2 invalid mark 0x10 fragment link other")
        #expect(packet.entry == nil && packet.state == .invalid && packet.isLaterFragment && packet.mark == 16)
        #expect(packet.packetType == .other && packet.proto.rawValue == 47)
    }

    @Test("The clock is the one that is given where the text says nothing")
    func theClock() throws {
        let text = "tcp 192.0.2.1 -> 192.0.2.2:80"
        #expect(try PacketText.description(text).state(at: 7).time == 7)
        #expect(try PacketText.description(text + " at 2027-01-31T00:00:00Z").state(at: 7).time == 1_801_353_600)
    }

    @Test(
        "Mistakes are named with their column and what was expected",
        arguments: [
            ("", "column 1: the text ends, expected a protocol: tcp"),
            ("tpc 192.0.2.1 -> 192.0.2.2:80", "column 1: found 'tpc', expected a protocol: tcp"),
            ("tcp 192.0.2.1", "column 14: the text ends, expected '->' and the other end"),
            ("tcp 192.0.2.300 -> 192.0.2.2:80", "column 5: found '192.0.2.300', expected an address"),
            ("tcp 192.0.2.1 -> 192.0.2.2", "column 18: found '192.0.2.2', expected an address with a port, since tcp"),
            ("tcp 192.0.2.1 -> 192.0.2.2:99999", "column 18: found '192.0.2.2:99999', expected a port from 0 to 65535"),
            ("tcp 192.0.2.1 -> [2001:db8::1]:80", "column 18: found '[2001:db8::1]:80', expected an IPv4 address"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 at now", "column 34: found 'now', expected an instant in UTC such as"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 at 2027-01-31", "column 34: found '2027-01-31', expected an instant"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 nwe", "column 31: found 'nwe', expected one of 'new', 'established'"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 in", "column 33: the text ends, expected the name of an interface"),
            (
                "tcp 192.0.2.1 -> 192.0.2.2:80 new invalid",
                "column 35: found 'invalid', expected no second state: 'new'"
            ),
            (
                "tcp 192.0.2.1 -> 192.0.2.2:80 invalid reply",
                "column 39: found 'reply', expected no word about a connec"
            ),
            ("gre 192.0.2.1:1 -> 192.0.2.2", "column 5: found '192.0.2.1:1', expected an address without a port: gre"),
            (
                "udp 192.0.2.1 -> 192.0.2.2:80 flags syn",
                "column 31: found 'flags', expected no flags: the packet has no"
            ),
            ("icmp 2001:db8::1 -> 2001:db8::2", "column 1: found 'icmp', expected icmpv6, since the addresses are of"),
            ("icmp ping 192.0.2.1 -> 192.0.2.2", "column 6: found 'ping', expected a type of icmp: echo-reply, "),
            ("1 8/0 2001:db8::1 -> 2001:db8::2", "column 3: found '8/0', expected an address, since there is no type"),
            ("tcp [2001:db8::1]:1 -> [2001:db8::2]:2 fragment", "column 40: found 'fragment', expected no 'fragment'"),
            ("tcp 192.0.2.1:1 -> 192.0.2.2:2 invalid fragment", "column 5: found '192.0.2.1:1', expected an address w"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 dscp 64", "column 36: found '64', expected a code point from 0 to 63"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 mac 0:1:2:3:4:5", "column 35: found '0:1:2:3:4:5', expected an Ethernet"),
            (
                "tcp 192.0.2.1 -> 192.0.2.2:80 invalid ctmark 1",
                "column 39: found 'ctmark', expected no word about a connec"
            ),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 in \"eth", "column 38: the text ends, expected the closing quote"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 status dnat,x", "column 38: found 'dnat,x', expected status bits: exp"),
            ("tcp 192.0.2.1 -> 192.0.2.2:80 type source local type source local", "column 54: found 'source', expect"),
        ])
    func mistakes(_ text: String, _ start: String) {
        let error = #expect(throws: PacketTextError.self) { try PacketText.parse(text) }
        let message = error?.message ?? ""
        #expect(message.hasPrefix(start), "\(message)")
        #expect(message.contains("; for example '"))
    }

    @Test("The examples in messages are right")
    func examplesAreRight() throws {
        for text in [
            "icmpv6 gre 2001:db8::1 -> 2001:db8::2", "icmp x 192.0.2.1 -> 192.0.2.2", "gre 192.0.2.1:1 -> 192.0.2.2",
            "udp 192.0.2.1:1 -> 192.0.2.2:2 related-icmp of udp 192.0.2.1:1 -> 192.0.2.2:2", "x",
        ] {
            let error = try #require(throws: PacketTextError.self) { try PacketText.parse(text) }
            #expect(try PacketText.parse(error.example).isValid)
        }
    }
}
