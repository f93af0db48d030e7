package import Diagnostics
internal import FirewallIR

extension UnrelatedGuard {
    /// How the sides and the places of their rules are called.
    package struct Names {
        /// What each side is called.
        package var sides: [String]
        /// The place of a rule of each side, as the user would write it.
        package var places: [(SourceLocation) -> SourceLocation]

        /// Names for both sides.
        package init(sides: [String], places: [(SourceLocation) -> SourceLocation]) {
            self.sides = sides
            self.places = places
        }
    }

    /// What cannot be related with what, a line each, with a packet that shows it.
    ///
    /// Guards of both sides that have no counterpart are named together: they may be meant for each other.
    package static func lines(_ guards: [UnrelatedGuard], _ names: Names) -> [(text: String, example: PacketState)] {
        let lone = [0, 1].map { side in guards.filter { $0.side == side && $0.isAlone } }
        let pairs = zip(lone[0], lone[1]).map { one, other in
            (
                text: "cannot relate \(one.words(names)) with \(other.words(names)): they are not the same",
                example: one.packet
            )
        }
        let rest = guards.filter { !$0.isAlone } + lone.flatMap { $0.dropFirst(pairs.count) }
        return pairs + rest.map { ($0.text(names), $0.packet) }
    }

    /// That a packet asks the guard twice.
    package func textOfAskedTwice(_ names: Names) -> String {
        "cannot relate \(words(names)) with itself: one packet asks it twice, and its answers need not be the same"
    }

    /// Whether the other side has no guard like it.
    private var isAlone: Bool { compared == nil }

    private func words(_ names: Names) -> String { "\(guarded.text) at \(Self.place(rule, side, names))" }

    private static func place(_ rule: FirewallRule, _ side: Int, _ names: Names) -> String {
        "\(names.places[side](rule.origin)) [\(rule.id)]"
    }

    private func text(_ names: Names) -> String {
        let own = words(names)
        guard let compared else { return "cannot relate \(own) with any of \(names.sides[1 - side])" }
        let other = Self.place(compared, 1 - side, names)
        return "cannot relate \(own) with that at \(other): not the same packets ask both, or not in the same order"
    }
}
