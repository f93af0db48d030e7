/// An option that a rule may use at a place.
enum KnownOption: Hashable {
    case core(CoreOption)
    /// An option of the match or target that was loaded as the n-th.
    case module(Int, option: Int)
}

/// The options that are loaded at a place in a rule, as xtables merges their tables: its own first, then those of the extensions,
/// the latest before the earlier ones.
struct OptionLookup {
    private(set) var tables: [OptionTable] = []

    /// Adds the options of an extension.
    ///
    /// - Returns: which one it is, from 0.
    mutating func load(_ table: OptionTable) -> Int {
        tables.append(table)
        return tables.count - 1
    }

    /// What `getopt_long` finds.
    enum Found {
        case one(KnownOption)
        /// A beginning of one option's names, which stands for it.
        case abbreviated(KnownOption, name: String)
        case ambiguous([String])
        case none
    }

    /// The option that a name stands for: its whole name, or the beginning of no other's.
    func find(_ name: String) -> Found {
        if let core = CoreOption.names[name] { return .one(.core(core)) }
        for place in tables.indices.reversed() {
            if let option = tables[place].places[name] { return .one(.module(place, option: option)) }
        }
        return findBeginning(name)
    }

    private func findBeginning(_ name: String) -> Found {
        guard !name.isEmpty else { return .none }
        var found: [(option: KnownOption, name: String)] = []
        for (full, core) in CoreOption.names where full.hasPrefix(name) { found.append((.core(core), full)) }
        for (place, table) in tables.enumerated() {
            for (option, form) in table.options.enumerated() {
                for full in form.names where full.hasPrefix(name) {
                    found.append((.module(place, option: option), full))
                }
            }
        }
        guard let first = found.first else { return .none }
        guard found.allSatisfy({ $0.option == first.option }) else { return .ambiguous(found.map(\.name).sorted()) }
        return .abbreviated(first.option, name: found.map(\.name).min() ?? first.name)
    }
}
