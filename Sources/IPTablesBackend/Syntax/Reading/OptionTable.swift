internal import PacketModel

/// An option of an extension, as its table for `getopt_long` has it.
struct OptionForm: Sendable {
    /// Its names without dashes; they all mean the same, and messages use the last one.
    let names: [String]
    /// How many words follow.
    let arity: Int
    /// Whether `!` may stand before it.
    let isNegatable: Bool
    /// Whether it may stand more than once in one instance.
    let isRepeatable: Bool

    /// An option with values.
    static func value(_ names: String..., arity: Int = 1, isNegatable: Bool = false, isRepeatable: Bool = false)
        -> OptionForm
    {
        OptionForm(names: names, arity: arity, isNegatable: isNegatable, isRepeatable: isRepeatable)
    }

    /// An option with one value, before which `!` may stand.
    static func test(_ names: String..., arity: Int = 1) -> OptionForm {
        OptionForm(names: names, arity: arity, isNegatable: true, isRepeatable: false)
    }

    /// An option without values.
    static func flag(_ names: String..., isNegatable: Bool = false, isRepeatable: Bool = false) -> OptionForm {
        OptionForm(names: names, arity: 0, isNegatable: isNegatable, isRepeatable: isRepeatable)
    }
}

/// The options of an extension.
final class OptionTable: Sendable {
    /// The name of the extension.
    let module: String
    /// The options; an option is named by its place.
    let options: [OptionForm]
    /// Places by name.
    let places: [String: Int]
    /// The first name of each option.
    private let names: [String]

    /// Whether an option has a name; most have one alone.
    func isCalled(_ place: Int, _ name: String) -> Bool {
        names[place] == name || options[place].names.count > 1 && options[place].names.contains(name)
    }

    /// A table.
    init(_ module: String, _ options: [OptionForm]) {
        self.module = module
        self.options = options
        names = options.map { $0.names.first ?? "" }
        places = Dictionary(
            uniqueKeysWithValues: options.enumerated().flatMap { place, form in form.names.map { ($0, place) } })
    }
}

/// An option as it stands in a rule.
struct OptionUse: Sendable {
    /// Its place in the table.
    let option: Int
    let isNegated: Bool
    let column: Int
    let values: OptionValues
}

/// The words behind an option: none, one or two.
struct OptionValues: Sendable {
    var first: RuleWord?
    var second: RuleWord?
}

/// What was asked of the protocol.
struct AskedProtocol: Hashable, Sendable {
    let number: UInt8
    let isNegated: Bool
}

/// One instance of an extension in a rule.
struct ModuleUse: Sendable {
    let table: OptionTable
    let family: AddressFamily
    /// Where it was named, or the option that brought it in.
    let column: Int
    /// What was asked of the protocol before the first option.
    var earlierProtocol: AskedProtocol?
    /// What the whole rule asks of the protocol.
    var askedProtocol: AskedProtocol?
    var uses: [OptionUse] = []

    /// The use of an option, by any of its names.
    subscript(_ name: String) -> OptionUse? {
        for use in uses.reversed() where table.isCalled(use.option, name) { return use }
        return nil
    }

    /// Whether an option stands there.
    func has(_ name: String) -> Bool { self[name] != nil }

    /// The value of an option that cannot be negated; `nil` if it is not there.
    func value<Value>(
        _ name: String, _ read: (RuleWord) throws(RuleProblem) -> Value
    ) throws(RuleProblem) -> Value? {
        guard let word = self[name]?.values.first else { return nil }
        return try read(word)
    }

    /// The value of an option under its sign; `nil` if it is not there.
    func test<Value: Hashable & Sendable>(
        _ name: String, _ read: (RuleWord) throws(RuleProblem) -> Value
    ) throws(RuleProblem) -> Negatable<Value>? {
        guard let use = self[name], let word = use.values.first else { return nil }
        return Negatable(try read(word), isNegated: use.isNegated)
    }

    /// The same for an option that has to be there.
    func neededTest<Value: Hashable & Sendable>(
        _ name: String, _ read: (RuleWord) throws(RuleProblem) -> Value
    ) throws(RuleProblem) -> Negatable<Value> {
        guard let test = try test(name, read) else { throw rejected("'\(table.module)' needs '--\(name)'") }
        return test
    }

    /// Throws if both of two options stand there.
    func exclude(_ one: String, _ other: String) throws(RuleProblem) {
        guard let first = self[one], let second = self[other] else { return }
        throw RuleProblem(
            .rejected, "'--\(one)' and '--\(other)' exclude each other", column: max(first.column, second.column))
    }

    /// Throws if an option stands there without another.
    func require(_ needed: String, with option: String) throws(RuleProblem) {
        guard let use = self[option], !has(needed) else { return }
        throw RuleProblem(.rejected, "'--\(option)' needs '--\(needed)'", column: use.column)
    }

    /// A reason not to take the instance: iptables itself does not.
    func rejected(_ message: String) -> RuleProblem { RuleProblem(.rejected, message, column: column) }
}
