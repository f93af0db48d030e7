/// A line as far as its command goes: what is known of rules that are kept as they stand.
struct RawCommand {
    private let words: [RuleWord]
    /// The place of the option that is the command.
    private let option: Int?
    /// What stands behind `-t`.
    let table: String?
    /// Where the command's own words end.
    private let end: Int
    private let start: Int

    /// Looks for the command.
    init(_ words: [RuleWord], from start: Int) {
        self.words = words
        self.start = start
        let tablePlace = words.indices.dropFirst(start).first { words[$0].isTable }
        table = tablePlace.flatMap { $0 + 1 < words.count ? words[$0 + 1].text : nil }
        option = words.indices.dropFirst(start).first { words[$0].isOption && Self.commands[words[$0].text] != nil }
        var end = (option ?? start) + 1
        while option != nil, end < words.count, !words[end].isOption, !words[end].isNot { end += 1 }
        self.end = end
    }

    /// Where the rule begins, in bytes; `nil` if there is none.
    var rule: Int? { option != nil && end < words.count ? words[end].column : nil }

    /// The words of the rule, quoted anew.
    var quotedRule: String {
        var result: [String] = []
        var place = end
        while place < words.count {
            if words[place].isTable {
                place += 2
            } else {
                result.append(quoted(words[place].text))
                place += 1
            }
        }
        return result.joined(separator: " ")
    }

    /// The command.
    func command() throws(RuleProblem) -> TableCommand? {
        guard let option, let kind = Self.commands[words[option].text] else { return nil }
        let values = words[(option + 1)..<end]
        let chain = values.first
        let position = try values.dropFirst().first.map { word throws(RuleProblem) in
            Int(try word.number(1...UInt32.max))
        }
        switch kind {
        case .append: return .append(chain: try needed(chain).chainName())
        case .insert: return .insert(chain: try needed(chain).chainName(), position: position ?? 1)
        case .delete: return .delete(chain: try needed(chain).chainName(), position: position)
        case .replace:
            guard let position else {
                throw words[option].rejected("'\(words[option].text)' needs the number of a rule")
            }
            return .replace(chain: try needed(chain).chainName(), position: position)
        case .newChain: return .newChain(try needed(chain).chainName())
        case .deleteChain: return .deleteChain(chain?.text)
        case .flush: return .flush(chain?.text)
        case .policy: return .policy(chain: try needed(chain).chainName(), values.dropFirst().first?.text ?? "")
        default: return .look(words[option].text)
        }
    }

    private func needed(_ word: RuleWord?) throws(RuleProblem) -> RuleWord {
        guard let word else { throw RuleProblem(.rejected, "expected the name of a chain") }
        return word
    }

    private static let commands: [String: CoreOption] = [
        "-A": .append, "--append": .append, "-I": .insert, "--insert": .insert, "-D": .delete, "--delete": .delete,
        "-R": .replace, "--replace": .replace, "-N": .newChain, "--new-chain": .newChain, "-X": .deleteChain,
        "--delete-chain": .deleteChain, "-F": .flush, "--flush": .flush, "-P": .policy, "--policy": .policy,
        "-L": .list, "--list": .list, "-S": .listRules, "--list-rules": .listRules, "-Z": .zero, "--zero": .zero,
        "-C": .check, "--check": .check,
    ]
}
