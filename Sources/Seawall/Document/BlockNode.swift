/// What is judged: what Docker forwards, or all packets of one hook of the filter table, perhaps in one family alone.
package struct BlockNode: Hashable, Sendable {
    /// The hook at which the rules stand.
    package enum Hook: String, Hashable, Sendable, CaseIterable {
        /// What Docker forwards: `DOCKER-USER`.
        case containers
        /// The whole of a chain of the filter table.
        case input, forward, output
    }

    /// What becomes of packets that no rule decides.
    package enum Policy: String, Hashable, Sendable, CaseIterable {
        /// They are left to the rules behind the policy.
        case allow
        case accept
        case drop
    }

    package var id = ""
    package var location: NodeLocation
    package var hook: Hook
    /// `ip`, `ip6`; both if there is none.
    package var families: [String]
    package var policy: Policy
    package var children: [PolicyNode]

    /// A block.
    package init(
        at location: NodeLocation, _ hook: Hook, families: [String], policy: Policy, children: [PolicyNode]
    ) {
        self.location = location
        self.hook = hook
        self.families = families
        self.policy = policy
        self.children = children
    }
}

/// A chain of rules that others jump or go to.
package struct ChainNode: Hashable, Sendable {
    package var id = ""
    package var location: NodeLocation
    package var name: String
    package var children: [PolicyNode]

    /// A chain.
    package init(at location: NodeLocation, _ name: String, children: [PolicyNode]) {
        self.location = location
        self.name = name
        self.children = children
    }
}
