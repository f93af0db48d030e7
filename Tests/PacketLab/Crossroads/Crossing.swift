package import PacketModel

/// A packet that comes in at one interface of a router, and leaves at another if nothing stops it.
package struct Crossing: Hashable, Sendable {
    /// The packet as it is sent.
    package var packet: Packet
    /// The interface at which it enters.
    package var entry: String
    /// The interface at which it leaves.
    package var exit: String
    /// Its connection, where conntrack is to know it.
    package var connection: KnownConnection?
    /// Its destination, where rules see it.
    package var destination: IPAddress

    /// A packet on its way.
    package init(
        _ packet: Packet, from entry: String, to exit: String, connection: KnownConnection? = nil,
        destination: IPAddress? = nil
    ) {
        self.packet = packet
        self.entry = entry
        self.exit = exit
        self.connection = connection
        self.destination = destination ?? packet.destination
    }
}

/// Crossings that can be under way at the same time: each address lies at one interface, each connection is one.
struct Round {
    private(set) var crossings: [Int] = []
    private(set) var places: [IPAddress: String] = [:]
    private var tuples: Set<Tuple> = []
    private var resets: Set<Tuple> = []

    private struct Tuple: Hashable {
        var source: IPAddress
        var sourcePort: UInt16
        var destination: IPAddress?
        var destinationPort: UInt16 = 0
        var number: UInt8
    }

    /// Takes one more, if it fits.
    mutating func take(_ crossing: Crossing, _ index: Int) -> Bool {
        if let exit = places[crossing.destination], exit != crossing.exit { return false }
        // An answer of the router's finds its way back.
        if let entry = places[crossing.packet.source], entry != crossing.entry { return false }
        if crossing.destination == crossing.packet.source, crossing.entry != crossing.exit { return false }
        let own = Set(Self.tuples(of: crossing))
        guard tuples.isDisjoint(with: own) else { return false }
        if case .tcp(let port, _, _) = crossing.packet.payload {
            let reset = Tuple(source: crossing.packet.source, sourcePort: port, number: 6)
            guard resets.insert(reset).inserted else { return false }
        }
        tuples.formUnion(own)
        places[crossing.destination] = crossing.exit
        places[crossing.packet.source] = crossing.entry
        crossings.append(index)
        return true
    }

    /// What tells connections apart, in either direction, as it is on both sides of a translation.
    private static func tuples(of crossing: Crossing) -> [Tuple] {
        let packets = [crossing.packet] + (crossing.connection.map { [$0.question, $0.asked] } ?? [])
        return packets.flatMap { packet in
            let (source, destination) = packet.payload.places
            let number = packet.proto.rawValue
            return [
                Tuple(
                    source: packet.source, sourcePort: source, destination: packet.destination,
                    destinationPort: destination, number: number),
                Tuple(
                    source: packet.destination, sourcePort: destination, destination: packet.source,
                    destinationPort: source, number: number),
            ]
        }
    }

    /// Crossings in as few rounds as a look at each finds.
    static func all(_ crossings: [Crossing]) -> [Round] {
        var rounds: [Round] = []
        for (index, crossing) in crossings.enumerated() {
            if rounds.indices.contains(where: { rounds[$0].take(crossing, index) }) { continue }
            var round = Round()
            _ = round.take(crossing, index)
            rounds.append(round)
        }
        return rounds
    }
}
