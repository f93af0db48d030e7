/// Options that iptables itself knows, without any extension (`original_opts`, `iptables.c`).
enum CoreOption: Sendable {
    case append, delete, check, insert, replace, list, listRules, flush, zero, newChain, deleteChain, renameChain,
        policy
    case source, destination, proto, inInterface, outInterface, jump, goto, match, fragment, counters, table
    case ipv4, ipv6, numeric, verbose, wait, waitInterval, exact, lineNumbers, modprobe, version, help

    /// The option behind one dash.
    init?(letter: UInt8) {
        switch Unicode.Scalar(letter) {
        case "A": self = .append
        case "D": self = .delete
        case "C": self = .check
        case "I": self = .insert
        case "R": self = .replace
        case "L": self = .list
        case "S": self = .listRules
        case "F": self = .flush
        case "Z": self = .zero
        case "N": self = .newChain
        case "X": self = .deleteChain
        case "E": self = .renameChain
        case "P": self = .policy
        case "s": self = .source
        case "d": self = .destination
        case "p": self = .proto
        case "i": self = .inInterface
        case "o": self = .outInterface
        case "j": self = .jump
        case "g": self = .goto
        case "m": self = .match
        case "f": self = .fragment
        case "c": self = .counters
        case "t": self = .table
        case "4": self = .ipv4
        case "6": self = .ipv6
        case "n": self = .numeric
        case "v": self = .verbose
        case "w": self = .wait
        case "W": self = .waitInterval
        case "x": self = .exact
        case "M": self = .modprobe
        case "V": self = .version
        case "h": self = .help
        default: return nil
        }
    }

    /// How many words follow at least.
    var arity: Int {
        switch self {
        case .append, .delete, .check, .insert, .replace, .newChain, .renameChain, .policy: 1
        case .source, .destination, .proto, .inInterface, .outInterface, .jump, .goto, .match, .table: 1
        case .counters, .modprobe: 1
        default: 0
        }
    }

    /// The option of each long name.
    static let names: [String: CoreOption] = [
        "append": .append, "delete": .delete, "check": .check, "insert": .insert, "replace": .replace, "list": .list,
        "list-rules": .listRules, "flush": .flush, "zero": .zero, "new-chain": .newChain, "delete-chain": .deleteChain,
        "rename-chain": .renameChain, "policy": .policy, "source": .source, "src": .source, "destination": .destination,
        "dst": .destination, "protocol": .proto, "in-interface": .inInterface, "out-interface": .outInterface,
        "jump": .jump, "goto": .goto, "match": .match, "fragments": .fragment, "set-counters": .counters,
        "table": .table, "ipv4": .ipv4, "ipv6": .ipv6, "numeric": .numeric, "verbose": .verbose, "wait": .wait,
        "wait-interval": .waitInterval, "exact": .exact, "line-numbers": .lineNumbers, "modprobe": .modprobe,
        "version": .version, "help": .help,
    ]
}
