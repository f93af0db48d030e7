internal import PacketModel

/// Matches of lists that the kernel keeps: `-m set`, `-m recent` (`libxt_set.c`, `libxt_recent.c`).
enum ListMatches {
    static let all: [MatchForm] = [set, recent]

    private static let set = MatchForm(
        "set",
        [
            .test("match-set", arity: 2), .flag("return-nomatch"), .flag("update-counters", isNegatable: true),
            .flag("update-subcounters", isNegatable: true), .test("packets-eq"), .value("packets-lt"),
            .value("packets-gt"), .test("bytes-eq"), .value("bytes-lt"), .value("bytes-gt"),
        ]
    ) { use throws(RuleProblem) in
        guard let asked = use["match-set"] else { throw use.rejected("'set' needs '--match-set'") }
        var options = [
            IPTablesOption("--match-set", try setReference(asked.values), isNegated: asked.isNegated)
        ]
        if use.has("return-nomatch") { options.append(IPTablesOption("--return-nomatch")) }
        for name in ["update-counters", "update-subcounters"] {
            // The kernel updates counters unless it is told not to.
            if use[name]?.isNegated == true { options.append(IPTablesOption("--" + name, isNegated: true)) }
        }
        for name in ["packets-eq", "packets-lt", "packets-gt", "bytes-eq", "bytes-lt", "bytes-gt"] {
            guard let found = use[name], let word = found.values.first else { continue }
            options.append(
                IPTablesOption("--" + name, ["\(try word.number(0...UInt64.max))"], isNegated: found.isNegated))
        }
        return .module("set", options: options)
    }

    /// The name of a set of up to 31 bytes, and `src` or `dst` for each of up to six dimensions.
    static func setReference(_ values: OptionValues) throws(RuleProblem) -> [String] {
        guard let name = values.first, let directions = values.second else { return [] }
        guard (1...31).contains(name.text.utf8.count) else {
            throw name.rejected("'\(name.text)' has \(name.text.utf8.count) bytes: names of sets have 1 to 31")
        }
        let parts = directions.text.lowercased().split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= 6, parts.allSatisfy({ $0 == "src" || $0 == "dst" }) else {
            throw directions.rejected("'\(directions.text)' is no list of up to six of src and dst")
        }
        return [name.text, parts.joined(separator: ",")]
    }

    private static let actions = ["set", "rcheck", "update", "remove"]

    private static let recent = MatchForm(
        "recent",
        actions.map { OptionForm.flag($0, isNegatable: true) } + [
            .value("seconds"), .flag("reap"), .value("hitcount"), .flag("rttl"), .value("name"), .value("mask"),
            .flag("rsource"), .flag("rdest"),
        ]
    ) { use throws(RuleProblem) in
        let asked = actions.compactMap { name in use[name].map { (name, $0) } }
        guard let (action, found) = asked.first, asked.count == 1 else {
            throw use.rejected("'recent' takes one of --set, --rcheck, --update and --remove")
        }
        try checkRecent(use, action)
        var options = [IPTablesOption("--" + action, isNegated: found.isNegated)]
        let seconds = try use.value("seconds") { word throws(RuleProblem) in try word.number(1...UInt32.max) }
        if let seconds { options.append(IPTablesOption("--seconds", ["\(seconds)"])) }
        if use.has("reap") { options.append(IPTablesOption("--reap")) }
        let hits = try use.value("hitcount") { word throws(RuleProblem) in try word.number(0...UInt32(65_535)) }
        if let hits, hits > 0 { options.append(IPTablesOption("--hitcount", ["\(hits)"])) }
        if use.has("rttl") { options.append(IPTablesOption("--rttl")) }
        return .module("recent", options: options + (try recentTable(use)))
    }

    private static func checkRecent(_ use: ModuleUse, _ action: String) throws(RuleProblem) {
        try use.require("seconds", with: "reap")
        guard action == "set" || action == "remove" else { return }
        for name in ["seconds", "hitcount", "rttl", "reap"] { try use.exclude(action, name) }
    }

    /// Name, mask and side, which are printed always.
    private static func recentTable(_ use: ModuleUse) throws(RuleProblem) -> [IPTablesOption] {
        let name = try use.value("name") { word throws(RuleProblem) in try KeptValue.text(199)(word, use.family) }
        let mask = try use.value("mask") { word throws(RuleProblem) in try word.address(use.family) }
        return [
            IPTablesOption("--name", [name ?? "DEFAULT"]),
            IPTablesOption("--mask", [addressText(mask ?? use.family.allBits)]),
            IPTablesOption(use.has("rdest") ? "--rdest" : "--rsource"),
        ]
    }
}
