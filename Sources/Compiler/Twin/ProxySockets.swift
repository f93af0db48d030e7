internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// The sockets of docker-proxy in a fixed order, each once.
struct ProxySockets {
    /// Those of each family.
    private let byFamily: [AddressFamily: [ProxyListener]]

    /// Sorts them.
    ///
    /// - Throws: `DiagnosticError` if one socket is said to lead to two containers, or if it is none that could be.
    init(_ listeners: [ProxyListener]) throws(DiagnosticError) {
        let sorted = Set(listeners).sorted { $0.isBefore($1) }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.triple == next.triple {
            throw DiagnosticError(
                .host, "ambiguous-listener",
                "docker-proxy is said to lead \(one.text) both to \(one.container.text) and to \(next.container.text)")
        }
        if let wrong = sorted.first(where: { !$0.isPossible }) {
            throw DiagnosticError(
                .host, "impossible-listener",
                "docker-proxy is said to listen on \(wrong.text), which no \(wrong.family.displayName) client can dial")
        }
        byFamily = Dictionary(grouping: sorted, by: \.family)
    }

    var isEmpty: Bool { byFamily.isEmpty }

    /// The sockets that clients of a family can dial.
    func of(_ family: AddressFamily) -> [ProxyListener] { byFamily[family] ?? [] }

    /// All packets to sockets of some families, as boxes without a packet in common.
    func boxes(_ families: FamilySet) -> [Box] {
        families.families.flatMap { family in
            let box = Box().with { $0.families = FamilySet(family) }
            return Self.groups(of(family)).map { box.with($0.narrow) }
        }
    }

    /// The packets of a box to some sockets of a family.
    ///
    /// A socket of all addresses does not get what is for one that is bound to an address.
    func boxes(_ box: Box, to chosen: [ProxyListener], _ family: AddressFamily) -> [Box] {
        let isChosen = Set(chosen)
        let others = of(family).filter { $0.address != nil && !isChosen.contains($0) }
        var plain: [ProxyListener] = []
        var boxes: [Box] = []
        for socket in chosen {
            let taken = others.filter {
                socket.address == nil && $0.port == socket.port && $0.transport == socket.transport
            }
            guard !taken.isEmpty else {
                plain.append(socket)
                continue
            }
            var group = Group(transport: socket.transport, addresses: nil, ports: [socket.port])
            group.addresses = IPAddressSet(taken.compactMap(\.address).map { IPAddressRange($0) })
                .complement.only(family)
            boxes.append(box.with(group.narrow))
        }
        return Self.groups(plain).map { box.with($0.narrow) } + boxes
    }

    /// Sockets of one protocol that have their addresses in common, or their ports.
    private struct Group {
        var transport: IPProtocol
        var addresses: IPAddressSet?
        var ports: [UInt16]

        /// Restricts a box to them.
        func narrow(_ box: inout Box) {
            box.protocols = IntervalSet(transport.rawValue)
            box.destination = addresses
            box.destinationPort = Presence(IntervalSet(ports.map { $0...$0 }))
        }
    }

    private struct Place: Hashable {
        var transport: IPProtocol
        var address: IPAddress?
    }

    private struct Service: Hashable {
        var transport: IPProtocol
        var isBound: Bool
        var ports: [UInt16]
    }

    /// As few groups as that takes, in the order of the sockets.
    private static func groups(_ sockets: [ProxyListener]) -> [Group] {
        var ports: [Place: [UInt16]] = [:]
        var places: [Place] = []
        for socket in sockets {
            let place = Place(transport: socket.transport, address: socket.address)
            if ports[place] == nil { places.append(place) }
            ports[place, default: []].append(socket.port)
        }
        var addresses: [Service: [IPAddress]] = [:]
        var services: [Service] = []
        for place in places {
            let service = Service(
                transport: place.transport, isBound: place.address != nil, ports: ports[place] ?? [])
            if addresses[service] == nil { services.append(service) }
            addresses[service, default: []] += [place.address].compactMap { $0 }
        }
        return services.map { service in
            let bound = IPAddressSet((addresses[service] ?? []).map { IPAddressRange($0) })
            return Group(
                transport: service.transport, addresses: service.isBound ? bound : nil, ports: service.ports)
        }
    }
}

extension ProxyListener {
    /// What a client dials.
    fileprivate struct Triple: Hashable {
        var family: AddressFamily
        var transport: UInt8
        var address: IPAddress?
        var port: UInt16
    }

    fileprivate var triple: Triple {
        Triple(family: family, transport: transport.rawValue, address: address, port: port)
    }

    /// Whether packets can be sent there: an address of its own family, and a protocol with ports.
    fileprivate var isPossible: Bool { transport.hasPorts && (address.map { $0.family == family } ?? true) }

    fileprivate func isBefore(_ other: ProxyListener) -> Bool {
        if family != other.family { return family < other.family }
        if transport != other.transport { return transport.rawValue < other.transport.rawValue }
        if address != other.address {
            guard let own = address, let others = other.address else { return address == nil }
            return own < others
        }
        return (port, container.text) < (other.port, other.container.text)
    }

    /// `tcp 192.0.2.1:8080`.
    fileprivate var text: String {
        let all = family == .ip ? "0.0.0.0" : "::"
        let host = address.map { "\($0)" } ?? all
        return "\(transport.name) \(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

extension ProxyListener.Container {
    /// `172.17.0.2:80 (docker0)`.
    fileprivate var text: String {
        let host = "\(address)"
        return "\(host.contains(":") ? "[\(host)]" : host):\(port) (\(interface))"
    }
}
