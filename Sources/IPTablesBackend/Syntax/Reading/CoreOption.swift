/// Options that iptables itself knows, without any extension (`original_opts`, `iptables.c`).
enum CoreOption: Sendable {
    case append, delete, check, insert, replace, list, listRules, flush, zero, newChain, deleteChain, renameChain, policy
    case source, destination, proto, inInterface, outInterface, jump, goto, match, fragment, counters, table
    case ipv4, ipv6, numeric, verbose, wait, waitInterval, exact, lineNumbers, modprobe, version, help

    /// The option behind one dash.
    init?(letter: UInt8) {
        guard let option = Self.letters[letter] else { return nil }
        self = option
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

    private static let letters: [UInt8: CoreOption] = [
        UInt8(ascii: "A"): .append, UInt8(ascii: "D"): .delete, UInt8(ascii: "C"): .check, UInt8(ascii: "I"): .insert,
        UInt8(ascii: "R"): .replace, UInt8(ascii: "L"): .list, UInt8(ascii: "S"): .listRules, UInt8(ascii: "F"): .flush,
        UInt8(ascii: "Z"): .zero, UInt8(ascii: "N"): .newChain, UInt8(ascii: "X"): .deleteChain,
        UInt8(ascii: "E"): .renameChain, UInt8(ascii: "P"): .policy, UInt8(ascii: "s"): .source,
        UInt8(ascii: "d"): .destination, UInt8(ascii: "p"): .proto, UInt8(ascii: "i"): .inInterface,
        UInt8(ascii: "o"): .outInterface, UInt8(ascii: "j"): .jump, UInt8(ascii: "g"): .goto, UInt8(ascii: "m"): .match,
        UInt8(ascii: "f"): .fragment, UInt8(ascii: "c"): .counters, UInt8(ascii: "t"): .table, UInt8(ascii: "4"): .ipv4,
        UInt8(ascii: "6"): .ipv6, UInt8(ascii: "n"): .numeric, UInt8(ascii: "v"): .verbose, UInt8(ascii: "w"): .wait,
        UInt8(ascii: "W"): .waitInterval, UInt8(ascii: "x"): .exact, UInt8(ascii: "M"): .modprobe,
        UInt8(ascii: "V"): .version, UInt8(ascii: "h"): .help,
    ]

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
