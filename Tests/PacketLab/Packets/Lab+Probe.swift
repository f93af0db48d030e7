internal import Glibc
internal import PacketModel

extension Lab {
    /// Sends packets in order, and says what became of each.
    ///
    /// - Parameters:
    ///   - probes: the packets.
    ///   - timeout: how long to wait for those that do not arrive, in milliseconds.
    /// - Returns: the fates, in the order of the probes.
    /// - Throws: `LabError` if a packet cannot be sent.
    package func send(_ probes: [Probe], timeout: Int = 80) throws -> [Fate] {
        for sniffer in sniffers.values { _ = sniffer.arrived() }
        var flights = Flights(probes)
        var senders = Senders(namespace: { self[$0] })
        for flight in flights.all { try senders.send(flight) }
        let deadline = Deadline(in: timeout)
        let hosts = Array(sniffers)
        while flights.areUnderWay, deadline.left > 0 {
            let events = wait(hosts.map(\.value.entry), until: deadline)
            for ((host, sniffer), event) in zip(hosts, events) where event != 0 {
                for bytes in sniffer.arrived() { flights.see(bytes, at: host) }
            }
        }
        return flights.all.map(\.fate)
    }

    /// Sends packets in order, waits for the first of them, and a moment longer for the others.
    ///
    /// - Parameters:
    ///   - probes: the packets.
    ///   - timeout: how long to wait for those that are waited for, in milliseconds.
    ///   - count: how many are waited for; the others are looked for until 2 ms after the last of these.
    /// - Returns: the fates, in the order of the probes.
    /// - Throws: `LabError` if a packet cannot be sent.
    func send(_ probes: [Probe], timeout: Int, among count: Int) throws -> [Fate] {
        var flights = Flights(probes)
        var senders = Senders(namespace: { self[$0] })
        for flight in flights.all { try senders.send(flight) }
        let deadline = Deadline(in: timeout)
        while flights.all.prefix(count).contains(where: { $0.fate == .dropped }), deadline.left > 0 {
            look(for: &flights, until: deadline)
        }
        look(for: &flights, until: Deadline(in: 2))
        return flights.all.map(\.fate)
    }

    private func look(for flights: inout Flights, until deadline: Deadline) {
        let hosts = Array(sniffers)
        for ((host, sniffer), event) in zip(hosts, wait(hosts.map(\.value.entry), until: deadline)) where event != 0 {
            for bytes in sniffer.arrived() { flights.see(bytes, at: host) }
        }
    }

    /// Sends one packet, and says what became of it.
    package func send(_ probe: Probe, timeout: Int = 80) throws -> Fate {
        try send([probe], timeout: timeout).first ?? .dropped
    }
}

/// The raw sockets through which packets are sent, opened when first needed.
private struct Senders {
    let namespace: (Host) -> Namespace
    private var sockets: [Key: Descriptor] = [:]

    init(namespace: @escaping (Host) -> Namespace) { self.namespace = namespace }

    private struct Key: Hashable {
        let host: Host
        let family: AddressFamily
    }

    mutating func send(_ flight: Flight) throws {
        if let link = flight.packet.linkAddress { return try sendOnLink(flight, to: link) }
        let socket = try socket(Key(host: flight.probe.sender, family: flight.packet.family))
        let address = SocketAddress(flight.packet.destination, port: 0)
        for piece in flight.pieces where !socket.send(piece, to: address) {
            throw LabError(call: "send a packet to \(flight.packet.destination)", errno: errno)
        }
    }

    private mutating func socket(_ key: Key) throws -> Descriptor {
        if let socket = sockets[key] { return socket }
        let socket = try namespace(key.host).run { try openSocket(key.family, SOCK_RAW, protocol: Int32(IPPROTO_RAW)) }
        try socket.setOption(SOL_SOCKET, SO_BROADCAST, to: 1)
        sockets[key] = socket
        return socket
    }

    private func sendOnLink(_ flight: Flight, to link: Packet.LinkAddress) throws {
        let etherType: UInt16 = flight.packet.family == .ip ? 0x0800 : 0x86dd
        let hardware: [UInt8] = link == .broadcast ? [255, 255, 255, 255, 255, 255] : [1, 0, 94, 0, 0, 251]
        try namespace(flight.probe.sender).run {
            let index = Int32(if_nametoindex("eth0"))
            let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
            let socket = Descriptor(try check(Glibc.socket(AF_PACKET, type, 0), "packet socket"))
            let address = SocketAddress(interface: index, etherType: etherType, hardwareAddress: hardware)
            for piece in flight.pieces where !socket.send(piece, to: address) {
                throw LabError(call: "send a packet on the link", errno: errno)
            }
        }
    }
}
