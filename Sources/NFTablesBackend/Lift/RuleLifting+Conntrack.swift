internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a match on what conntrack says; all but the state need an entry.
    mutating func matchConntrack(
        _ key: NFTExpression.CT, _ isOriginal: Bool, _ comparison: NFTComparison, _ sets: inout LiftedSets
    ) throws(LiftRefusal) {
        guard isOriginal != key.isOfConnection else {
            throw LiftRefusal("'\(NFTExpression.ct(key, original: isOriginal).text)' is not known")
        }
        let comparison = key.hasPorts || key.hasAddresses ? comparison : try comparison.resolved(sets)
        switch key {
        case .state: try matchState(mask: nil, comparison)
        case .status: try matchStatus(mask: nil, comparison)
        case .mark: try matchConnectionMark(mask: nil, comparison)
        case .direction:
            let numbers: IntervalSet<UInt8> = try comparison.numbers { ["original": 0, "reply": 1][$0] }
            var directions: ConntrackDirectionSet = numbers.contains(0) ? .original : []
            if numbers.contains(1) { directions.formUnion(.reply) }
            narrow { $0.direction.narrow(to: Presence(directions)) }
        case .proto:
            let numbers = try comparison.numbers { IPProtocol(nft: $0)?.rawValue }
            narrow { $0.originalProtocol.narrow(to: Presence(numbers)) }
        case .protoSource:
            try checkTuplePort(comparison)
            let ports = try comparison.ports(&sets)
            narrow { $0.originalSourcePort.narrow(to: Presence(ports)) }
        case .protoDestination:
            try checkTuplePort(comparison)
            let ports = try comparison.ports(&sets)
            narrow { $0.originalDestinationPort.narrow(to: Presence(ports)) }
        case .ipSource, .ip6Source:
            let family = key == .ipSource ? AddressFamily.ip : .ip6
            let addresses = try comparison.addresses(of: family, &sets)
            narrow { box in
                box.families.formIntersection(FamilySet(family))
                box.originalSource.narrow(to: Presence(addresses))
            }
        case .ipDestination, .ip6Destination:
            let family = key == .ipDestination ? AddressFamily.ip : .ip6
            let addresses = try comparison.addresses(of: family, &sets)
            narrow { box in
                box.families.formIntersection(FamilySet(family))
                box.originalDestination.narrow(to: Presence(addresses))
            }
        }
    }

    /// Reads a match on the state: one bit of the register is set, so each state passes or does not.
    mutating func matchState(mask: UInt32?, _ comparison: NFTComparison) throws(LiftRefusal) {
        let alternatives = try comparison.tests(mask: mask) { Self.states[$0]?.bit }
        let passing = Self.states.values.filter { row in
            alternatives.contains { $0.allSatisfy { $0.matches(row.bit) } }
        }
        narrow { $0.state.narrow(to: ConntrackStateSet(passing.map(\.state))) }
    }

    /// Reads a match on the bits of the status, of which several may be set.
    mutating func matchStatus(mask: UInt32?, _ comparison: NFTComparison) throws(LiftRefusal) {
        let alternatives = try comparison.tests(mask: mask) { ConntrackStatus(name: $0)?.rawValue }
        narrow(toAnyOf: alternatives) { box, tests in for test in tests { box.status.narrow(to: test) } }
    }

    /// Reads a match on the bits of the connection's mark.
    mutating func matchConnectionMark(mask: UInt32?, _ comparison: NFTComparison) throws(LiftRefusal) {
        let alternatives = try comparison.tests(mask: mask) { _ in nil }
        narrow(toAnyOf: alternatives) { box, tests in for test in tests { box.connectionMark.narrow(to: test) } }
    }

    /// nft 1.0.6 lists a port of the tuple wrongly unless it is one value or range behind one protocol, or a named set.
    private func checkTuplePort(_ comparison: NFTComparison) throws(LiftRefusal) {
        if asksNamedSet { return }
        switch comparison.right {
        case .named: return
        case .set(let elements) where elements.count > 1:
            throw LiftRefusal("nft lists several ports of the original tuple wrongly: write a named set")
        default: break
        }
        guard knownProtocols.single != nil else {
            throw LiftRefusal(
                "nft lists a port of the original tuple wrongly unless one protocol was asked for before: write a named set"
            )
        }
    }

    /// The bit of a state in the register (`NF_CT_STATE_BIT`).
    static func stateBit(_ name: String) -> UInt32? { states[name]?.bit }

    /// The bits of the register (`NF_CT_STATE_BIT`).
    private static let states: [String: (bit: UInt32, state: ConntrackStateSet)] = [
        "invalid": (1, .invalid), "established": (2, .established), "related": (4, .related), "new": (8, .new),
        "untracked": (64, .untracked),
    ]
}

extension NFTExpression.CT {
    /// Whether it belongs to the connection as a whole, and not to one of its tuples.
    fileprivate var isOfConnection: Bool {
        self == .state || self == .direction || self == .status || self == .mark
    }

    fileprivate var hasPorts: Bool { self == .protoSource || self == .protoDestination }

    fileprivate var hasAddresses: Bool {
        [.ipSource, .ipDestination, .ip6Source, .ip6Destination].contains(self)
    }
}
