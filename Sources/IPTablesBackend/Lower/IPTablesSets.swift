internal import FirewallIR
internal import PacketModel

/// When addresses are put into sets of the kernel.
package struct IPSetOptions: Hashable, Sendable {
    /// As many lines as a rule would need for its addresses, at least, for a set to be made of them.
    package var minimumLines: Int

    /// Options; eight lines cost about as much as the look-up in a set.
    package init(minimumLines: Int = 8) { self.minimumLines = max(1, minimumLines) }
}

/// The sets that rules of one family ask.
struct IPTablesSets {
    let family: AddressFamily
    /// Without options there are none.
    let options: IPSetOptions?
    /// The sets, in the order in which they were asked for first.
    private(set) var sets: [IPSet] = []
    /// The rule that asks.
    var rule = ""
    private var known: [IntervalsKey: String] = [:]
    private var names: Set<String> = []

    /// The addresses of a set.
    private enum IntervalsKey: Hashable {
        case v4(IntervalSet<UInt32>)
        case v6(IntervalSet<UInt128>)
    }

    /// One of the addresses of a packet.
    enum Side: String {
        case source = "src"
        case destination = "dst"
    }

    init(family: AddressFamily, options: IPSetOptions?) {
        self.family = family
        self.options = options
    }

    /// The match on a set of addresses; `nil` if they are to be written out.
    ///
    /// Rules that ask the same addresses ask one set, which is called by the first of them: so the name does not depend on
    /// what is in the set.
    mutating func match(_ addresses: IPAddressSet, _ side: Side, lines: Int) -> IPTablesMatch? {
        guard let options, lines >= options.minimumLines else { return nil }
        let own = addresses.only(family)
        let missing = own.complement.only(family)
        let isNegated = Self.size(missing, family) < Self.size(own, family)
        let name = name(isNegated ? missing : own, side)
        return .module("set", options: [IPTablesOption("--match-set", [name, side.rawValue], isNegated: isNegated)])
    }

    private static func size(_ set: IPAddressSet, _ family: AddressFamily) -> Int {
        set.ranges(of: family).reduce(0) { $0 + $1.prefixes.count }
    }

    private mutating func name(_ addresses: IPAddressSet, _ side: Side) -> String {
        let key = family == .ip ? IntervalsKey.v4(addresses.v4) : .v6(addresses.v6)
        if let name = known[key] { return name }
        let name = unused(side)
        known[key] = name
        sets.append(IPSet(name: name, family: family, addresses: addresses))
        return name
    }

    /// `sw-`, the rule, the side and the family; 20 bytes at most, which leaves room for what is put behind it.
    private mutating func unused(_ side: Side) -> String {
        let valid = rule.utf8.prefix(10).map { byte in
            let isPlain = byte >= 48 && byte <= 57 || byte | 32 >= 97 && byte | 32 <= 122 || byte == 46
            return Character(UnicodeScalar(isPlain ? byte : 95))
        }
        let base = "\(IPSetNames.prefix)\(String(valid))-\(side.rawValue.prefix(1))\(family == .ip ? 4 : 6)"
        var name = base
        var count = 1
        while !names.insert(name).inserted {
            count += 1
            name = "\(base).\(count)"
        }
        return name
    }
}

extension IPTablesMatch {
    /// The name of the set that is asked, the side, and whether it is asked not to be in it; `nil` for other matches.
    var addressSet: (name: String, side: IPTablesSets.Side, isNegated: Bool)? {
        guard case .module("set", let options) = self, options.count == 1, options[0].name == "--match-set",
            options[0].values.count == 2, let side = IPTablesSets.Side(rawValue: options[0].values[1])
        else { return nil }
        return (options[0].values[0], side, options[0].isNegated)
    }
}

extension IPTablesProgram {
    /// The program with its sets under other names; what is not named keeps its name.
    package func namingSets(_ names: [String: String]) -> IPTablesProgram {
        func renamed(_ rules: [IPTablesRule]) -> [IPTablesRule] {
            rules.map { rule in
                var rule = rule
                for (index, match) in rule.matches.enumerated() {
                    guard let asked = match.addressSet, let name = names[asked.name] else { continue }
                    let option = IPTablesOption(
                        "--match-set", [name, asked.side.rawValue], isNegated: asked.isNegated)
                    rule.matches[index] = .module("set", options: [option])
                }
                return rule
            }
        }
        var result = self
        for index in sets.indices { result.sets[index].name = names[sets[index].name] ?? sets[index].name }
        result.entry = renamed(entry)
        result.input = renamed(input)
        for index in builtIn.indices { result.builtIn[index].rules = renamed(builtIn[index].rules) }
        for index in chains.indices { result.chains[index].rules = renamed(chains[index].rules) }
        return result
    }

    /// The program without sets that no rule asks.
    var withoutUnusedSets: IPTablesProgram {
        guard !sets.isEmpty else { return self }
        let rules = [entry, input] + builtIn.map(\.rules) + chains.map(\.rules)
        let used = Set(rules.lazy.joined().flatMap(\.matches).compactMap { $0.addressSet?.name })
        var result = self
        result.sets = sets.filter { used.contains($0.name) }
        return result
    }
}
