internal import PacketModel

extension DockerLab {
    /// What becomes of every connection of the lab, as a table: who dials what, and whether it is `open`, `shut` (nothing comes
    /// back) or `refused`.
    ///
    /// `masked`: it is open, and who answers sees another address than the caller's. `-`: the caller has no way there.
    package func verdicts() throws -> String {
        let addresses = try Addresses(lab: self)
        let callers = Self.callers
        let targets = Target.all
        let replies = try knock(
            targets.flatMap { target in
                try callers.map { try Knock(from: $0.caller, to: addresses.of(target), target.port) }
            })
        var lines = [row("", callers.map(\.name))]
        for (index, target) in targets.enumerated() {
            let cells = callers.enumerated().map { place, caller in
                cell(replies[index * callers.count + place], caller.caller, target, addresses)
            }
            lines.append(row(target.name, cells))
        }
        return lines.joined(separator: "\n")
    }

    private static let callers: [(name: String, caller: Knock.Caller)] =
        Outside.allCases.map { ($0.rawValue, .outside($0)) }
        + [Container.web, .app, .db].map { ($0.rawValue, .container($0)) }

    private func row(_ head: String, _ cells: [String]) -> String {
        let padded = ([(head, 22)] + cells.map { ($0, 10) }).map { text, width in
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        var line = padded.joined()
        while line.last == " " { line.removeLast() }
        return line
    }

    private func cell(_ reply: Reply, _ caller: Knock.Caller, _ target: Target, _ addresses: Addresses) -> String {
        switch reply {
        case .answer(let name, _) where name != target.answers: name
        case .answer(_, let peer): addresses.own(caller).contains(peer) ? "open" : "masked"
        case .mute: "mute"
        case .refused(let number):
            number == refusedNumber ? "refused" : noRouteNumbers.contains(number) ? "-" : "error \(number)"
        case .silence: "shut"
        }
    }
}

/// ECONNREFUSED.
private let refusedNumber: Int32 = 111
/// ENETUNREACH and EADDRNOTAVAIL: the caller has no way there, or no address of the family.
private let noRouteNumbers: [Int32] = [101, 99]

/// What is dialled, and who is to answer.
private struct Target {
    enum Place {
        case address(String)
        case container(DockerLab.Container, AddressFamily)
    }

    let name: String
    let place: Place
    let port: UInt16
    let answers: String

    init(_ address: String, _ port: UInt16, answers: String) {
        name = (address.contains(":") ? "[\(address)]" : address) + ":\(port)"
        (place, self.port, self.answers) = (.address(address), port, answers)
    }

    init(_ container: DockerLab.Container, _ family: AddressFamily) {
        answers = container.rawValue
        name = (family == .ip ? answers : "[\(answers)]") + ":80"
        (place, port) = (.container(container, family), 80)
    }

    /// Published ports, containers by their own addresses, and what is outside.
    static let all: [Target] =
        [
            Target("198.51.100.1", 8080, answers: "web"), Target("198.51.100.1", 8443, answers: "bound"),
            Target("198.51.100.1", 9090, answers: "app"), Target("198.51.100.1", 5432, answers: "db"),
            Target("203.0.113.1", 8080, answers: "web"), Target("203.0.113.1", 8443, answers: "bound"),
            Target("2001:db8:1::1", 8080, answers: "web"), Target("2001:db8:1::1", 9090, answers: "app"),
        ] + DockerLab.Container.allCases.map { Target($0, .ip) } + [Target(.app, .ip6), Target(.quiet, .ip6)]
        + DockerLab.Outside.allCases.flatMap { machine in
            AddressFamily.allCases.map { Target(machine.addressText($0), 7000, answers: machine.rawValue) }
        }
}

/// The addresses that containers have now.
private struct Addresses {
    private var texts: [DockerLab.Container: [AddressFamily: IPAddress]] = [:]

    init(lab: DockerLab) throws {
        for container in DockerLab.Container.allCases {
            texts[container] = [.ip: try lab.address(of: container, .ip)]
        }
        for container in [DockerLab.Container.app, .quiet] {
            texts[container]?[.ip6] = try lab.address(of: container, .ip6)
        }
    }

    func of(_ target: Target) throws -> IPAddress {
        let address =
            switch target.place {
            case .address(let text): IPAddress(text)
            case .container(let container, let family): texts[container]?[family]
            }
        guard let address else { throw LabError("nobody has the address of \(target.name)") }
        return address
    }

    func own(_ caller: Knock.Caller) -> [String] {
        switch caller {
        case .outside(let machine): AddressFamily.allCases.map(machine.addressText)
        case .container(let container): (texts[container] ?? [:]).values.map { "\($0)" }
        case .host: []
        }
    }
}
