internal import Glibc
internal import PacketModel

/// A router with interfaces of any names.
///
/// Beyond each of them is nothing but a socket, which sends and looks.
/// Where `Lab` is a host as it may be, this is one as a rule set wants it: with the interfaces that the rules name, and with
/// any address beyond any of them. Connections are entered into conntrack before a packet is sent.
package final class Crossroads: Sendable {
    private let scratch: ScratchNamespaces
    private let gates: [String: Gate]

    /// The router.
    package var router: Namespace { scratch[0] }

    /// Makes one.
    ///
    /// - Parameters:
    ///   - name: told apart by it from others of this process.
    ///   - interfaces: the names of its interfaces.
    /// - Throws: `LabError` if it cannot be made.
    package init(_ name: String, interfaces: [String]) throws {
        let scratch = try ScratchNamespaces(["\(name)-router", "\(name)-world"])
        self.scratch = scratch
        let names = Set(interfaces).sorted()
        var commands = ["link set lo up", "addr add 198.18.255.254/32 dev lo", "addr add 2001:2:ffff::1/128 dev lo"]
        for (index, interface) in names.enumerated() {
            commands += [
                "link add name \(interface) address \(Gate.text(index)) type veth peer name w\(index) netns \(scratch[1].name)",
                // Nobody is asked for link addresses: all that is sent is seen.
                "link set dev \(interface) arp off up",
            ]
        }
        for (parameter, value) in Self.parameters { try scratch[0].setParameter(parameter, to: value) }
        for parameter in ["all", "default"] {
            try scratch[1].setParameter("net.ipv6.conf.\(parameter).disable_ipv6", to: "1")
        }
        try Self.ip(scratch[0], commands)
        try Self.ip(scratch[1], names.indices.map { "link set w\($0) up" })
        var gates: [String: Gate] = [:]
        for (index, interface) in names.enumerated() {
            gates[interface] = try Gate(in: scratch[1], index: index)
        }
        self.gates = gates
    }

    /// Takes it away.
    package func close() { scratch.close() }

    private static let parameters = [
        "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1", "net.ipv4.conf.all.rp_filter": "0",
        "net.ipv4.conf.default.rp_filter": "0", "net.ipv4.conf.all.send_redirects": "0",
        "net.ipv4.conf.default.send_redirects": "0", "net.ipv6.conf.default.accept_dad": "0",
        "net.ipv4.icmp_ratelimit": "0", "net.ipv4.icmp_ratemask": "0", "net.ipv6.icmp.ratelimit": "0",
        "net.ipv4.icmp_msgs_per_sec": "1000000", "net.ipv4.icmp_msgs_burst": "100000",
        "net.ipv6.icmp.ratemask": "255", "net.netfilter.nf_conntrack_tcp_be_liberal": "1",
    ]

    private static func ip(_ namespace: Namespace, _ commands: [String]) throws {
        try Program.demandOutside(
            ["ip", "-n", namespace.name, "-batch", "-"], input: commands.map { $0 + "\n" }.joined())
    }

    // MARK: - Packets

    /// Sends packets, and says what became of each.
    ///
    /// - Parameters:
    ///   - crossings: the packets.
    ///   - timeout: how long to wait for those that do not arrive, in milliseconds.
    /// - Returns: the fates, in their order.
    /// - Throws: `LabError` if one cannot be sent, or a connection cannot be entered.
    package func send(_ crossings: [Crossing], timeout: Int) throws -> [Fate] {
        var fates = [Fate](repeating: .dropped, count: crossings.count)
        for round in Round.all(crossings) {
            let chosen = round.crossings.map { crossings[$0] }
            try prepare(round, chosen)
            for (index, fate) in zip(round.crossings, try send(chosen, together: timeout)) { fates[index] = fate }
        }
        return fates
    }

    /// Leads each address to its interface, and makes the connections known.
    private func prepare(_ round: Round, _ crossings: [Crossing]) throws {
        try Self.ip(
            router,
            round.places.map { "route replace \($0) dev \($1)" }.sorted())
        _ = try Program.run(["conntrack", "--flush"], in: router)
        let lines = crossings.compactMap { $0.connection?.line }
        if lines.isEmpty { return }
        try Program.demand(
            ["conntrack", "--load-file", "-"], in: router, input: lines.map { $0 + "\n" }.joined())
    }

    private func send(_ crossings: [Crossing], together timeout: Int) throws -> [Fate] {
        for gate in gates.values { _ = gate.arrived() }
        var journeys = crossings.map { Journey($0) }
        for journey in journeys { try gates[journey.crossing.entry]?.send(journey) }
        let deadline = Deadline(in: timeout)
        let gates = gates.sorted { $0.key < $1.key }
        while journeys.contains(where: { $0.fate == .dropped }), deadline.left > 0 {
            for ((name, gate), event) in zip(gates, wait(gates.map(\.value.event), until: deadline)) where event != 0 {
                for bytes in gate.arrived() {
                    for index in journeys.indices { journeys[index].see(bytes, at: name) }
                }
            }
        }
        return journeys.map(\.fate)
    }
}

/// One packet on its way.
private struct Journey {
    let crossing: Crossing
    let marker: [UInt8]
    private(set) var fate = Fate.dropped

    init(_ crossing: Crossing) {
        self.crossing = crossing
        marker = Array("sw".utf8) + (0..<(markerLength - 2)).map { _ in UInt8.random(in: 97...122) }
    }

    /// Takes note of a packet that came out of an interface.
    mutating func see(_ bytes: [UInt8], at interface: String) {
        guard let datagram = Datagram(bytes), !isRedirect(datagram) else { return }
        if bytes.firstRange(of: marker) != nil {
            let error = datagram.error.flatMap { isOwn($0) ? nil : $0 }
            if let error, fate != .passed {
                fate = .refused(type: error.type, code: error.code)
            } else if error == nil, interface == crossing.exit {
                fate = .passed
            }
        } else if fate != .passed, interface == crossing.entry, case .tcp(let port, _, _) = crossing.packet.payload,
            datagram.resetPort == port, datagram.destination == crossing.packet.source
        {
            fate = .reset
        }
    }

    /// Whether it is the advice that the sender should take another way, which says nothing of rules.
    ///
    /// IPv6 has no switch for it (`ip6_forward`).
    private func isRedirect(_ datagram: Datagram) -> Bool {
        let redirect: UInt8 = datagram.family == .ip ? 5 : 137
        guard datagram.number == crossing.packet.family.icmpNumber, datagram.body.first == redirect else {
            return false
        }
        if case .icmp(redirect, _, _) = crossing.packet.payload { return false }
        return true
    }

    /// Whether an error is the packet itself, and none about it.
    private func isOwn(_ error: (type: UInt8, code: UInt8)) -> Bool {
        switch crossing.packet.payload {
        case .icmp(let type, let code, _), .icmpError(let type, let code, _): error == (type, code)
        default: false
        }
    }
}

extension AddressFamily {
    fileprivate var icmpNumber: UInt8 { (self == .ip ? IPProtocol.icmp : .icmpv6).rawValue }
}

/// The far side of one interface.
private struct Gate {
    private let sniffer: Sniffer
    private let number: Int

    init(in namespace: Namespace, index number: Int) throws {
        self.number = number
        sniffer = try Sniffer(in: namespace, at: "w\(number)", seesOthers: true)
    }

    var event: pollfd { sniffer.entry }

    /// The link address of the router's end.
    private static func hardware(_ number: Int) -> [UInt8] { [2, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255)] }

    static func text(_ number: Int) -> String {
        hardware(number).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }

    func send(_ journey: Journey) throws {
        let packet = journey.crossing.packet
        for piece in packet.bytes(marker: journey.marker, identifier: UInt16.random(in: 1...65535))
        where !sniffer.send(piece, packet.family, to: Self.hardware(number)) {
            throw LabError(call: "send a packet into w\(number)", errno: errno)
        }
    }

    /// What has come out of the interface since the last time.
    func arrived() -> [[UInt8]] { sniffer.arrived() }
}
