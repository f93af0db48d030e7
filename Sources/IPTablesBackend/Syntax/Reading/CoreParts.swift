internal import PacketModel

/// The fields of the packet that iptables itself asks.
struct CoreParts {
    private var source: Negatable<[IPMaskedAddress]>?
    private var destination: Negatable<[IPMaskedAddress]>?
    private var inInterface: Negatable<InterfacePattern>?
    private var outInterface: Negatable<InterfacePattern>?
    private(set) var proto: Negatable<ProtocolWord>?
    private var fragment: Bool?
    private var interfaceColumns: (in: Int, out: Int) = (0, 0)
    /// `-i +` asks nothing, and stands once all the same.
    private var hasAnyInterface: (in: Bool, out: Bool) = (false, false)

    /// What the rule asks of the protocol; `nil` if it is all of them.
    var askedProtocol: AskedProtocol? {
        proto.map { AskedProtocol(number: $0.value.number, isNegated: $0.isNegated) }
    }

    /// Takes one option.
    ///
    /// - Throws: if it stands twice, or its value is not taken.
    mutating func take(
        _ kind: CoreOption, _ value: RuleWord?, isNegated: Bool, option: RuleWord, family: AddressFamily
    ) throws(RuleProblem) {
        switch kind {
        case .source:
            try once(source == nil, option)
            source = try Self.addresses(value, isNegated, family)
        case .destination:
            try once(destination == nil, option)
            destination = try Self.addresses(value, isNegated, family)
        case .inInterface:
            try once(inInterface == nil && !hasAnyInterface.in, option)
            inInterface = try Self.interface(value, isNegated)
            hasAnyInterface.in = true
            interfaceColumns.in = option.column
        case .outInterface:
            try once(outInterface == nil && !hasAnyInterface.out, option)
            outInterface = try Self.interface(value, isNegated)
            hasAnyInterface.out = true
            interfaceColumns.out = option.column
        case .proto: try takeProtocol(value, isNegated, option)
        default: try takeFragment(isNegated, option, family)
        }
    }

    private func once(_ isFirst: Bool, _ option: RuleWord) throws(RuleProblem) {
        guard isFirst else { throw option.rejected("'\(option.text)' stands twice") }
    }

    private static func addresses(
        _ value: RuleWord?, _ isNegated: Bool, _ family: AddressFamily
    ) throws(RuleProblem) -> Negatable<[IPMaskedAddress]>? {
        guard let value else { return nil }
        let addresses = try value.maskedAddresses(family)
        if isNegated, addresses.count > 1 {
            throw value.rejected("'!' cannot stand before several addresses: write a rule for what they share")
        }
        return Negatable(addresses, isNegated: isNegated)
    }

    /// `-i +` is every interface, and asks nothing; `! -i +` is none.
    private static func interface(
        _ value: RuleWord?, _ isNegated: Bool
    ) throws(RuleProblem) -> Negatable<InterfacePattern>? {
        guard let value else { return nil }
        if value.text == "+" { return isNegated ? Negatable(.prefix(""), isNegated: true) : nil }
        return Negatable(try value.interface(), isNegated: isNegated)
    }

    private mutating func takeProtocol(_ value: RuleWord?, _ isNegated: Bool, _ option: RuleWord) throws(RuleProblem) {
        try once(proto == nil, option)
        guard let value else { return }
        let word = try value.ipProtocol()
        guard word.number != 0 else {
            if isNegated { throw value.rejected("'! -p \(value.text)' would never match") }
            return
        }
        proto = Negatable(word, isNegated: isNegated)
    }

    private mutating func takeFragment(
        _ isNegated: Bool, _ option: RuleWord, _ family: AddressFamily
    ) throws(RuleProblem) {
        try once(fragment == nil, option)
        guard family == .ip else { throw option.rejected("'-f' does not exist for IPv6") }
        fragment = isNegated
    }

    /// The built-in chains know one of the interfaces only.
    func checkInterfaces(chain: String?) throws(RuleProblem) {
        if inInterface != nil, chain == "OUTPUT" || chain == "POSTROUTING" {
            throw RuleProblem(
                .rejected, "packets in \(chain ?? "") have no in-interface: '-i' cannot stand there",
                column: interfaceColumns.in)
        }
        if outInterface != nil, chain == "INPUT" || chain == "PREROUTING" {
            throw RuleProblem(
                .rejected, "packets in \(chain ?? "") have no out-interface: '-o' cannot stand there",
                column: interfaceColumns.out)
        }
    }

    /// The rules with further matches and a target: one for each pair of addresses.
    func rules(_ matches: [IPTablesMatch], _ target: IPTablesTarget?) -> [IPTablesRule] {
        var rules: [IPTablesRule] = []
        for source in alternatives(source) {
            for destination in alternatives(destination) {
                var all: [IPTablesMatch] = []
                all.reserveCapacity(matches.count + count(source, destination))
                if let source { all.append(.source(source)) }
                if let destination { all.append(.destination(destination)) }
                if let inInterface { all.append(.inInterface(inInterface)) }
                if let outInterface { all.append(.outInterface(outInterface)) }
                if let proto { all.append(.proto(proto)) }
                if let fragment { all.append(.fragment(isNegated: fragment)) }
                all += matches
                rules.append(IPTablesRule(all, target: target))
            }
        }
        return rules
    }

    private func count(_ source: Negatable<IPMaskedAddress>?, _ destination: Negatable<IPMaskedAddress>?) -> Int {
        (source == nil ? 0 : 1) + (destination == nil ? 0 : 1) + (inInterface == nil ? 0 : 1)
            + (outInterface == nil ? 0 : 1) + (proto == nil ? 0 : 1) + (fragment == nil ? 0 : 1)
    }

    /// The addresses one by one; those of length 0 ask nothing, unless they are negated.
    private func alternatives(_ test: Negatable<[IPMaskedAddress]>?) -> [Negatable<IPMaskedAddress>?] {
        guard let test else { return [nil] }
        return test.value.map { address in
            let isAll = address.prefix?.length == 0 && !test.isNegated
            return isAll ? nil : Negatable(address, isNegated: test.isNegated)
        }
    }
}
