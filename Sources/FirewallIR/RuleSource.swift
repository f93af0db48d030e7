package import Diagnostics
package import PacketModel

/// A rule of a policy, as its author wrote it: what rules of the IR lead back to.
package struct RuleSource: Hashable, Sendable {
    /// What the rules of the IR that are made of it begin their identifiers with.
    package var id: String
    /// Where it was written.
    package var origin: SourceLocation
    /// Whether it is the end of a scope.
    package var isDefault: Bool
    /// The instant at which it ends, in seconds since 1970 (UTC).
    package var until: Int64?
    /// What a check does not say of it.
    package var allowedLints: Set<PolicyLint>

    /// A rule of a policy.
    package init(
        id: String, origin: SourceLocation, isDefault: Bool = false, until: Int64? = nil,
        allowedLints: Set<PolicyLint> = []
    ) {
        self.id = id
        self.origin = origin
        self.isDefault = isDefault
        self.until = until
        self.allowedLints = allowedLints
    }
}
