package import Diagnostics

/// What became of each rule of an input: every one is in exactly one of the four.
package struct ImportAccount: Hashable, Sendable {
    /// A rule that is somehow special, by its place.
    package struct Entry: Hashable, Sendable {
        package var place: SourceLocation
        /// What was rewritten, kept or refused, and how or why.
        package var text: String

        /// A rule and what is to be said of it.
        package init(_ place: SourceLocation, _ text: String) {
            self.place = place
            self.text = text
        }
    }

    /// How many rules were taken as they stand, all of their meaning known.
    package var exact = 0
    /// Those whose text is not what the importer would write for the same meaning.
    package var rewritten: [Entry] = []
    /// Those that hold a match, guard or target which is kept by its name, since its meaning is no function of the fields.
    package var opaque: [Entry] = []
    /// Those that were not taken.
    package var refused: [Entry] = []
    /// Of those that were taken, the ones that a partial import leaves on iptables as well, and why.
    package var inBothPlaces: [Entry] = []
    /// Parts of the input that were not asked for and are left as they are: other tables, chains that nothing leads to.
    package var leftAlone: [Entry] = []

    /// An account of nothing.
    package init() {}

    /// How many rules the input has in what was asked for.
    package var read: Int { exact + rewritten.count + opaque.count + refused.count }

    /// Adds what became of the rules of another input.
    mutating func add(_ other: ImportAccount) {
        exact += other.exact
        rewritten += other.rewritten
        opaque += other.opaque
        refused += other.refused
        inBothPlaces += other.inBothPlaces
        leftAlone += other.leftAlone
    }
}
