internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// Lifts a chain; a rule of nft may become several, and further chains.
struct ChainLifting {
    let chain: NFTChain
    let table: NFTTable
    let place: NFTPlace
    var names: LiftedRuleNames
    var sets: LiftedSets
    /// All names of chains, those that were made here as well.
    var chainNames: Set<String>
    let acceptMark: AcceptMark?
    private(set) var refusals: [Diagnostic] = []
    private(set) var notes: [Diagnostic] = []

    init(
        chain: NFTChain, table: NFTTable, place: NFTPlace, names: LiftedRuleNames, sets: LiftedSets,
        chainNames: Set<String>, acceptMark: AcceptMark?
    ) {
        self.chain = chain
        self.table = table
        self.place = place
        self.names = names
        self.sets = sets
        self.chainNames = chainNames
        self.acceptMark = acceptMark
    }

    /// The chain, and behind it those that were made for its rules.
    mutating func lift() -> [Chain] {
        var rules: [FirewallRule] = []
        rules.reserveCapacity(chain.rules.count)
        var further: [Chain] = []
        for (index, rule) in chain.rules.enumerated() {
            let name = name(of: rule, index)
            do {
                var lifting = RuleLifting(families: table.family.families, acceptMark: acceptMark)
                for statement in rule.statements { try lifting.add(statement, &sets) }
                try check(lifting.targets)
                noteSharedGuard(lifting, name)
                rules += try lifted(lifting.parts(), rule, index, name, &further)
            } catch {
                refusals.append(error.diagnostic("nft", at: name.origin, rule: rule.text))
            }
        }
        return [Chain(name: chain.name, rules: rules)] + further
    }

    private mutating func name(of rule: NFTRule, _ index: Int) -> LiftedRuleNames.Name {
        var name = names.name(comment: rule.comment, chain: chain.name, position: index + 1)
        if name.origin == SourceLocation(file: chain.name, line: index + 1) {
            name.origin = place.location(chain.name, index + 1)
        }
        return name
    }

    /// The rules of a chain's rule; those that stand behind a guard and further things come into a chain of their own.
    private mutating func lifted(
        _ parts: [RuleLifting.Part], _ rule: NFTRule, _ index: Int, _ first: LiftedRuleNames.Name,
        _ further: inout [Chain]
    ) throws(LiftRefusal) -> [FirewallRule] {
        var rules: [FirewallRule] = []
        for (offset, part) in parts.enumerated() {
            let name = offset == 0 ? first : name(of: rule, index)
            var lifted = part.rule(name)
            rules.append(lifted)
            guard !part.inner.isEmpty else { continue }
            let target = innerName(index)
            lifted.verdict = .jump(target)
            rules[rules.count - 1] = lifted
            let next = self.name(of: rule, index)
            let inner = try self.lifted(part.inner, rule, index, next, &further)
            further.insert(Chain(name: target, rules: inner), at: 0)
        }
        return rules
    }

    private mutating func innerName(_ index: Int) -> String {
        var name = "\(chain.name):\(index + 1)"
        while !chainNames.insert(name).inserted { name += "+" }
        return name
    }

    private func check(_ targets: [String]) throws(LiftRefusal) {
        for target in targets where !table.chains.contains(where: { $0.name == target && $0.hook == nil }) {
            throw LiftRefusal("the rules of the chain '\(target)' are not there")
        }
    }

    /// A guard counts packets of both families in nft, and in the intermediate representation those of each by itself.
    private mutating func noteSharedGuard(_ lifting: RuleLifting, _ name: LiftedRuleNames.Name) {
        guard lifting.hasSharedGuard else { return }
        notes.append(
            Diagnostic(
                "shared-limit", .warning, at: name.origin,
                "the rule limits packets of IPv4 and IPv6 together, and Seawall those of each by themselves"))
    }
}
