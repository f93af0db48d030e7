internal import PacketModel

/// The numbers that words stand for in the values of an expression, as nft knows them (`nft describe`).
struct NFTWords {
    private let tables: [[String: Int64]]

    /// The words of an expression; of a concatenation, those of its parts.
    init(_ expression: NFTExpression) {
        tables =
            if case .concat(let parts) = expression { parts.map(Self.table) } else { [Self.table(expression)] }
    }

    /// No words.
    init() { tables = [] }

    private init(_ table: [String: Int64]) { tables = [table] }

    /// The words of a part of a concatenation.
    func part(_ index: Int) -> NFTWords { NFTWords(index < tables.count ? tables[index] : [:]) }

    /// The number of a value, if it is one.
    func number(_ value: NFTValue) -> Int64? {
        switch value {
        case .number(let number): number
        case .keyword(let word): number(word)
        default: nil
        }
    }

    /// The number of a word.
    func number(_ word: String) -> Int64? { tables.first?[word] }

    private static func table(_ expression: NFTExpression) -> [String: Int64] {
        switch expression {
        case .payload("icmp", "type"): icmpTypes
        case .payload("icmpv6", "type"): icmpv6Types
        case .payload("icmp", "code"): icmpCodes
        case .payload("icmpv6", "code"): icmpv6Codes
        case .payload("ip", "dscp"), .payload("ip6", "dscp"): codePoints
        default: [:]
        }
    }

    private static let icmpTypes: [String: Int64] = [
        "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
        "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
        "timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16,
        "address-mask-request": 17, "address-mask-reply": 18,
    ]

    private static let icmpv6Types: [String: Int64] = [
        "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
        "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131,
        "mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133, "nd-router-advert": 134,
        "nd-neighbor-solicit": 135, "nd-neighbor-advert": 136, "nd-redirect": 137, "router-renumbering": 138,
        "ind-neighbor-solicit": 141, "ind-neighbor-advert": 142, "mld2-listener-report": 143,
    ]

    private static let icmpCodes: [String: Int64] = [
        "net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "frag-needed": 4,
        "net-prohibited": 9, "host-prohibited": 10, "admin-prohibited": 13,
    ]

    private static let icmpv6Codes: [String: Int64] = [
        "no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4, "policy-fail": 5,
        "reject-route": 6,
    ]

    /// RFC 2474, 2597, 3246, 5865 and 8622.
    private static let codePoints: [String: Int64] = [
        "cs0": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56, "df": 0, "be": 0,
        "lephb": 1, "af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22, "af31": 26, "af32": 28,
        "af33": 30, "af41": 34, "af42": 36, "af43": 38, "va": 44, "ef": 46,
    ]
}
