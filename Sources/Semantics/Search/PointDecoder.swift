internal import FirewallIR
internal import PacketModel

/// Turns a point of a query's space into a packet: values that people know where the point leaves a choice.
struct PointDecoder {
    let query: Query
    /// What the point says; dimensions that are not named are free.
    let point: [Dimension: ClosedRange<UInt32>]

    private var domains: Domains { query.space.domains }

    /// The packet.
    func packet() -> PacketState {
        let proto = protos()
        let state = point[.state].map { Domains.states[Int($0.lowerBound)] } ?? .new
        let isLater = point[.fragment] == 1...1
        let hasPorts = proto.packet.hasPorts && !isLater
        var packet = PacketState(
            family: query.family, inInterface: interface(.inInterface, otherwise: "eth0"),
            outInterface: interface(.outInterface, otherwise: query.hook == .output ? "eth0" : "docker0"),
            source: sources().packet, destination: destinations().packet, proto: proto.packet,
            isLaterFragment: isLater, state: state, mark: masked(domains.mark, .mark) ?? 0,
            packetType: point[.packetType].map { Domains.packetTypes[Int($0.lowerBound)] } ?? .host)
        if hasPorts {
            packet.sourcePort = sourcePorts().packet
            packet.destinationPort = destinationPorts().packet
        }
        if !isLater && packet.proto == query.family.icmp { packet.icmp = icmp() }
        if !isLater && packet.proto == .tcp {
            packet.tcpFlags = TCPFlags(rawValue: masked(domains.tcpFlags, .tcpFlags) ?? usualFlags(state).rawValue)
        }
        if ConntrackStateSet.tracked.contains(state) { packet.entry = entry(proto.connection, packet) }
        for axis in query.space.axes {
            if case .addressType(let question) = axis.dimension, let atoms = point[axis.dimension] {
                packet.addressTypes[question] = domains.addressTypes[Int(atoms.lowerBound)]
            }
        }
        for field in NumericField.allCases { if let atoms = point[.number(field)] { set(field, atoms, in: &packet) } }
        packet.time = time()
        return packet
    }

    /// The answers of opaque matches and guards, for one side.
    func circumstances(side: Int) -> Circumstances {
        var found = Circumstances()
        for axis in query.space.axes {
            let atoms = point[axis.dimension]
            switch axis.dimension {
            case .opaque(let match): found.opaque[match] = atoms == 1...1
            case .guarded(let number):
                for member in query.guards.members[number] where member.side == side {
                    found.guards[member.place] = atoms != 0...0
                }
            default: break
            }
        }
        return found
    }

    /// The flags of an ordinary packet: one that begins a connection, or one that belongs to it.
    private func usualFlags(_ state: ConntrackStateSet) -> TCPFlags { state == .new ? .syn : .ack }

    // MARK: - The connection

    private var isReply: Bool { point[.direction] == 1...1 }

    /// Whether the status that was chosen says that the destination is translated.
    private var isTranslated: Bool {
        if let status = masked(domains.status, .status) { return status & ConntrackStatus.dnat.rawValue != 0 }
        return false
    }

    private func entry(_ proto: IPProtocol, _ packet: PacketState) -> ConntrackEntry {
        let source = sources().connection
        let destination = destinations().connection
        let port = destinationPorts().connection
        let isMoved = destination != packet.destination || (packet.destinationPort ?? port) != port
        let running: ConntrackStatus = packet.state == .established ? [.seenReply, .assured, .confirmed] : []
        let usual = running.union(isReply || isMoved ? .dnat : [])
        return ConntrackEntry(
            direction: isReply ? .reply : .original,
            status: masked(domains.status, .status).map { ConntrackStatus(rawValue: $0) } ?? usual,
            source: source, destination: destination, proto: proto,
            sourcePort: proto.hasPorts || point[.originalSourcePort] != nil ? sourcePorts().connection : 0,
            destinationPort: proto.hasPorts || point[.originalDestinationPort] != nil ? port : request(proto, packet),
            mark: masked(domains.connectionMark, .connectionMark) ?? 0)
    }

    /// What stands in the place of a destination port: type and code of the request that opened an ICMP connection.
    private func request(_ proto: IPProtocol, _ packet: PacketState) -> UInt16 {
        guard proto == query.family.icmp else { return 0 }
        if let own = packet.icmp, packet.proto == proto, ICMPRequests.messages(query.family).contains(own) {
            return own
        }
        return ICMPName.echoRequest(query.family)
    }

    // MARK: - Values

    private func interface(_ dimension: Dimension, otherwise name: String) -> String {
        if dimension == query.missingInterface { return "" }
        return point[dimension].map { domains.interfaces.names[Int($0.lowerBound)] } ?? name
    }

    private func masked<Value>(_ classes: MaskClasses<Value>, _ dimension: Dimension) -> Value? {
        guard let atoms = point[dimension], Int(atoms.lowerBound) < classes.representatives.count else { return nil }
        return classes.representatives[Int(atoms.lowerBound)]
    }

    private func time() -> Int64 {
        guard let atoms = point[.time] else { return 0 }
        let values = domains.time.values(of: atoms)
        let value = values.lowerBound == 0 ? values.upperBound : values.lowerBound
        return Int64(bitPattern: value ^ 1 << 63)
    }

    private func icmp() -> UInt16 {
        let echo: UInt16 = query.family == .ip ? 0x0800 : 0x8000
        guard let atoms = present(.icmp) else { return echo }
        let values = domains.icmp.values(of: atoms)
        return values.contains(echo) ? echo : values.lowerBound
    }

    /// Gives the packet a value of a field that is a number: the usual one where it is among them.
    private func set(_ field: NumericField, _ atoms: ClosedRange<UInt32>, in packet: inout PacketState) {
        if atoms.lowerBound == domains.absent(.number(field)) { return packet.set(field, to: nil) }
        let values = domains.values(field, present(.number(field)) ?? atoms)
        if packet.number(field).map(values.contains) != true { packet.set(field, to: values.lowerBound) }
    }

    private func present(_ dimension: Dimension) -> ClosedRange<UInt32>? {
        guard let atoms = point[dimension] else { return nil }
        guard let absent = domains.absent(dimension), atoms.upperBound == absent else { return atoms }
        return atoms.lowerBound == absent ? nil : atoms.lowerBound...(absent - 1)
    }

    /// A value of the packet and one of the connection, the same where the point allows it.
    private func pair<Value>(
        _ packet: Dimension, _ connection: Dimension, _ ranks: Ranks<Value>, mayDiffer: Bool, preferred: [Value],
        connectionPreferred: [Value]? = nil
    ) -> (packet: Value, connection: Value) {
        let choose = { (atoms: ClosedRange<UInt32>?, wanted: [Value]) -> Value in
            guard let atoms else { return wanted[0] }
            let values = ranks.values(of: atoms)
            return wanted.first(where: values.contains) ?? friendly(values)
        }
        let a = present(packet)
        let b = present(connection)
        let second = connectionPreferred ?? preferred
        if mayDiffer { return (choose(a, preferred), choose(b, second)) }
        switch (a, b) {
        case (nil, nil): return (preferred[0], preferred[0])
        case (let one?, nil), (nil, let one?):
            let value = choose(one, preferred)
            return (value, value)
        case (let one?, let other?):
            if one.overlaps(other) {
                let value = choose(one.clamped(to: other), preferred)
                return (value, value)
            }
            return (choose(one, preferred), choose(other, second))
        }
    }

    /// The first value behind the start of a network, where there is one.
    private func friendly<Value: FixedWidthInteger & UnsignedInteger>(_ values: ClosedRange<Value>) -> Value {
        let isNetwork = Value.bitWidth > 16 && values.lowerBound & 1 == 0
        let hasMore = values.lowerBound < values.upperBound
        return hasMore && (isNetwork || values.lowerBound == 0) ? values.lowerBound + 1 : values.lowerBound
    }

    private func protos() -> (packet: IPProtocol, connection: IPProtocol) {
        let isRelated = point[.state] == 2...2
        let known = [IPProtocol.tcp, .udp, query.family.icmp].map(\.rawValue)
        let found = pair(.proto, .originalProtocol, domains.proto, mayDiffer: false, preferred: known)
        // An ICMP error speaks of another connection: of TCP, where that is not asked.
        let isError = isRelated && point[.originalProtocol] == nil && found.packet == query.family.icmp.rawValue
        return (IPProtocol(rawValue: found.packet), isError ? .tcp : IPProtocol(rawValue: found.connection))
    }

    private func sourcePorts() -> (packet: UInt16, connection: UInt16) {
        pair(.sourcePort, .originalSourcePort, domains.sourcePort, mayDiffer: isReply, preferred: [40000, 1024])
    }

    private func destinationPorts() -> (packet: UInt16, connection: UInt16) {
        pair(
            .destinationPort, .originalDestinationPort, domains.destinationPort, mayDiffer: isReply || isTranslated,
            preferred: [443, 80, 8080, 22, 53])
    }

    private func sources() -> (packet: IPAddress, connection: IPAddress) {
        switch query.family {
        case .ip:
            let found = pair(
                .source, .originalSource, domains.source4, mayDiffer: isReply,
                preferred: isReply ? Self.containers4 : Self.clients4, connectionPreferred: Self.clients4)
            return (.v4(found.packet), .v4(found.connection))
        case .ip6:
            let found = pair(
                .source, .originalSource, domains.source6, mayDiffer: isReply,
                preferred: isReply ? Self.containers6 : Self.clients6, connectionPreferred: Self.clients6)
            return (.v6(found.packet), .v6(found.connection))
        }
    }

    private func destinations() -> (packet: IPAddress, connection: IPAddress) {
        switch query.family {
        case .ip:
            let found = pair(
                .destination, .originalDestination, domains.destination4, mayDiffer: isReply || isTranslated,
                preferred: isReply ? Self.clients4 : isTranslated ? Self.containers4 : Self.hosts4,
                connectionPreferred: Self.hosts4)
            return (.v4(found.packet), .v4(found.connection))
        case .ip6:
            let found = pair(
                .destination, .originalDestination, domains.destination6, mayDiffer: isReply || isTranslated,
                preferred: isReply ? Self.clients6 : isTranslated ? Self.containers6 : Self.hosts6,
                connectionPreferred: Self.hosts6)
            return (.v6(found.packet), .v6(found.connection))
        }
    }

    /// Addresses for documentation (RFC 5737, RFC 3849) first, then those of private networks.
    static let clients4: [UInt32] = [0xcb00_7109, 0xc000_0202, 0x0a00_0005, 0xc0a8_0005]
    static let hosts4: [UInt32] = [0xc633_6401, 0xc000_0201, 0x0a00_0001, 0xc0a8_0001]
    static let containers4: [UInt32] = [0xac11_0002, 0xac12_0002]
    static let clients6: [UInt128] = [0x2001_0db8_00c1 << 80 | 9, 0xfd00 << 112 | 9]
    static let hosts6: [UInt128] = [0x2001_0db8_0001 << 80 | 1, 0xfd00 << 112 | 1]
    static let containers6: [UInt128] = [0xfd00_d0ce << 96 | 2]
}
