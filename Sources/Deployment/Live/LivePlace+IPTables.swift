package import Diagnostics
internal import FirewallIR
package import IPTablesBackend
internal import PacketModel

extension LivePlace {
    /// `DOCKER-USER` in a table of iptables, where packets come to it, and our chain for what docker-proxy accepts.
    ///
    /// All of the chain is what packets meet. Ours of it is the chain `SEAWALL`, or what stands in `DOCKER-USER` itself and
    /// is not somebody else's. Where `DOCKER-USER` is not reached, packets meet nothing; where it is reached under a
    /// condition, what they meet is not known.
    ///
    /// - Parameters:
    ///   - filter: the table.
    ///   - sets: the sets of addresses whose content is known, by name.
    ///   - origins: the places of a policy's rules, by the identifiers in their comments.
    package init(
        _ filter: IPTablesFilter, sets: [String: IPSet] = [:], origins: [String: SourceLocation] = [:]
    ) {
        let name = filter.variant.name(filter.family)
        let lifting = FilterLifting(filter: filter, sets: sets, origins: origins, name: name)
        let contents = DockerUserRules(filter.table)
        let entry = IPTablesNames.dockerUser
        let whole = lifting.whole
        let input = lifting.input
        self.init(
            name: name, families: FamilySet(filter.family), whole: whole.and(input),
            own: lifting.own(contents, within: whole).and(input))
        self.filter = filter
        for (index, (rule, owner)) in zip(contents.rules, contents.owners).enumerated() where owner == .foreign {
            others.append(
                LiveRule(position: index + 1, text: IPTablesLine.appendWords(entry, words: rule.words).text))
        }
    }
}

extension LivePlace {
    /// The places of several tables, in their order.
    static func all(
        _ filters: [IPTablesFilter], sets: [String: IPSet], origins: [String: SourceLocation]
    ) async -> [LivePlace] {
        filters.map { LivePlace($0, sets: sets, origins: origins) }
    }
}

/// Lifts chains of a table in the kernel.
private struct FilterLifting {
    let filter: IPTablesFilter
    let sets: [String: IPSet]
    let origins: [String: SourceLocation]
    let name: String

    var whole: LiveMeaning {
        switch filter.reach {
        case .reached: lift(filter.table.reached(from: IPTablesNames.dockerUser), from: IPTablesNames.dockerUser)
        case .missing, .unreached, .blocked: .known([])
        case .conditional(let rule):
            .unknown([UnknownRule(text: rule, reason: "DOCKER-USER is reached only under a condition")])
        }
    }

    /// Our chain for what docker-proxy accepts; what others have in INPUT is no part of it.
    var input: LiveMeaning {
        let chain = IPTablesNames.inputChain
        switch filter.table.reach(of: chain, from: InputRules.chain) {
        case .reached: return lift(filter.table.reached(from: chain), from: chain)
        case .missing, .unreached, .blocked: return .known([])
        case .conditional(let rule):
            return .unknown([UnknownRule(text: rule, reason: "\(chain) is reached only under a condition")])
        }
    }

    /// Our own chain, or `DOCKER-USER` without what is not ours.
    func own(_ contents: DockerUserRules, within whole: LiveMeaning) -> LiveMeaning {
        let table = filter.table
        let own = IPTablesNames.ownChain
        if table.chain(own) != nil {
            let chains = table.reached(from: own)
            guard let scope = whole.scopes.first, scope.chains.contains(where: { $0.name == own }) else {
                return lift(chains, from: own)
            }
            return .known([scope.beginning(at: own, chains.map(\.name))])
        }
        let entry = IPTablesNames.dockerUser
        guard !contents.rules(of: .seawall).isEmpty else { return .known([]) }
        if contents.others.isEmpty, filter.reach == .reached { return whole }
        var alone = table
        for index in alone.chains.indices where alone.chains[index].name == entry {
            alone.chains[index].rules = contents.rules(of: .seawall)
        }
        return lift(alone.reached(from: entry), from: entry)
    }

    private func lift(_ chains: [SaveChain], from entry: String) -> LiveMeaning {
        let table = filter.table.filterTable(chains, family: filter.family, sets: sets)
        let lift = LiftFromIPTables.liftChain(table, from: entry, origins: origins)
        guard lift.refusals.isEmpty else {
            return .unknown(
                lift.refusals.map { UnknownRule(text: "-A \($0.chain) \($0.text)", reason: $0.reason) })
        }
        return .known(lift.scopes.map { $0.placed(at: name) })
    }
}

extension LiveMeaning {
    /// Both; not known where one of them is not.
    fileprivate func and(_ other: LiveMeaning) -> LiveMeaning {
        guard unknown.isEmpty && other.unknown.isEmpty else { return .unknown(unknown + other.unknown) }
        return .known(scopes + other.scopes)
    }
}

extension Scope {
    /// A part of it: some of its chains, one of them first.
    fileprivate func beginning(at entry: String, _ names: [String]) -> Scope {
        let own = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
        return Scope(hook: hook, families: families, entry: entry, chains: names.compactMap { own[$0] })
    }

    /// The same with the name of the place before the chains in which rules stand that no policy knows.
    func placed(at name: String) -> Scope {
        var scope = self
        for chain in scope.chains.indices {
            let chainName = scope.chains[chain].name
            for rule in scope.chains[chain].rules.indices
            where scope.chains[chain].rules[rule].origin.file == chainName {
                scope.chains[chain].rules[rule].origin.file = "\(name), \(chainName)"
            }
        }
        return scope
    }
}
