/// How a rejected packet is answered (iptables-extensions(8) REJECT, nft(8) reject).
public enum RejectKind: String, CaseIterable, Hashable, Sendable {
    /// A TCP RST; for TCP only.
    case tcpReset = "tcp-reset"
    /// Port unreachable, in each family its own.
    case portUnreachable = "port-unreachable"
    /// Host unreachable; address unreachable under IPv6.
    case hostUnreachable = "host-unreachable"
    /// No route: network unreachable under IPv4.
    case noRoute = "no-route"
    /// Administratively prohibited.
    case adminProhibited = "admin-prohibited"
    /// Protocol unreachable; IPv4 only.
    case protocolUnreachable = "protocol-unreachable"
    /// Network administratively prohibited; IPv4 only.
    case networkProhibited = "net-prohibited"
    /// Host administratively prohibited; IPv4 only.
    case hostProhibited = "host-prohibited"
    /// Source address failed ingress or egress policy; IPv6 only.
    case policyFail = "policy-fail"
    /// Reject route to destination; IPv6 only.
    case rejectRoute = "reject-route"

    /// The families that have the answer.
    public var families: FamilySet {
        switch self {
        case .tcpReset, .portUnreachable, .hostUnreachable, .noRoute, .adminProhibited: .both
        case .protocolUnreachable, .networkProhibited, .hostProhibited: .ip
        case .policyFail, .rejectRoute: .ip6
        }
    }
}

/// A syslog level (syslog(3)), most urgent first.
public enum LogLevel: String, CaseIterable, Hashable, Sendable {
    case emergency = "emerg"
    case alert
    case critical = "crit"
    case error = "err"
    case warning = "warn"
    case notice
    case info
    case debug

    /// The number that syslog gives it, 0 to 7.
    public var number: Int { Self.allCases.firstIndex(of: self) ?? 4 }
}

/// A unit of time in which a rate is counted.
public enum RateUnit: String, CaseIterable, Hashable, Sendable {
    case second
    case minute
    case hour
    case day

    /// The unit in seconds.
    public var seconds: Int {
        switch self {
        case .second: 1
        case .minute: 60
        case .hour: 3600
        case .day: 86400
        }
    }
}
