internal import FirewallIR
internal import PacketModel

/// The lists of rules that two rule sets have for one hook and family.
enum ScopePair {
    /// One list each.
    case both(Scope, Scope)
    /// One side alone speaks of it, or none.
    case missing
    /// A side has several, which the kernel would ask one after the other.
    case several(side: Int)
}

extension Ruleset {
    /// The scopes for a hook that speak of a family.
    func scopes(at hook: Scope.Hook, _ family: AddressFamily) -> [Scope] {
        scopes.filter { $0.hook == hook && $0.families.contains(FamilySet(family)) }
    }

    /// The scopes of each hook, the hooks in the order in which they are first spoken of.
    var scopesByHook: [[Scope]] { Self.hooks(of: [self]).map { hook in scopes.filter { $0.hook == hook } } }

    /// The hooks of some rule sets, each once, in their order.
    static func hooks(of rulesets: [Ruleset]) -> [Scope.Hook] {
        var seen: Set<Scope.Hook> = []
        return rulesets.flatMap(\.scopes).map(\.hook).filter { seen.insert($0).inserted }
    }

    /// What this and another rule set have to be compared for a hook and family.
    func pair(with other: Ruleset, at hook: Scope.Hook, _ family: AddressFamily) -> ScopePair {
        let sides = [scopes(at: hook, family), other.scopes(at: hook, family)]
        guard let one = sides[0].first, let two = sides[1].first else { return .missing }
        if let side = sides.firstIndex(where: { $0.count > 1 }) { return .several(side: side) }
        return .both(one, two)
    }
}
