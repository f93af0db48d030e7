package import FirewallIR
internal import PacketModel

/// Gives each family, and then each protocol, a chain of its own, so that a packet passes only rules that may be for it.
///
/// The rules of a run of plain rules are replaced by one that leads to the new chain for each value, and behind them what
/// speaks of no single value; the new chain has the rules of the run, in their order, without boxes that hold no packet of
/// the value. Sound because each packet has one family and one protocol: of the rules that it passes only such are missing as
/// do not match it. Rules that are not plain are not duplicated: a run ends before them. A run whose rules return is left
/// alone where it would be jumped to.
package struct SplitByProtocol {
    private let names: FreshNames

    /// Splitting in a scope, with names for new chains and rules.
    package init(_ names: FreshNames) { self.names = names }

    /// A value that packets have, and how a box asks for it.
    private enum Value: Hashable {
        case family(AddressFamily)
        case proto(UInt8)

        var box: Box {
            var box = Box()
            switch self {
            case .family(let family): box.families = FamilySet(family)
            case .proto(let number): box.protocols = IntervalSet(number)
            }
            return box
        }

        var word: String {
            switch self {
            case .family(let family): family == .ip ? "v4" : "v6"
            case .proto(let number): IPProtocol(rawValue: number).name
            }
        }
    }

    /// The chains that a chain becomes, itself first.
    package func run(_ chain: Chain) -> [Chain] {
        split(chain) { rules in Self.families(of: rules) }.flatMap { chain in
            split(chain) { rules in Self.protocols(of: rules) }
        }
    }

    private func split(_ chain: Chain, _ values: ([FirewallRule]) -> [Value]) -> [Chain] {
        var rules: [FirewallRule] = []
        var further: [Chain] = []
        var next = 0
        while next < chain.rules.count {
            let end = chain.rules[next...].firstIndex { !$0.isPlain } ?? chain.rules.count
            let run = Array(chain.rules[next..<end])
            let isLast = end == chain.rules.count
            if let parts = parts(of: run, isLast: isLast, in: chain.name, values(run)) {
                rules += parts.rules
                further += parts.chains
            } else {
                rules += run
            }
            if end < chain.rules.count { rules.append(chain.rules[end]) }
            next = end + 1
        }
        return [Chain(name: chain.name, rules: rules)] + further
    }

    /// What a run becomes; `nil` if it stays as it is.
    private func parts(
        of run: [FirewallRule], isLast: Bool, in chain: String, _ values: [Value]
    ) -> (rules: [FirewallRule], chains: [Chain])? {
        guard isLast || run.allSatisfy(\.verdict.staysInJumpedChain) else { return nil }
        // Rules in front that speak of no single value, and a few for one, are cheaper where they are.
        let start = run.firstIndex { rule in values.contains { rule.speaks(of: $0.box) } } ?? run.count
        let split = run[start...]
        let own = values.map { value in split.compactMap { $0.narrowed(to: value.box) } }
        let rest = split.compactMap { $0.without(values.map(\.box)) }
        let worth = zip(values, own).filter { $0.1.count + 2 <= split.count && $0.1.count > 1 }
        guard values.count > 1, split.count >= Self.least, !worth.isEmpty else { return nil }
        var rules = Array(run[..<start])
        var chains: [Chain] = []
        for (value, own) in zip(values, own) where !own.isEmpty {
            let name = names.chain("\(chain)-\(value.word)")
            rules.append(names.lead(to: name, isLast: isLast, [value.box], like: own[0]))
            chains.append(Chain(name: name, rules: own.map { names.copy($0) }))
        }
        return (rules + rest, chains)
    }

    /// A shorter run is not worth a chain.
    private static let least = 10

    // MARK: - Values

    private static func families(of rules: [FirewallRule]) -> [Value] {
        let asked = rules.flatMap(\.condition).reduce(into: Set<AddressFamily>()) { found, box in
            if box.possibleFamilies != .both { found.formUnion(box.possibleFamilies.families) }
        }
        return AddressFamily.allCases.filter(asked.contains).map(Value.family)
    }

    private static func protocols(of rules: [FirewallRule]) -> [Value] {
        let asked = rules.flatMap(\.condition).compactMap { $0.protocols?.single }
        return Set(asked).sorted().map(Value.proto)
    }
}

extension FirewallRule {
    /// Whether a box asks for a value alone, and no other.
    fileprivate func speaks(of value: Box) -> Bool {
        condition.contains { box in
            value.protocols == nil ? box.possibleFamilies == value.families : box.protocols == value.protocols
        }
    }

    /// The rule without boxes that hold no packet with a value; `nil` if none is left.
    fileprivate func narrowed(to value: Box) -> FirewallRule? {
        var rule = keepingBoxes {
            !$0.isApart(from: value) && !$0.possibleFamilies.isDisjoint(with: value.families)
        }
        guard let family = value.families.families.first, value.families != .both else { return rule }
        for index in rule?.condition.indices ?? 0..<0 {
            guard let box = rule?.condition[index], !box.fields.isDisjoint(with: .addresses) else { continue }
            rule?.condition[index] = box.restricted(to: family) ?? box
        }
        return rule
    }

    /// The rule without boxes all of whose packets have one of some values; `nil` if none is left.
    fileprivate func without(_ values: [Box]) -> FirewallRule? {
        keepingBoxes { box in
            !values.contains { value in
                value.protocols.map { box.protocols == $0 } ?? value.families.isSuperset(of: box.possibleFamilies)
            }
                && !(values.allSatisfy { $0.protocols == nil }
                    && values.reduce(into: FamilySet()) { $0.formUnion($1.families) } == .both)
        }
    }

    private func keepingBoxes(_ isKept: (Box) -> Bool) -> FirewallRule? {
        let lives = condition.map(isKept)
        if lives.allSatisfy({ $0 }) { return self }
        return lives.contains(true) ? keeping(lives) : nil
    }
}

extension Verdict {
    /// Whether it means the same in a chain that is jumped to as in the one that jumps: it decides.
    package var staysInJumpedChain: Bool {
        switch self {
        case .leave, .accept, .drop, .reject, .queue, .next, .jump: true
        case .goto, .return: false
        }
    }
}
