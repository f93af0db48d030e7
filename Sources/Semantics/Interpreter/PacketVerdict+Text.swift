package import FirewallIR
internal import PacketModel

extension PacketVerdict {
    /// The verdict in words: `handed on to Docker (leave)`, `dropped`; what `leave` comes to depends on the hook.
    package func text(at hook: Scope.Hook) -> String {
        switch self {
        case .leave: hook == .containers ? "handed on to Docker (leave)" : "accepted by this base chain (leave)"
        case .accept: "accepted"
        case .drop: "dropped"
        case .reject(let kind): "rejected with \(kind.rawValue)"
        case .queue(let target): "handed to \(target.words)"
        }
    }

    /// The name of the verdict for programs: `leave`, `accept`, `drop`, `reject`, `queue`.
    package var name: String {
        switch self {
        case .leave: "leave"
        case .accept: "accept"
        case .drop: "drop"
        case .reject: "reject"
        case .queue: "queue"
        }
    }
}
