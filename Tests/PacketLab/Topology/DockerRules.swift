internal import PacketModel

/// What a packet's differentiated services field asks of the router, so that a probe can choose the state it is judged in.
package enum TrafficClass {
    /// Conntrack does not look at packets of this class.
    package static let untracked: UInt8 = 62

    /// Packets of these classes carry a mark of the same number.
    package static let marks: [UInt8] = [1, 2, 3, 17]
}

/// The rules that Docker itself, or the lab in its place, keeps in iptables-legacy.
struct DockerRules {
    let published: [PublishedPort]
    let family: AddressFamily

    /// The program that loads them.
    var program: String { family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore" }

    /// All tables; loading it removes what else there was.
    var text: String { [raw, mangle, nat, filter].map { $0.joined(separator: "\n") + "\n" }.joined() }

    private var raw: [String] {
        ["*raw", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"]
            + ["-A PREROUTING -m dscp --dscp \(TrafficClass.untracked) -j CT --notrack", "COMMIT"]
    }

    private var mangle: [String] {
        ["*mangle", ":PREROUTING ACCEPT [0:0]"]
            + TrafficClass.marks.map { "-A PREROUTING -m dscp --dscp \($0) -j MARK --set-mark \($0)" } + ["COMMIT"]
    }

    /// As Docker writes it: `DOCKER` for addresses of the host, one DNAT a port, a masquerade for each network.
    private var nat: [String] {
        let head = [
            "*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
            ":POSTROUTING ACCEPT [0:0]",
            ":DOCKER - [0:0]", "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
        ]
        let masquerades = Network.all.filter(\.isBridge).map { network in
            "-A POSTROUTING -s \(network.text(family)) ! -o \(network.interface) -j MASQUERADE"
        }
        return head + masquerades + published.map(translation) + ["COMMIT"]
    }

    private func translation(_ port: PublishedPort) -> String {
        let address = port.container.addressText(family)
        let target = family == .ip ? "\(address):\(port.port)" : "[\(address)]:\(port.port)"
        let bridge = Network.all.first { $0.members.contains(port.container) }?.interface ?? ""
        return
            "-A DOCKER ! -i \(bridge) -p \(port.transport.name) --dport \(port.host) -j DNAT --to-destination \(target)"
    }

    /// `DOCKER-USER` is empty, as since Docker 28, and Docker itself closes nothing.
    private var filter: [String] {
        [
            "*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":DOCKER-USER - [0:0]",
            "-A FORWARD -j DOCKER-USER", "COMMIT",
        ]
    }
}

extension Network {
    fileprivate func text(_ family: AddressFamily) -> String {
        guard let first = members.first, let length = prefixLength[family],
            let prefix = IPPrefix(holding: first.address(family), length: length)
        else { return "" }
        return prefix.description
    }
}
