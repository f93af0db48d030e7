internal import PacketModel

/// What a line does to a table.
enum TableCommand: Equatable {
    case append(chain: String)
    /// Positions count from 1.
    case insert(chain: String, position: Int)
    /// The rule at a position, or the first one that equals those of the line.
    case delete(chain: String, position: Int?)
    case replace(chain: String, position: Int)
    case newChain(String)
    /// All chains without a name.
    case deleteChain(String?)
    case flush(String?)
    case policy(chain: String, String)
    /// Shows, checks or counts, and changes no rule: `-L`, `-C`, `-Z`.
    case look(String)
}

/// A line with its rules: several if it names several addresses.
struct CommandLine {
    var table: String?
    var command: TableCommand?
    var rules: [IPTablesRule] = []
    var counters: SaveCounters?
    /// The family that `-4` or `-6` restricts it to.
    var family: AddressFamily?
    /// Where the matches of the rule begin, for what is kept as it is: the number of the word.
    var firstRuleWord = 0
    var notes: [RuleNote] = []
}
