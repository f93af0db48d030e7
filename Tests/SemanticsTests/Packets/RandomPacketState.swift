import FirewallIR
import PacketModel
import RulesetLab
import Semantics

extension SeededGenerator {
    /// A valid packet of any kind, likely or not.
    mutating func packetState() -> PacketState {
        let family = pick(AddressFamily.allCases)
        let proto = pick([
            .tcp, .udp, .icmp, .icmpv6, .sctp, IPProtocol(rawValue: 47), IPProtocol(rawValue: UInt8(next() & 255)),
        ])
        let isFragment = family == .ip && oneIn(8)
        let hasPorts = proto.hasPorts && !isFragment
        let state = pick([ConntrackStateSet.new, .established, .related, .invalid, .untracked])
        var packet = PacketState(
            family: family, inInterface: interface(), outInterface: interface(), source: address(family),
            destination: address(family), proto: proto, sourcePort: hasPorts ? port() : nil,
            destinationPort: hasPorts ? port() : nil, icmp: proto == family.icmp && !isFragment ? message() : nil,
            tcpFlags: proto == .tcp && !isFragment ? TCPFlags(rawValue: pick([2, 16, 18, 0, 255])) : nil,
            isLaterFragment: isFragment, state: state, mark: pick([0, 0, 1, .max]),
            packetType: pick([.host, .host, .broadcast, .multicast, .other]),
            time: pick([0, 0, 1_800_000_000, -5, .max]))
        if ConntrackStateSet.tracked.contains(state) { packet.entry = entry(packet) }
        if oneIn(4) { packet.addressTypes = addressTypes() }
        if oneIn(4) { packet.length = pick([0, 20, 1500, .max]) }
        if oneIn(4) { packet.hopLimit = pick([0, 1, 255]) }
        if oneIn(4) { packet.dscp = pick([1, 46, 63]) }
        if oneIn(4) { packet.sourceMAC = pick([0, 0x0011_2233_aabb, 1 << 48 - 1]) }
        return packet
    }

    /// An entry that often agrees with its packet.
    private mutating func entry(_ packet: PacketState) -> ConntrackEntry {
        let isReply = oneIn(2)
        let proto = oneIn(3) ? pick([.tcp, .udp, .icmp, IPProtocol(rawValue: 47)]) : packet.proto
        let near = isReply ? packet.destination : packet.source
        let far = isReply ? packet.source : packet.destination
        let nearPort = (isReply ? packet.destinationPort : packet.sourcePort) ?? pick([0, 7])
        let farPort = (isReply ? packet.sourcePort : packet.destinationPort) ?? packet.icmp ?? pick([0, 7])
        return ConntrackEntry(
            direction: isReply ? .reply : .original,
            status: ConntrackStatus(rawValue: pick([0, 8, 14, 14 | 32, 32, 1, 0x40, 0x1ff])),
            source: oneIn(4) ? address(packet.family) : near, destination: oneIn(3) ? address(packet.family) : far,
            proto: proto, sourcePort: oneIn(4) ? port() : nearPort, destinationPort: oneIn(4) ? port() : farPort,
            mark: pick([0, 0, 1, .max]))
    }

    private mutating func addressTypes() -> [AddressTypeQuestion: AddressTypeSet] {
        var types: [AddressTypeQuestion: AddressTypeSet] = [:]
        for _ in 0..<number(1...3) {
            let question = AddressTypeQuestion(pick([.source, .destination]), interface: pick([nil, .in, .out]))
            types[question] = pick([.unicast, .local, .broadcast, .unspecified, .prohibit])
        }
        return types
    }

    private mutating func interface() -> String {
        pick(["eth0", "docker0", "docker0", "br-1234567890ab", "in", "->", "", "a \"b\\", "veth0@if3"])
    }

    private mutating func address(_ family: AddressFamily) -> IPAddress {
        family == .ip
            ? .v4(pick([0xac11_0002, 0xcb00_7109, 0, .max, 0xc633_6401]))
            : .v6(pick([0, 1, .max, 0x2001_0db8_0001_0000_0000_0000_0000_0002]))
    }

    private mutating func port() -> UInt16 { pick([0, 22, 80, 443, 8080, 40000, .max]) }

    private mutating func message() -> UInt16 { pick([0x0800, 0, 0x0304, 0x0303, 0x8000, 0x8100, 0x0200, 0xffff]) }
}
