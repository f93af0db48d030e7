internal import PacketModel

/// An extension: its options, and what an instance of it becomes.
final class ModuleForm<Result: Sendable>: Sendable {
    let table: OptionTable
    /// The families that have it.
    let families: FamilySet
    /// The protocols of which one has to be asked for, without `!`; none if the rule's protocol does not matter.
    let protocols: [IPProtocol]
    /// What an instance becomes.
    let make: @Sendable (ModuleUse) throws(RuleProblem) -> Result

    /// An extension.
    init(
        _ name: String, families: FamilySet = .both, needs protocols: [IPProtocol] = [], _ options: [OptionForm],
        make: @escaping @Sendable (ModuleUse) throws(RuleProblem) -> Result
    ) {
        table = OptionTable(name, options)
        self.families = families
        self.protocols = protocols
        self.make = make
    }
}

typealias MatchForm = ModuleForm<IPTablesMatch>
typealias TargetForm = ModuleForm<IPTablesTarget>

/// An option of an extension that is kept in the words of `iptables-save`.
struct KeptOption: Sendable {
    /// A value in the form in which `iptables-save` prints it.
    typealias Grammar = @Sendable (RuleWord, AddressFamily) throws(RuleProblem) -> String

    let form: OptionForm
    let grammar: Grammar
    /// Whether `iptables-save` always quotes the value.
    let isQuoted: Bool

    /// An option with a value.
    static func value(
        _ names: String..., isNegatable: Bool = false, isQuoted: Bool = false, is grammar: @escaping Grammar
    ) -> KeptOption {
        KeptOption(
            form: OptionForm(names: names, arity: 1, isNegatable: isNegatable, isRepeatable: false), grammar: grammar,
            isQuoted: isQuoted)
    }

    /// An option with a value, before which `!` may stand.
    static func test(_ names: String..., isQuoted: Bool = false, is grammar: @escaping Grammar) -> KeptOption {
        KeptOption(
            form: OptionForm(names: names, arity: 1, isNegatable: true, isRepeatable: false), grammar: grammar,
            isQuoted: isQuoted)
    }

    /// An option without a value.
    static func flag(_ names: String..., isNegatable: Bool = false) -> KeptOption {
        KeptOption(
            form: OptionForm(names: names, arity: 0, isNegatable: isNegatable, isRepeatable: false),
            grammar: { word, _ in word.text }, isQuoted: false)
    }
}

/// Completes and checks the options of an instance.
typealias KeptFinish = @Sendable (inout KeptOptions, ModuleUse) throws(RuleProblem) -> Void

/// The options of an instance, in the order in which `iptables-save` prints them.
struct KeptOptions: Sendable {
    var options: [IPTablesOption]

    /// The place of an option; `nil` if it is not there.
    func place(_ name: String) -> Int? { options.firstIndex { $0.name == name } }

    /// Whether an option is there.
    func has(_ name: String) -> Bool { place(name) != nil }

    /// The value of an option.
    func value(_ name: String) -> String? { place(name).flatMap { options[$0].values.first } }

    /// Takes an option out if it has this value.
    mutating func drop(_ name: String, ifValue value: String) {
        if self.value(name) == value { options.removeAll { $0.name == name } }
    }
}

extension ModuleForm where Result == IPTablesMatch {
    /// A match that is kept in the words of `iptables-save`: its options in the order in which that prints them.
    static func kept(
        _ name: String, families: FamilySet = .both, needs protocols: [IPProtocol] = [], _ options: [KeptOption],
        finish: @escaping KeptFinish = { _, _ in }
    ) -> MatchForm {
        MatchForm(name, families: families, needs: protocols, options.map(\.form)) { use throws(RuleProblem) in
            .module(name, options: try keptOptions(use, options, finish))
        }
    }
}

extension ModuleForm where Result == IPTablesTarget {
    /// A target that is kept in the words of `iptables-save`.
    static func kept(
        _ name: String, families: FamilySet = .both, needs protocols: [IPProtocol] = [], _ options: [KeptOption],
        finish: @escaping KeptFinish = { _, _ in }
    ) -> TargetForm {
        TargetForm(name, families: families, needs: protocols, options.map(\.form)) { use throws(RuleProblem) in
            .module(name, options: try keptOptions(use, options, finish))
        }
    }
}

private func keptOptions(
    _ use: ModuleUse, _ forms: [KeptOption], _ finish: KeptFinish
) throws(RuleProblem) -> [IPTablesOption] {
    var kept = KeptOptions(options: [])
    for (place, form) in forms.enumerated() {
        guard let found = use.uses.last(where: { $0.option == place }) else { continue }
        var values: [String] = []
        if let word = found.values.first { values.append(try form.grammar(word, use.family)) }
        kept.options.append(
            IPTablesOption(
                "--" + form.form.names[0], values, isNegated: found.isNegated, isQuoted: form.isQuoted))
    }
    try finish(&kept, use)
    return kept.options
}

/// Grammars of values that are kept as text.
enum KeptValue {
    /// A number, printed in decimal.
    static func number(_ range: ClosedRange<UInt32>) -> KeptOption.Grammar {
        { word, _ throws(RuleProblem) in String(try word.number(range)) }
    }

    /// A number of 64 bits.
    static let longNumber: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        String(try word.number(0...UInt64.max))
    }

    /// A number or a range of numbers, printed in decimal; the whole range is printed as well.
    static func numbers(_ range: ClosedRange<UInt32>) -> KeptOption.Grammar {
        { word, _ throws(RuleProblem) in
            let (first, last) = try word.numbers(range)
            return first == last ? "\(first)" : "\(first):\(last)"
        }
    }

    /// A number, printed in hexadecimal.
    static func hex(_ range: ClosedRange<UInt32>) -> KeptOption.Grammar {
        { word, _ throws(RuleProblem) in hexText(try word.number(range)) }
    }

    /// A value and its mask in hexadecimal; a mask of all bits is not printed.
    static let hexMark: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        let (value, mask) = try word.maskedMark()
        return mask == .max ? hexText(value) : hexText(value) + "/" + hexText(mask)
    }

    /// Text of up to so many bytes.
    static func text(_ limit: Int, atLeast minimum: Int = 1) -> KeptOption.Grammar {
        { word, _ throws(RuleProblem) in
            guard (minimum...limit).contains(word.text.utf8.count) else {
                throw word.rejected("'\(word.text)' has \(word.text.utf8.count) bytes: \(minimum) to \(limit) are taken")
            }
            return word.text
        }
    }

    /// One of some words, in any case; printed as given here.
    static func word(of words: [String]) -> KeptOption.Grammar {
        { word, _ throws(RuleProblem) in
            let text = word.text.lowercased()
            guard let found = words.first(where: { $0.lowercased() == text }) else {
                throw word.unknown("'\(word.text)' is none of \(words.joined(separator: ", "))")
            }
            return found
        }
    }

    /// The name of an interface, `+` at the end for all that begin so.
    static let interface: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        if word.text != "+" { _ = try word.interface() }
        return word.text
    }

    /// One address.
    static let address: KeptOption.Grammar = { word, family throws(RuleProblem) in
        addressText(try word.address(family))
    }
}

/// `0xff`.
func hexText(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
