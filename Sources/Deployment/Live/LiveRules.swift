package import Diagnostics
package import FirewallIR
internal import IPTablesBackend
package import NFTablesBackend
package import PacketModel

/// What stands at the places of Seawall's rules, as rules of the IR: what the kernel holds now, or will hold after a plan.
package struct LiveRules: Hashable, Sendable {
    /// One for each family of iptables, IPv4 first; or our nft table alone.
    package var places: [LivePlace]

    /// Some places.
    package init(places: [LivePlace]) { self.places = places }

    /// All that packets meet there, rules of others in `DOCKER-USER` as well; what is not there lets everything pass.
    ///
    /// - Parameters:
    ///   - name: the name of the rule set.
    ///   - hooks: the hooks of which it has to speak in any case.
    ///   - own: the names of places of which our own rules alone are wanted.
    /// - Returns: a scope for each hook and family whose meaning is known.
    package func ruleset(named name: String, hooks: [Scope.Hook] = [], own: Set<String> = []) -> Ruleset {
        Ruleset(
            name: name,
            scopes: places.flatMap { $0.complete(own.contains($0.name) ? $0.own : $0.whole, hooks) })
    }

    /// The rule at a place that names a chain of the kernel.
    package func text(at location: SourceLocation) -> String? {
        places.lazy.compactMap { $0.text(at: location) }.first
    }

    /// The hooks of which any place speaks.
    package var hooks: [Scope.Hook] {
        var seen: Set<Scope.Hook> = []
        return places.flatMap { $0.whole.scopes + $0.own.scopes }.map(\.hook).filter { seen.insert($0).inserted }
    }
}

/// One place of rules: `DOCKER-USER` of one variant and family of iptables, or the table `inet seawall`.
package struct LivePlace: Hashable, Sendable {
    /// `iptables-legacy`, `ip6tables-nft`, `nft`.
    package var name: String
    /// The families whose packets come there.
    package var families: FamilySet
    /// All that packets meet.
    package var whole: LiveMeaning
    /// Of it, what is ours.
    package var own: LiveMeaning
    /// Rules of others among ours, in order.
    package var others: [LiveRule] = []
    /// Of iptables: the table with the chains.
    package var filter: IPTablesFilter?
    /// Of nft: our table, if there is one.
    package var table: NFTTable?

    /// Whether a place names something in the kernel here, and no file.
    package func owns(_ location: SourceLocation) -> Bool { location.file.hasPrefix("\(name), ") }

    /// The rule at a place that names a chain of the kernel: `iptables-legacy: -A DOCKER-USER -s 192.0.2.7/32 -j DROP`.
    package func text(at location: SourceLocation) -> String? {
        guard owns(location), let line = location.line else { return nil }
        let chain = String(location.file.dropFirst(name.count + 2))
        return rule(chain, line).map { "\(name): \($0)" }
    }

    private func rule(_ chain: String, _ position: Int) -> String? {
        if let rules = filter?.table.rules(of: chain), rules.indices.contains(position - 1) {
            return IPTablesLine.appendWords(chain, words: rules[position - 1].words).text
        }
        guard let rules = table?.chains.first(where: { $0.name == chain })?.rules,
            rules.indices.contains(position - 1)
        else { return nil }
        return "\(chain): \(rules[position - 1].text)"
    }

    /// The scopes of a meaning, and those that let everything pass, so that each hook and family is spoken of.
    fileprivate func complete(_ meaning: LiveMeaning, _ hooks: [Scope.Hook]) -> [Scope] {
        guard case .known(let scopes) = meaning else { return [] }
        let missing = hooks.flatMap { hook in
            families.families.filter { family in
                !scopes.contains { $0.hook == hook && $0.families.contains(FamilySet(family)) }
            }.map { Scope.passing(hook, FamilySet($0)) }
        }
        return scopes + missing
    }
}

/// What rules in the kernel mean, as far as that is known.
package enum LiveMeaning: Hashable, Sendable {
    /// The scopes; none where packets meet no rules.
    case known([Scope])
    /// There are rules whose meaning is not known.
    case unknown([UnknownRule])

    /// The scopes; none if the meaning is not known.
    package var scopes: [Scope] { if case .known(let scopes) = self { scopes } else { [] } }
    /// The rules whose meaning is not known.
    package var unknown: [UnknownRule] { if case .unknown(let rules) = self { rules } else { [] } }
}

/// A rule of `DOCKER-USER` as its tool prints it.
package struct LiveRule: Hashable, Sendable {
    /// The position in the chain, from 1.
    package var position: Int
    /// `-A DOCKER-USER -s 192.0.2.7/32 -j DROP`.
    package var text: String
}

/// A rule whose meaning is not known.
package struct UnknownRule: Hashable, Sendable {
    /// The rule as its tool prints it.
    package var text: String
    /// What is not known of it, and why.
    package var reason: String
}

extension Scope {
    /// The scope of no rules at all.
    package static func passing(_ hook: Hook, _ families: FamilySet) -> Scope {
        Scope(hook: hook, families: families, entry: "", chains: [Chain(name: "", rules: [])])
    }
}
