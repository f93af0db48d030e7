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
                if rule.guards.isEmpty { return [] }
                let condition = rule.condition.compactMap { $0.restricted(to: family) }
                if condition.isEmpty { return [] }
                return rule.guards.enumerated().map { index, guarded in
                    (
                        Place(side: side, place: Circumstances.GuardPlace(rule: rule.id, index: index)), guarded,
                        condition
                    )
                }
            }
        }
        if sides.count == 2 {
            pair(&open) { $0.guarded == $1.guarded && $0.place.stem == $1.place.stem }
            pair(&open) { $0.guarded == $1.guarded && $0.condition == $1.condition }
            pair(&open) { $0.guarded == $1.guarded }
        }
        for one in open.joined() { add([one.place]) }
    }

    private typealias Candidate = (place: Place, guarded: Guard, condition: [Box])

    private mutating func pair(_ open: inout [[Candidate]], _ areAlike: (Candidate, Candidate) -> Bool) {
        var left: [Candidate] = []
        for one in open[0] {
            if let match = open[1].firstIndex(where: { areAlike(one, $0) }) {
                add([one.place, open[1][match].place])
                open[1].remove(at: match)
            } else {
                left.append(one)
            }
        }
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
