internal import FirewallIR
internal import PacketModel

extension RuleLifting {
    /// Reads a module that is no function of the modelled fields.
    mutating func addModule(_ name: String, _ options: [IPTablesOption]) throws(LiftRefusal) {
        let words = options.flatMap(\.words)
        var meaning = IPTablesModules.meaning(of: name)
        if name == "conntrack", options.count == 1, options[0].name != "--ctstate" {
            // An option other than the state fails without an entry, behind `!` as well; beside that, `!` turns it.
            try narrow { $0.state.narrow(to: .tracked) }
            meaning = .pure(isTurnedByItsOption: true)
        }
        switch meaning {
        case .stateful: addGuard(.module(name: name, options: words))
        case .pure(let isTurnedByItsOption):
            if isTurnedByItsOption, options.count == 1, options[0].isNegated {
                addOpaque(.not(.module(name: name, options: Array(words.dropFirst()))))
            } else {
                addOpaque(.module(name: name, options: words))
            }
        case .unknown: throw LiftRefusal("whether the match '\(name)' keeps a state is not known")
        }
    }
}

/// What is known of the modules that stay as they are written.
enum IPTablesModules {
    /// What a match is.
    enum Meaning: Hashable {
        /// A question about a packet, its surroundings and the clock; asking changes nothing.
        ///
        /// `isTurnedByItsOption` says whether a single option behind `!` is exactly the opposite of the option, whatever the
        /// packet: modules that fail without a header fail behind `!` as well.
        case pure(isTurnedByItsOption: Bool)
        /// Each instance has a state, which is changed by asking.
        case stateful
        case unknown
    }

    static func meaning(of match: String) -> Meaning {
        if stateful.contains(match) { return .stateful }
        if turned.contains(match) { return .pure(isTurnedByItsOption: true) }
        return pure.contains(match) ? .pure(isTurnedByItsOption: false) : .unknown
    }

    /// Whether a target does something and lets the packet go on to the next rule, without changing what rules ask for.
    static func goesOn(_ target: String) -> Bool { continuing.contains(target) }

    private static let stateful: Set = ["recent", "hashlimit", "connlimit", "statistic"]
    private static let turned: Set = [
        "cpu", "devgroup", "helper", "owner", "physdev", "realm", "set", "string", "tos", "u32",
    ]
    private static let pure: Set = [
        "addrtype", "ah", "bpf", "cgroup", "connbytes", "conntrack", "dccp", "dst", "ecn", "esp", "eui64", "frag",
        "hbh",
        "ipv6header", "mh", "policy", "rpfilter", "rt", "sctp", "socket", "tcp", "tcpmss", "time",
    ]
    private static let continuing: Set = ["AUDIT", "IDLETIMER", "LED", "RATEEST", "SET", "TCPMSS", "TEE"]
}

extension IPTablesOption {
    /// The option as words: `!`, the name, the values.
    var words: [String] { (isNegated ? ["!"] : []) + [name] + values }
}
