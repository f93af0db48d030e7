package import Diagnostics
package import FirewallIR
package import NFTablesBackend
internal import PacketModel

/// What a policy and a host say of each other: warnings for `plan` and `apply`.
package struct HostFindings: Sendable {
    /// Where the rules are loaded.
    package enum Target: Hashable, Sendable {
        /// A variant of iptables.
        case iptables(IPTablesVariant)
        /// Our own nft table.
        case nft
    }

    let policy: Ruleset
    let facts: HostFacts
    let target: Target
    let acceptMark: AcceptMark?
    let hasTwin: Bool

    /// Finds what of a policy does not do on a host what it says, or leaves open what one may think closed.
    ///
    /// - Parameters:
    ///   - policy: the policy as it is compiled, before any optimisation.
    ///   - facts: the host.
    ///   - target: where the rules are loaded.
    ///   - acceptMark: the mark that `Accept` becomes under nft.
    ///   - hasTwin: whether the policy is asked at the input hook as well, for what docker-proxy accepts.
    /// - Returns: warnings, the same for the same policy and host.
    package static func find(
        policy: Ruleset, facts: HostFacts, target: Target, acceptMark: AcceptMark? = nil, hasTwin: Bool = false
    ) -> [Diagnostic] {
        let findings = HostFindings(
            policy: policy, facts: facts, target: target, acceptMark: acceptMark, hasTwin: hasTwin)
        return findings.all
    }

    private var all: [Diagnostic] {
        // A policy of whole filter tables has nothing to do with Docker's ports.
        let forDocker =
            isForContainers
            ? engine + backend + accepts + missingIPv6 + proxyPaths + gatewayModes + unpublished + unmentioned : []
        return forwarding + leftBehind + forDocker
    }

    /// Whether the policy judges what Docker forwards.
    private var isForContainers: Bool { policy.scopes.contains { $0.hook == .containers } }

    /// The rules that judge what Docker forwards.
    var rules: [FirewallRule] {
        policy.scopes.filter { $0.hook == .containers }.flatMap(\.chains).flatMap(\.rules)
    }

    /// The families that the policy judges.
    var families: FamilySet {
        policy.scopes.filter { $0.hook == .containers }.reduce(into: FamilySet()) { $0.formUnion($1.families) }
    }

    /// The first lines of many, and how many more there are.
    static func shortened(_ lines: [String]) -> [String] {
        lines.count <= 20 ? lines : lines.prefix(19) + ["… and \(lines.count - 19) more"]
    }
}
