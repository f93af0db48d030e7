internal import PacketModel

/// Reads the words of one line: a command, and the rule behind it, as iptables-legacy 1.8.9 does (`iptables.c`, do_command4).
struct CommandReader {
    private let family: AddressFamily
    private let words: [RuleWord]
    private var at: Int
    private var isNegated = false
    private var line = CommandLine()
    private var core = CoreParts()
    private var lookup = OptionLookup()
    private var instances: [LoadedExtension] = []
    private var target: LoadedTarget?
    private var hasLoadedProtocol = false

    /// An extension whose options are loaded.
    private struct LoadedExtension {
        let form: LoadedForm
        var use: ModuleUse
    }

    private enum LoadedForm {
        case match(MatchForm)
        case target(TargetForm)
    }

    /// What stands behind `-j` or `-g`.
    private struct LoadedTarget {
        let name: RuleWord
        let isGoto: Bool
        /// Which extension it is; `nil` for a verdict or a chain.
        var instance: Int?
    }

    /// A reader of words from a place on.
    init(_ words: [RuleWord], from start: Int = 0, family: AddressFamily) {
        self.words = words
        self.family = family
        at = start
    }

    /// The command with its rules.
    ///
    /// - Throws: the first reason for which the line is not taken.
    static func read(
        _ words: [RuleWord], from start: Int = 0, family: AddressFamily
    ) throws(RuleProblem) -> CommandLine {
        var reader = CommandReader(words, from: start, family: family)
        while reader.at < words.count { try reader.readWord() }
        if reader.isNegated, let last = words.last { throw last.rejected("nothing stands behind the '!'") }
        return try reader.finish()
    }

    private mutating func readWord() throws(RuleProblem) {
        let word = words[at]
        at += 1
        if word.isNot {
            guard !isNegated else { throw word.rejected("two '!' stand behind each other") }
            isNegated = true
            return
        }
        let bytes = word.text.utf8
        let isLong = bytes.dropFirst().first == UInt8(ascii: "-")
        guard bytes.count > (isLong ? 2 : 1), bytes.first == UInt8(ascii: "-") else {
            throw word.rejected("'\(word.text)' stands where an option was expected")
        }
        if isLong {
            try readLong(word)
        } else {
            try readShort(word)
        }
        isNegated = false
    }

    // MARK: - Options

    private mutating func readShort(_ word: RuleWord) throws(RuleProblem) {
        let bytes = word.text.utf8
        let letter = bytes[bytes.index(after: bytes.startIndex)]
        guard let option = CoreOption(letter: letter) else {
            throw word.unknown("the option '\(word.text)' is not known")
        }
        let rest = bytes.count == 2 ? "" : String(word.text.dropFirst(2))
        if option.arity > 0 || option.takesWordIfThere {
            try readCore(option, word, attached: rest.isEmpty ? nil : rest)
            return
        }
        try readCore(option, word, attached: nil)
        if !rest.isEmpty { try readShort(RuleWord("-" + rest, column: word.column + 1)) }
    }

    private mutating func readLong(_ word: RuleWord) throws(RuleProblem) {
        let (name, attached) = Self.parts(word)
        switch lookup.find(name) {
        case .one(let option): try read(option, word, attached)
        case .abbreviated(let option, let full):
            line.notes.append(RuleNote(message: "'--\(name)' stands for '--\(full)'", column: word.column))
            try read(option, word, attached)
        case .ambiguous(let names):
            throw word.rejected(
                "'--\(name)' may stand for \(names.map { "'--\($0)'" }.joined(separator: ", ")): write one of them")
        case .none:
            guard try loadProtocol(at: word) else { throw unknownOption(name, word) }
            try readLong(word)
        }
    }

    /// The name of a long option, and what stands behind its `=`.
    private static func parts(_ word: RuleWord) -> (name: String, attached: String?) {
        if word.text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "=") }) {
            return (String(Substring(word.text.utf8.dropFirst(2))), nil)
        }
        let text = word.text.dropFirst(2)
        let equals = text.firstIndex(of: "=")
        return (String(text[..<(equals ?? text.endIndex)]), equals.map { String(text[text.index(after: $0)...]) })
    }

    private func unknownOption(_ name: String, _ word: RuleWord) -> RuleProblem {
        if let target, target.instance == nil, Self.verdicts[target.name.text] == nil {
            return target.name.unknown(
                "the target '\(target.name.text)' is not known, and so is its option '--\(name)'")
        }
        let loaded = lookup.tables.map { "'\($0.module)'" }.joined(separator: ", ")
        return word.unknown(
            loaded.isEmpty
                ? "the option '--\(name)' is not known; no extension is loaded before it"
                : "the option '--\(name)' is not known, neither to iptables itself nor to \(loaded)")
    }

    /// Loads the match of the rule's protocol, as iptables does when it does not know an option.
    private mutating func loadProtocol(at word: RuleWord) throws(RuleProblem) -> Bool {
        guard !hasLoadedProtocol, let asked = core.proto, let name = Self.protocolModules[asked.value.number],
            let form = MatchVocabulary.forms[name], form.families.contains(FamilySet(family))
        else { return false }
        load(.match(form), form.table, at: word)
        return true
    }

    private static let protocolModules: [UInt8: String] = [
        1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 50: "esp", 51: "ah", 58: "icmp6", 132: "sctp",
    ]

    private mutating func read(_ option: KnownOption, _ word: RuleWord, _ attached: String?) throws(RuleProblem) {
        switch option {
        case .core(let core): try readCore(core, word, attached: attached)
        case .module(let instance, let place): try readOption(place, of: instance, word, attached)
        }
    }

    private mutating func readOption(
        _ place: Int, of instance: Int, _ word: RuleWord, _ attached: String?
    ) throws(RuleProblem) {
        let form = instances[instance].use.table.options[place]
        let values = try readValues(form, word, attached)
        if isNegated && !form.isNegatable { throw word.rejected("'!' cannot stand before '\(word.text)'") }
        if !form.isRepeatable, instances[instance].use.uses.contains(where: { $0.option == place }) {
            throw word.rejected("'\(word.text)' stands twice in one '\(instances[instance].use.table.module)'")
        }
        if instances[instance].use.uses.isEmpty { instances[instance].use.earlierProtocol = core.askedProtocol }
        instances[instance].use.uses.append(
            OptionUse(option: place, isNegated: isNegated, column: word.column, values: values))
    }

    private mutating func readValues(
        _ form: OptionForm, _ word: RuleWord, _ attached: String?
    ) throws(RuleProblem) -> OptionValues {
        var values = OptionValues()
        guard form.arity > 0 else {
            if attached != nil { throw word.rejected("'\(word.text)' takes no value") }
            return values
        }
        if let attached {
            values.first = RuleWord(attached, column: word.column)
        } else {
            readOldNegation(form.isNegatable)
            values.first = try nextWord(behind: word)
        }
        guard form.arity > 1 else { return values }
        guard at < words.count, !words[at].isOption, !words[at].isNot else {
            throw word.rejected("'\(word.text)' takes two values")
        }
        values.second = words[at]
        at += 1
        return values
    }

    private mutating func nextWord(behind word: RuleWord) throws(RuleProblem) -> RuleWord {
        guard at < words.count else { throw word.rejected("nothing stands behind '\(word.text)'") }
        at += 1
        return words[at - 1]
    }

    /// `-d ! x`, as iptables before 1.4.3 had it, becomes `! -d x`.
    private mutating func readOldNegation(_ isNegatable: Bool) {
        guard isNegatable, !isNegated, at + 1 < words.count, words[at].isNot, !words[at].isQuoted else { return }
        line.notes.append(
            RuleNote(message: "'!' stands behind the option: it belongs before it", column: words[at].column))
        isNegated = true
        at += 1
    }

    private mutating func readCore(
        _ option: CoreOption, _ word: RuleWord, attached: String?
    ) throws(RuleProblem) {
        if let attached, option.arity == 0, !option.takesWordIfThere {
            throw word.rejected("'\(word.text)' takes no value, '\(attached)' stands there")
        }
        readOldNegation(option.isNegatable && attached == nil)
        if isNegated && !option.isNegatable { throw word.rejected("'!' cannot stand before '\(word.text)'") }
        var value = attached.map { RuleWord($0, column: word.column + 2) }
        if option.arity > 0, value == nil { value = try nextWord(behind: word) }
        try take(option, word, value)
    }

    private mutating func take(_ option: CoreOption, _ word: RuleWord, _ value: RuleWord?) throws(RuleProblem) {
        switch option {
        case .append, .delete, .check, .insert, .replace, .list, .listRules, .flush, .zero, .newChain, .deleteChain,
            .renameChain, .policy:
            try takeCommand(option, word, value)
        case .match: if let value { try loadMatch(value) }
        case .jump, .goto: if let value { try setTarget(value, isGoto: option == .goto) }
        case .source, .destination, .proto, .inInterface, .outInterface, .fragment:
            try core.take(option, value, isNegated: isNegated, option: word, family: family)
            if option == .proto { hasLoadedProtocol = false }
        case .counters: try takeCounters(value)
        case .table: line.table = value?.text
        case .ipv4: line.family = .ip
        case .ipv6: line.family = .ip6
        case .wait, .waitInterval:
            if at < words.count, NumberText.parse(words[at].text, as: UInt32.self) != nil { at += 1 }
        case .numeric, .verbose, .exact, .lineNumbers, .modprobe: break
        case .version, .help: throw word.rejected("'\(word.text)' makes no rule")
        }
    }

    private mutating func takeCounters(_ value: RuleWord?) throws(RuleProblem) {
        guard let value, at < words.count, let packets = NumberText.parse(value.text, as: UInt64.self),
            let bytes = NumberText.parse(words[at].text, as: UInt64.self)
        else { throw RuleProblem(.rejected, "counters are two numbers: packets and bytes", column: value?.column) }
        at += 1
        line.counters = SaveCounters(packets: packets, bytes: bytes)
    }

    // MARK: - Commands

    private mutating func takeCommand(_ option: CoreOption, _ word: RuleWord, _ value: RuleWord?) throws(RuleProblem) {
        guard line.command == nil else { throw word.rejected("the line holds a second command, '\(word.text)'") }
        line.command = try command(option, word, value)
        line.firstRuleWord = at
    }

    private mutating func command(
        _ option: CoreOption, _ word: RuleWord, _ value: RuleWord?
    ) throws(RuleProblem) -> TableCommand {
        let name = try value.map { value throws(RuleProblem) in try value.chainName() }
        switch option {
        case .append: return .append(chain: name ?? "")
        case .insert: return .insert(chain: name ?? "", position: try optionalPosition() ?? 1)
        case .delete: return .delete(chain: name ?? "", position: try optionalPosition())
        case .replace:
            guard let position = try optionalPosition() else {
                throw word.rejected("'\(word.text)' needs the number of a rule")
            }
            return .replace(chain: name ?? "", position: position)
        case .newChain: return .newChain(name ?? "")
        case .deleteChain: return .deleteChain(optionalWord()?.text)
        case .flush: return .flush(optionalWord()?.text)
        case .policy: return .policy(chain: name ?? "", try nextWord(behind: word).text)
        case .renameChain: throw word.unknown("'\(word.text)' is not carried out: name the chain as it is to be called")
        case .zero, .list, .listRules:
            while optionalWord() != nil {}
            return .look(word.text)
        default: return .look(word.text)
        }
    }

    /// A word that is no option.
    private mutating func optionalWord() -> RuleWord? {
        guard at < words.count, !words[at].isOption, !words[at].isNot else { return nil }
        at += 1
        return words[at - 1]
    }

    private mutating func optionalPosition() throws(RuleProblem) -> Int? {
        guard let word = optionalWord() else { return nil }
        return Int(try word.number(1...UInt32.max))
    }

    // MARK: - Extensions

    private mutating func load(_ form: LoadedForm, _ table: OptionTable, at word: RuleWord) {
        instances.append(
            LoadedExtension(form: form, use: ModuleUse(table: table, family: family, column: word.column)))
        _ = lookup.load(table)
        if let asked = core.proto, table.module == Self.protocolModules[asked.value.number] { hasLoadedProtocol = true }
    }

    private mutating func loadMatch(_ word: RuleWord) throws(RuleProblem) {
        let name = word.text == "icmpv6" || word.text == "ipv6-icmp" ? "icmp6" : word.text
        guard let form = MatchVocabulary.forms[name] else {
            throw word.unknown("the match '\(word.text)' is not known")
        }
        guard form.families.contains(FamilySet(family)) else {
            throw word.rejected("the match '\(word.text)' does not exist for \(family.displayName)")
        }
        load(.match(form), form.table, at: word)
    }

    private mutating func setTarget(_ word: RuleWord, isGoto: Bool) throws(RuleProblem) {
        guard target == nil else { throw word.rejected("a second target, '\(word.text)'") }
        _ = try word.chainName()
        target = LoadedTarget(name: word, isGoto: isGoto)
        guard let form = TargetVocabulary.forms[word.text] else { return }
        guard !isGoto else { throw word.rejected("'\(word.text)' is no chain that could be gone to") }
        guard form.families.contains(FamilySet(family)) else {
            throw word.rejected("the target '\(word.text)' does not exist for \(family.displayName)")
        }
        load(.target(form), form.table, at: word)
        target?.instance = instances.count - 1
    }

    // MARK: - The rule

    private func finish() throws(RuleProblem) -> CommandLine {
        var line = line
        let matches = try extensionMatches()
        let target = try finishedTarget(matches)
        try core.checkInterfaces(chain: line.command?.ruleChain)
        line.rules = core.rules(matches, target)
        if line.rules.count > 1 {
            line.notes.append(
                RuleNote(message: "several addresses in one rule stand for \(line.rules.count) rules", column: 1))
        }
        return line
    }

    private func extensionMatches() throws(RuleProblem) -> [IPTablesMatch] {
        var matches: [IPTablesMatch] = []
        matches.reserveCapacity(instances.count)
        for instance in instances {
            guard case .match(let form) = instance.form else { continue }
            try checkProtocol(form.protocols, instance.use)
            var use = instance.use
            use.askedProtocol = core.askedProtocol
            matches.append(try form.make(use))
        }
        return matches
    }

    private func checkProtocol(_ needed: [IPProtocol], _ use: ModuleUse) throws(RuleProblem) {
        guard !needed.isEmpty else { return }
        if let asked = core.askedProtocol, !asked.isNegated, needed.contains(where: { $0.rawValue == asked.number }) {
            return
        }
        throw use.rejected(
            "'\(use.table.module)' needs \(needed.map { "'-p \($0.name)'" }.joined(separator: " or ")), without '!'")
    }

    private func finishedTarget(_ matches: [IPTablesMatch]) throws(RuleProblem) -> IPTablesTarget? {
        guard let target else { return nil }
        guard let place = target.instance, case .target(let form) = instances[place].form else {
            return target.isGoto ? .goto(target.name.text) : Self.verdicts[target.name.text] ?? .jump(target.name.text)
        }
        try checkProtocol(form.protocols, instances[place].use)
        let made = try form.make(instances[place].use)
        if case .reject("tcp-reset") = made { try checkProtocol([.tcp], instances[place].use) }
        if case .module("TCPMSS", _) = made, !matches.contains(where: \.asksForSYN) {
            throw target.name.rejected("'TCPMSS' needs '--syn', or '--tcp-flags' with SYN set")
        }
        return made
    }

    private static let verdicts: [String: IPTablesTarget] = [
        "ACCEPT": .accept, "DROP": .drop, "RETURN": .return, "QUEUE": .module("QUEUE", options: []),
    ]
}

extension IPTablesMatch {
    /// Whether only packets with the flag SYN match.
    fileprivate var asksForSYN: Bool {
        guard case .tcp(let match) = self, let flags = match.flags, !flags.isNegated else { return false }
        return flags.value.set.contains(.syn)
    }
}

extension CoreOption {
    fileprivate var isNegatable: Bool {
        switch self {
        case .source, .destination, .proto, .inInterface, .outInterface, .fragment: true
        default: false
        }
    }

    /// Whether a word is taken if one is there.
    fileprivate var takesWordIfThere: Bool {
        switch self {
        case .deleteChain, .flush, .list, .listRules, .zero, .wait, .waitInterval: true
        default: false
        }
    }
}

extension TableCommand {
    /// The chain that a rule is put into.
    fileprivate var ruleChain: String? {
        switch self {
        case .append(let chain), .insert(let chain, _), .replace(let chain, _), .delete(let chain, _): chain
        default: nil
        }
    }
}

extension RuleWord {
    /// The name of a chain or a target: 1 to 28 bytes (`XT_EXTENSION_MAXNAMELEN`).
    func chainName() throws(RuleProblem) -> String {
        guard (1...28).contains(text.utf8.count) else {
            throw rejected("'\(text)' has \(text.utf8.count) bytes: names of chains have 1 to 28")
        }
        guard text.utf8.first != UInt8(ascii: "-"), text.utf8.first != UInt8(ascii: "!") else {
            throw rejected("'\(text)' is no name of a chain: it begins with '\(text.prefix(1))'")
        }
        return text
    }
}
