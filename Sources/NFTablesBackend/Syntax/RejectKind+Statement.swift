internal import PacketModel

extension RejectKind {
    /// The statement that gives the answer in every family that has it.
    var statement: NFTStatement {
        switch self {
        case .tcpReset: .reject(type: "tcp reset", code: nil)
        case .portUnreachable: .reject(type: "icmpx", code: "port-unreachable")
        case .hostUnreachable: .reject(type: "icmpx", code: "host-unreachable")
        case .noRoute: .reject(type: "icmpx", code: "no-route")
        case .adminProhibited: .reject(type: "icmpx", code: "admin-prohibited")
        case .protocolUnreachable: .reject(type: "icmp", code: "prot-unreachable")
        case .networkProhibited: .reject(type: "icmp", code: "net-prohibited")
        case .hostProhibited: .reject(type: "icmp", code: "host-prohibited")
        case .policyFail: .reject(type: "icmpv6", code: "policy-fail")
        case .rejectRoute: .reject(type: "icmpv6", code: "reject-route")
        }
    }

    /// The answer of a statement, and the families to which nft itself restricts a rule with it; `nil` if there is none.
    static func answer(type: String, code: String?) -> (kind: RejectKind, families: FamilySet)? {
        guard type != "tcp reset" else { return code == nil ? (.tcpReset, .both) : nil }
        guard let families = families[type], let kind = kinds[type]?[code ?? "port-unreachable"] else { return nil }
        return (kind, families)
    }

    private static let families: [String: FamilySet] = ["icmpx": .both, "icmp": .ip, "icmpv6": .ip6]

    private static let kinds: [String: [String: RejectKind]] = [
        "icmpx": [
            "port-unreachable": .portUnreachable, "host-unreachable": .hostUnreachable, "no-route": .noRoute,
            "admin-prohibited": .adminProhibited,
        ],
        "icmp": [
            "port-unreachable": .portUnreachable, "host-unreachable": .hostUnreachable, "net-unreachable": .noRoute,
            "admin-prohibited": .adminProhibited, "prot-unreachable": .protocolUnreachable,
            "net-prohibited": .networkProhibited, "host-prohibited": .hostProhibited,
        ],
        "icmpv6": [
            "port-unreachable": .portUnreachable, "addr-unreachable": .hostUnreachable, "no-route": .noRoute,
            "admin-prohibited": .adminProhibited, "policy-fail": .policyFail, "reject-route": .rejectRoute,
        ],
    ]
}
