internal import FirewallIR
internal import PacketModel

/// The guards of the sides of a query, each with a number; guards that are taken for the same have the same one.
///
/// Each guard is an instance with a state of its own, so two rule sets can only agree if their guards correspond. They are
/// paired by their parameters and the names of their rules, then by the conditions, then by the order; that the same
/// packets arrive at both is not assumed but proved, by the letters that asking leaves in the word of a packet.
struct GuardPairs {
    /// A guard of one side.
    struct Place: Hashable {
        var side: Int
        var place: Circumstances.GuardPlace
    }

    private(set) var numbers: [Place: Int] = [:]
    /// The guards of each number.
    private(set) var members: [[Place]] = []

    /// Pairs the guards of rule sets, given the rules of each in their order.
    init(_ sides: [[FirewallRule]], family: AddressFamily) {
        var open: [[(place: Place, guarded: Guard, condition: [Box])]] = sides.enumerated().map { side, rules in
            rules.flatMap { rule -> [Candidate] in
                rule.guards.isEmpty && rule.stages.isEmpty ? [] : Self.candidates(rule, side, family)
            }
        }
        if sides.count == 2 {
            pair(&open) { NameKey(guarded: $0.guarded, stem: $0.place.stem) }
            pair(&open) { ConditionKey(guarded: $0.guarded, condition: $0.condition) }
            pair(&open) { $0.guarded }
        }
        for one in open.joined() { add([one.place]) }
    }

    /// The guards of a rule that packets of a family can reach, each with the condition of its stage.
    private static func candidates(_ rule: FirewallRule, _ side: Int, _ family: AddressFamily) -> [Candidate] {
        var found: [Candidate] = []
        for stage in rule.allStages {
            let condition = stage.condition.compactMap { $0.restricted(to: family) }
            if condition.isEmpty { break }
            for guarded in stage.guards {
                let place = Circumstances.GuardPlace(rule: rule.id, index: found.count)
                found.append((Place(side: side, place: place), guarded, condition))
            }
        }
        return found
    }

    private typealias Candidate = (place: Place, guarded: Guard, condition: [Box])

    private struct NameKey: Hashable {
        var guarded: Guard
        var stem: Substring
    }

    private struct ConditionKey: Hashable {
        var guarded: Guard
        var condition: [Box]
    }

    /// Pairs those with the same key, in their order.
    private mutating func pair<Key: Hashable>(_ open: inout [[Candidate]], by key: (Candidate) -> Key) {
        var waiting: [Key: [Int]] = [:]
        for index in open[1].indices.reversed() { waiting[key(open[1][index]), default: []].append(index) }
        var left: [Candidate] = []
        var isTaken = [Bool](repeating: false, count: open[1].count)
        for one in open[0] {
            if let match = waiting[key(one)]?.popLast() {
                add([one.place, open[1][match].place])
                isTaken[match] = true
            } else {
                left.append(one)
            }
        }
        open[1] = open[1].indices.filter { !isTaken[$0] }.map { open[1][$0] }
        open[0] = left
    }

    private mutating func add(_ places: [Place]) {
        for place in places { numbers[place] = members.count }
        members.append(places)
    }
}

extension GuardPairs.Place {
    /// The name of the rule, without what a lift adds for the lines of one rule.
    fileprivate var stem: Substring { place.rule.prefix { $0 != "." } }
}

extension Guard {
    /// Whether other guards can have the same state, by its name.
    var sharesState: Bool {
        switch self {
        case .module(let name, _): ["recent", "hashlimit"].contains(name)
        case .limit, .quota: false
        }
    }
}
