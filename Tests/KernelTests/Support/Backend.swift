/// The engine under which a policy is tried.
enum Backend: String, CaseIterable, Sendable {
    case iptables
    case nft

    /// What `seawall apply` is told.
    var arguments: [String] {
        switch self {
        case .iptables: ["--backend", "iptables", "--variant", "legacy"]
        case .nft: ["--backend", "nft"]
        }
    }
}
