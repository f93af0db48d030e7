internal import PacketModel

/// Matches of the headers of layer 4 (`libxt_tcp.c`, `libxt_udp.c`, `libxt_sctp.c`, `libxt_dccp.c`, `libxt_multiport.c`).
enum TransportMatches {
    static let all: [MatchForm] = [tcp, udp, sctp, dccp, multiport]

    private static let ports: [OptionForm] = [
        .test("source-port", "sport"), .test("destination-port", "dport"),
    ]

    private static let tcp = MatchForm(
        "tcp", needs: [.tcp],
        ports + [.flag("syn", isNegatable: true), .test("tcp-flags", arity: 2), .test("tcp-option")]
    ) { use throws(RuleProblem) in
        try use.exclude("syn", "tcp-flags")
        return .tcp(
            TCPMatch(
                source: try ascendingPorts(use, "sport"), destination: try ascendingPorts(use, "dport"),
                flags: try flags(use), option: try use.test("tcp-option") { word throws(RuleProblem) in try word.number(1...255) }))
    }

    private static let udp = MatchForm("udp", needs: [.udp], ports) { use throws(RuleProblem) in
        .ports(.udp, source: askedPorts(try anyPorts(use, "sport")), destination: askedPorts(try anyPorts(use, "dport")))
    }

    private static let sctp = MatchForm(
        "sctp", needs: [.sctp], ports + [.test("chunk-types", arity: 2)]
    ) { use throws(RuleProblem) in
        let (source, destination) = (try orderedPorts(use, "sport"), try orderedPorts(use, "dport"))
        guard let chunks = try SCTPChunks.option(use) else { return .ports(.sctp, source: source, destination: destination) }
        return .module("sctp", options: portOptions(source, destination) + [chunks])
    }

    private static let dccp = MatchForm(
        "dccp", needs: [.dccp], ports + [.test("dccp-types"), .test("dccp-option")]
    ) { use throws(RuleProblem) in
        let (source, destination) = (try anyPorts(use, "sport"), try anyPorts(use, "dport"))
        let types = try use.test("dccp-types", dccpTypes)
        let option = try use.test("dccp-option") { word throws(RuleProblem) in try word.number(1...UInt8.max) }
        guard types != nil || option != nil else { return .ports(.dccp, source: source, destination: destination) }
        var options = portOptions(source, destination)
        if let types { options.append(IPTablesOption("--dccp-types", [types.value], isNegated: types.isNegated)) }
        if let option {
            options.append(IPTablesOption("--dccp-option", ["\(option.value)"], isNegated: option.isNegated))
        }
        return .module("dccp", options: options)
    }

    // MARK: - Ports

    private static func anyPorts(_ use: ModuleUse, _ name: String) throws(RuleProblem) -> Negatable<PortRange>? {
        try use.test(name) { word throws(RuleProblem) in try word.ports() }
    }

    /// Ports whose range must not end before it begins.
    private static func orderedPorts(_ use: ModuleUse, _ name: String) throws(RuleProblem) -> Negatable<PortRange>? {
        try use.test(name) { word throws(RuleProblem) in
            let ports = try word.ports()
            guard ports.range != nil else { throw word.rejected("'\(word.text)' ends before it begins") }
            return ports
        }
    }

    private static func ascendingPorts(_ use: ModuleUse, _ name: String) throws(RuleProblem) -> Negatable<PortRange>? {
        askedPorts(try orderedPorts(use, name))
    }

    /// All ports ask nothing, unless they are negated.
    private static func askedPorts(_ test: Negatable<PortRange>?) -> Negatable<PortRange>? {
        test == Negatable(PortRange(0, .max)) ? nil : test
    }

    private static func portOptions(
        _ source: Negatable<PortRange>?, _ destination: Negatable<PortRange>?
    ) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        if let source { options.append(IPTablesOption("--sport", [rangeText(source.value)], isNegated: source.isNegated)) }
        if let destination {
            options.append(IPTablesOption("--dport", [rangeText(destination.value)], isNegated: destination.isNegated))
        }
        return options
    }

    // MARK: - Flags

    private static func flags(_ use: ModuleUse) throws(RuleProblem) -> Negatable<TCPMatch.Flags>? {
        if let syn = use["syn"] {
            return Negatable(TCPMatch.Flags(mask: [.fin, .syn, .rst, .ack], set: .syn), isNegated: syn.isNegated)
        }
        guard let found = use["tcp-flags"], let mask = found.values.first, let set = found.values.second else { return nil }
        let flags = TCPMatch.Flags(mask: try tcpFlags(mask), set: try tcpFlags(set))
        // Without any flag nothing is asked, and nothing printed.
        if flags.mask.isEmpty, flags.set.isEmpty, !found.isNegated { return nil }
        return Negatable(flags, isNegated: found.isNegated)
    }

    private static func tcpFlags(_ word: RuleWord) throws(RuleProblem) -> TCPFlags {
        var flags: TCPFlags = []
        for part in word.list where !part.isEmpty {
            switch part.lowercased() {
            case "all": flags.formUnion([.fin, .syn, .rst, .psh, .ack, .urg])
            case "none": break
            case let name:
                guard let flag = TCPFlags(name: name), flag != .ece, flag != .cwr else {
                    throw word.unknown("'\(part)' is no flag of TCP that iptables knows: SYN, ACK, FIN, RST, URG, PSH, ALL, NONE")
                }
                flags.insert(flag)
            }
        }
        return flags
    }

    private static let dccpNames = [
        "REQUEST", "RESPONSE", "DATA", "ACK", "DATAACK", "CLOSEREQ", "CLOSE", "RESET", "SYNC", "SYNCACK", "INVALID",
    ]

    private static let dccpTypes: @Sendable (RuleWord) throws(RuleProblem) -> String = { word throws(RuleProblem) in
        let asked = Set(word.list.map { $0.uppercased() })
        if let strange = asked.subtracting(dccpNames).min() { throw word.unknown("'\(strange)' is no type of DCCP") }
        return dccpNames.filter(asked.contains).joined(separator: ",")
    }

    // MARK: - Multiport

    private static let multiport = MatchForm(
        "multiport",
        [.test("source-ports", "sports"), .test("destination-ports", "dports"), .test("ports")]
    ) { use throws(RuleProblem) in
        guard use.uses.count <= 1 else { throw use.rejected("'multiport' takes one of --sports, --dports and --ports") }
        guard let found = use.uses.first, let word = found.values.first else {
            throw use.rejected("'multiport' needs --sports, --dports or --ports")
        }
        guard let asked = use.earlierProtocol, !asked.isNegated, IPProtocol(rawValue: asked.number).hasPorts else {
            throw use.rejected("'multiport' needs '-p tcp', udp, udplite, sctp or dccp before it")
        }
        let sides: [IPTablesMatch.MultiportSide] = [.source, .destination, .either]
        return .multiport(sides[found.option], Negatable(try multiports(word), isNegated: found.isNegated))
    }

    private static func multiports(_ word: RuleWord) throws(RuleProblem) -> [PortRange] {
        var ranges: [PortRange] = []
        for part in word.list {
            let range = try word.closedPorts(part)
            guard range.first < range.last || (range.first == range.last && !part.contains(":")) else {
                throw word.rejected("'\(part)' is no range: its end lies behind its beginning")
            }
            ranges.append(range)
        }
        let slots = ranges.reduce(0) { $0 + ($1.first == $1.last ? 1 : 2) }
        guard slots <= 15 else { throw word.rejected("\(slots) slots of ports: 15 are taken, and a range needs two") }
        return ranges
    }
}

/// `--chunk-types` of `-m sctp`.
private enum SCTPChunks {
    private static let names = [
        "DATA", "INIT", "INIT_ACK", "SACK", "HEARTBEAT", "HEARTBEAT_ACK", "ABORT", "SHUTDOWN", "SHUTDOWN_ACK", "ERROR",
        "COOKIE_ECHO", "COOKIE_ACK", "ECN_ECNE", "ECN_CWR", "SHUTDOWN_COMPLETE", "I_DATA", "RE_CONFIG", "PAD", "ASCONF",
        "ASCONF_ACK", "FORWARD_TSN", "I_FORWARD_TSN",
    ]

    static func option(_ use: ModuleUse) throws(RuleProblem) -> IPTablesOption? {
        guard let found = use["chunk-types"], let how = found.values.first, let list = found.values.second else { return nil }
        guard ["all", "any", "only"].contains(how.text.lowercased()) else {
            throw how.unknown("'\(how.text)' is none of all, any, only")
        }
        var asked: [String: String] = [:]
        for part in list.list {
            let (name, flags) = (part.prefix { $0 != ":" }.uppercased(), part.drop { $0 != ":" })
            if name == "ALL" || name == "NONE" { throw list.unknown("'\(part)' is not carried over: name the chunks") }
            guard names.contains(name) else { throw list.unknown("'\(part)' is no type of chunk") }
            asked[name] = String(flags)
        }
        let ordered = names.filter { asked[$0] != nil }.map { $0 + (asked[$0] ?? "") }
        return IPTablesOption(
            "--chunk-types", [how.text.lowercased(), ordered.joined(separator: ",")], isNegated: found.isNegated)
    }
}
