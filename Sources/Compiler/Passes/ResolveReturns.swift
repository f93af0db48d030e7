package import FirewallIR

/// Writes what a return from the entry chain means: the policy of the scope.
///
/// Sound because nothing leads to the entry chain but the hook, so that a return from it ends the scope as its end does. Other
/// chains keep their returns: where these lead to depends on who came in.
package enum ResolveReturns {
    /// A scope whose entry chain decides where it returned.
    package static func run(_ scope: Scope) -> Scope {
        var scope = scope
        for chain in scope.chains.indices where scope.chains[chain].name == scope.entry {
            for rule in scope.chains[chain].rules.indices where scope.chains[chain].rules[rule].verdict == .return {
                scope.chains[chain].rules[rule].verdict = scope.policy
            }
        }
        return scope
    }
}
