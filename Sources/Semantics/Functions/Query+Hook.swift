internal import FirewallIR

extension Query {
    /// The interface that no packet has at the hook; `nil` where all have both.
    var missingInterface: Dimension? {
        switch hook {
        case .input, .proxied: .outInterface
        case .output: .inInterface
        case .containers, .forward: nil
        }
    }
}
