internal import FirewallIR
internal import PacketModel

/// The matches of one rule, as far as they have been read.
///
/// The fields of the packet (`-s -d -i -o -p -f`) are asked before all modules, wherever they stand (`ipt_do_table`);
/// the modules are asked in order. What stands behind a guard is asked only for packets that the guard has let on, and has
/// counted: it begins a new stage.
struct RuleLifting {
    let family: AddressFamily
    /// In order; the packets that the matches of a stage hold for, and the guards behind them.
    private(set) var stages: [RuleStage]
    /// The stage into which matches are read.
    private var current = 0

    /// The sets of addresses whose content is known.
    private let sets: [String: IPSet]

    init(family: AddressFamily, sets: [String: IPSet] = [:]) {
        self.family = family
        self.sets = sets
        stages = [RuleStage(condition: [Self.all(family)])]
    }

    /// All packets of a family.
    private static func all(_ family: AddressFamily) -> Box {
        var box = Box()
        box.families = FamilySet(family)
        return box
    }

    /// The stages of the rule: contradictory boxes are gone.
    var result: [RuleStage] {
        stages.map { stage in
            var stage = stage
            stage.condition = stage.condition.compactMap { box in
                let box = box.withConsistentConntrack
                return box.isEmpty ? nil : box
            }
            return stage
        }
    }

    /// Reads the next match.
    mutating func add(_ match: IPTablesMatch) throws(LiftRefusal) {
        choose(match)
        switch match {
        case .source, .destination, .addressRange, .inInterface, .outInterface: try addAddress(match)
        case .proto, .fragment, .tcp, .ports, .multiport, .icmp: try addTransport(match)
        case .conntrack(let match): try addConntrack(match)
        case .state(let states):
            var match = ConntrackMatch()
            match.state = states.map { ConntrackMatch.States($0) }
            try addConntrack(match)
        case .connectionMark(let test): try narrow { $0.connectionMark.narrow(to: test) }
        case .mark(let test): try narrow { $0.mark.append(test) }
        case .sourceMAC, .length, .hopLimit, .dscp, .packetType, .addressType: try addField(match)
        case .limit(let count, let unit, let burst):
            addGuard(.limit(Limit(count: count, unit: unit, burst: burst)))
        case .quota(let bytes): addGuard(.quota(bytes: bytes))
        case .timeUntil(let lastSecond):
            guard lastSecond < .max else { throw LiftRefusal("the date has no second behind it") }
            addOpaque(.before(instant: lastSecond + 1))
        case .module(let name, let options): if !addSet(match) { try addModule(name, options) }
        case .comment: break
        }
    }

    /// Reads a match on a set whose content is known; `false` if it is no such match.
    mutating func addSet(_ match: IPTablesMatch) -> Bool {
        guard let asked = match.addressSet, let set = sets[asked.name], set.family == family else { return false }
        let passing = (asked.isNegated ? set.addresses.complement : set.addresses).only(family)
        for index in stages[current].condition.indices {
            switch asked.side {
            case .source: stages[current].condition[index].source.narrow(to: passing)
            case .destination: stages[current].condition[index].destination.narrow(to: passing)
            }
        }
        return true
    }

    /// Goes to the stage that a match belongs to.
    private mutating func choose(_ match: IPTablesMatch) {
        if match.isAskedFirst {
            current = 0
        } else {
            current = stages.count - 1
            guard !stages[current].guards.isEmpty, !match.isGuardOrComment else { return }
            stages.append(RuleStage(condition: [Self.all(family)]))
            current += 1
        }
    }

    // MARK: - Parts of a stage

    /// Restricts every box.
    mutating func narrow(_ change: (inout Box) throws(LiftRefusal) -> Void) throws(LiftRefusal) {
        for index in stages[current].condition.indices { try change(&stages[current].condition[index]) }
    }

    /// Puts parts, any of which may hold the packet, into the place of each box.
    mutating func multiply(_ parts: (Box) throws(LiftRefusal) -> [Box]) throws(LiftRefusal) {
        var all: [Box] = []
        for box in stages[current].condition { all += try parts(box) }
        stages[current].condition = all
    }

    mutating func addOpaque(_ match: OpaqueMatch) { stages[current].opaque.append(match) }

    mutating func addGuard(_ guarding: Guard) { stages[current].guards.append(guarding) }
}

extension IPTablesMatch {
    /// Whether it is a field of the packet that iptables asks itself, before all modules.
    var isAskedFirst: Bool {
        switch self {
        case .source, .destination, .inInterface, .outInterface, .proto, .fragment: true
        default: false
        }
    }

    /// Whether it can follow a guard in the same stage.
    fileprivate var isGuardOrComment: Bool {
        switch self {
        case .limit, .quota, .comment: true
        case .module(let name, _): IPTablesModules.meaning(of: name) == .stateful
        default: false
        }
    }
}
