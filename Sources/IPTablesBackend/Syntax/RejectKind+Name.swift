internal import PacketModel

extension RejectKind {
    /// The word behind `--reject-with`; `nil` where the family has no such answer.
    func name(in family: AddressFamily) -> String? {
        let names: (String?, String?) =
            switch self {
            case .tcpReset: ("tcp-reset", "tcp-reset")
            case .portUnreachable: ("icmp-port-unreachable", "icmp6-port-unreachable")
            case .hostUnreachable: ("icmp-host-unreachable", "icmp6-addr-unreachable")
            case .noRoute: ("icmp-net-unreachable", "icmp6-no-route")
            case .adminProhibited: ("icmp-admin-prohibited", "icmp6-adm-prohibited")
            case .protocolUnreachable: ("icmp-proto-unreachable", nil)
            case .networkProhibited: ("icmp-net-prohibited", nil)
            case .hostProhibited: ("icmp-host-prohibited", nil)
            case .policyFail: (nil, "icmp6-policy-fail")
            case .rejectRoute: (nil, "icmp6-reject-route")
            }
        return family == .ip ? names.0 : names.1
    }

    /// The answer that a word behind `--reject-with` stands for in a family.
    init?(name: String, in family: AddressFamily) {
        guard let kind = Self.allCases.first(where: { $0.name(in: family) == name }) else { return nil }
        self = kind
    }
}
