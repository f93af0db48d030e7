internal import FirewallIR
internal import Semantics

/// What can be said where there is no answer, and what can be done.
struct UndecidedNotes {
    let pair: RulesetPair

    /// The lines for a reason.
    func lines(_ reason: Undecided) -> [String] {
        switch reason {
        case .budget: ["raise --budget, compare one family with --family, or split the rule sets"]
        case .tooManyMarks: ["compare rule sets that ask fewer bits of marks: a larger --budget does not help here"]
        case .severalScopes: ["compare one of them at a time"]
        case .changedOnTheWay: []
        case .unrelated(let guards):
            UnrelatedGuard.lines(guards, names).flatMap { [$0.text, "  for one, \($0.example.sentence)"] }
        case .askedTwice(let guarded):
            [guarded.textOfAskedTwice(names), "  for one, \(guarded.packet.sentence)"]
        case .unconfirmed(let packet):
            ["the packet: \(packet.sentence)", "this is a mistake in Seawall: please report it with both rule sets"]
        }
    }

    /// What the two rule sets are called.
    var names: UnrelatedGuard.Names {
        UnrelatedGuard.Names(sides: pair.sides, places: [pair.a.place, pair.b.place])
    }
}
