import FirewallIR
import PacketModel
import RulesetLab

extension SeededGenerator {
    /// A packet that meets much of what a box asks, where there is one.
    mutating func packet(near box: Box?) -> Packet {
        let box = box ?? Box()
        let family: AddressFamily = box.families == .both ? pick([.ip, .ip6]) : box.families.families[0]
        let proto = pick(box.protocols?.samples(or: Vocabulary.protocols) ?? Vocabulary.protocols)
        let isLater = box.isLaterFragment ?? oneIn(30) && family == .ip
        let hasPorts = IPProtocol(rawValue: proto).hasPorts && !isLater
        let hasICMP = proto == (family == .ip ? 1 : 58) && !isLater
        let states = (box.state ?? .all).members
        let state = pick(states.isEmpty ? [.new] : states)
        var packet = Packet(
            family: family, inInterface: interface(box.inInterface), outInterface: interface(box.outInterface),
            source: address(box.source, family), destination: address(box.destination, family), proto: proto,
            sourcePort: hasPorts ? port(box.sourcePort?.values) : nil,
            destinationPort: hasPorts ? port(box.destinationPort?.values) : nil,
            icmp: hasICMP ? pick(box.icmp?.values.samples(or: Vocabulary.icmp) ?? Vocabulary.icmp) : nil,
            tcpFlags: proto == 6 && !isLater ? pick([0x02, 0x12, 0x10, 0x11, 0x04, 0xc2, 0]) : nil,
            isLaterFragment: isLater,
            state: state, entry: nil, mark: pick(Vocabulary.marks),
            packetType: pick((box.packetType ?? .all).members), routing: next(), patience: next(),
            now: pick([1_799_999_999, 1_800_000_000, 1_900_000_000]))
        if !state.isDisjoint(with: .tracked) {
            let ways =
                (box.direction?.values ?? .both).names.isEmpty ? ["original"] : (box.direction?.values ?? .both).names
            packet.entry = Packet.Entry(
                direction: pick(ways) == "original" ? .original : .reply, status: pick(Vocabulary.status),
                source: address(box.originalSource?.values, family),
                destination: address(box.originalDestination?.values, family),
                proto: oneIn(3) ? pick(Vocabulary.protocols) : proto, sourcePort: port(box.originalSourcePort?.values),
                destinationPort: port(box.originalDestinationPort?.values))
        }
        return packet
    }

    private mutating func interface(_ set: InterfaceSet?) -> String {
        let all = Vocabulary.interfaces
        let met = all.filter { set?.contains($0) ?? true }
        return pick(met.isEmpty || oneIn(8) ? all : met)
    }

    private mutating func address(_ set: IPAddressSet?, _ family: AddressFamily) -> IPAddress {
        let all = Vocabulary.addresses(family)
        let met = all.filter { set?.contains($0) ?? true }
        return pick(met.isEmpty || oneIn(8) ? all : met)
    }

    private mutating func port(_ set: IntervalSet<UInt16>?) -> UInt16 {
        if oneIn(8) { return pick(Vocabulary.ports) }
        return pick(set?.samples(or: Vocabulary.ports) ?? Vocabulary.ports)
    }
}

extension IntervalSet {
    /// The ends of the intervals.
    func samples(or others: [Value]) -> [Value] {
        isEmpty ? others : intervals.flatMap { [$0.lowerBound, $0.upperBound] }
    }
}

extension OptionSet where RawValue: FixedWidthInteger, Element == Self {
    /// The members, each as a set of its own.
    var members: [Self] {
        (0..<RawValue.bitWidth).map { Self(rawValue: 1 << RawValue($0)) }.filter { contains($0) }
    }
}
