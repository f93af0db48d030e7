/// An engine under which the templates are shown.
enum Backend: String, CaseIterable, Sendable {
    case iptables
    case nft

    /// The column of the table.
    var title: String { self == .iptables ? "iptables-legacy" : "nft" }

    /// What `seawall apply` is told.
    var arguments: [String] {
        switch self {
        case .iptables: ["--backend", "iptables", "--variant", "legacy"]
        case .nft: ["--backend", "nft"]
        }
    }
}
