/// What is to be measured, and where the results go.
struct Arguments {
    /// A part of the measurements that a flag names.
    enum Selection: String, CaseIterable {
        case commands, proofs, imports, hosts, docker, compile, loading, packets
    }

    var selection: Set<Selection> = []
    var isQuick = false
    var rules = 100_000
    var rounds = 9
    /// How often each event is tried beside Docker.
    var dockerRounds: Int { isQuick ? 3 : 20 }
    var json: String?
    var plots: String?
    var seawall: String?
    /// Results that were measured before, the document to be filled in, and the folder of its plots.
    var report: [String]?

    static let help = """
        usage: seawall-bench [--commands] [--proofs] [--imports] [--hosts] [--docker] [--compile] [--loading]
                             [--packets] [--quick] [--rules N] [--rounds N] [--seawall PATH] [--json FILE] [--plots DIR]
               seawall-bench --report JSON DOCUMENT DIR

        Without a part, all are measured. --hosts, --docker, --loading and --packets need root. --quick: up to 1,000 rules, three rounds.
        --report fills in a document's tables, and draws its plots, from results of --json.
        Ends with 1 if a bar is missed, with 2 if something could not be measured at all.
        """

    init(_ words: [String]) throws {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--quick": isQuick = true
            case "--rules": rules = try Self.number(&words, word)
            case "--rounds": rounds = try Self.number(&words, word)
            case "--json": json = try Self.next(&words, word)
            case "--plots": plots = try Self.next(&words, word)
            case "--seawall": seawall = try Self.next(&words, word)
            case "--report":
                report = try [Self.next(&words, word), Self.next(&words, word), Self.next(&words, word)]
            default:
                guard let part = Selection.allCases.first(where: { word == "--" + $0.rawValue }) else {
                    throw BenchError("unknown: \(word)\n\(Self.help)")
                }
                selection.insert(part)
            }
        }
        if selection.isEmpty { selection = Set(Selection.allCases) }
        if isQuick { (rules, rounds) = (min(rules, 1000), min(rounds, 3)) }
    }

    /// The numbers of rules that parts are measured with.
    func sizes(_ all: [Int] = [100, 1000, 10_000, 100_000]) -> [Int] { all.filter { $0 <= rules } }

    private static func next(_ words: inout ArraySlice<String>, _ option: String) throws -> String {
        guard let word = words.popFirst() else { throw BenchError("\(option): a value is missing\n\(help)") }
        return word
    }

    private static func number(_ words: inout ArraySlice<String>, _ option: String) throws -> Int {
        guard let number = Int(try next(&words, option)), number > 0 else {
            throw BenchError("\(option): expected a number from 1\n\(help)")
        }
        return number
    }
}
