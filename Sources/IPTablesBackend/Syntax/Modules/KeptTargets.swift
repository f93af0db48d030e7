internal import PacketModel

/// Targets that are kept in the words of `iptables-save`.
enum KeptTargets {
    static let all: [TargetForm] = [tcpmss, set, trace, classify, tee, audit]

    private static let tcpmss = TargetForm.kept(
        "TCPMSS", needs: [.tcp],
        [.value("set-mss", is: KeptValue.number(0...65_515)), .flag("clamp-mss-to-pmtu")]
    ) { kept, use throws(RuleProblem) in
        guard !use.uses.isEmpty else { throw use.rejected("'TCPMSS' needs '--set-mss' or '--clamp-mss-to-pmtu'") }
        if kept.has("--set-mss"), kept.has("--clamp-mss-to-pmtu") { kept.options.removeFirst() }
    }

    private static let set = TargetForm(
        "SET",
        [
            .value("add-set", arity: 2), .value("del-set", arity: 2), .value("map-set", arity: 2), .flag("exist"),
            .value("timeout"), .flag("map-mark"), .flag("map-prio"), .flag("map-queue"),
        ]
    ) { use throws(RuleProblem) in
        var options: [IPTablesOption] = []
        for name in ["add-set", "del-set", "map-set"] {
            if let found = use[name] { options.append(IPTablesOption("--" + name, try ListMatches.setReference(found.values))) }
        }
        guard !options.isEmpty else { throw use.rejected("'SET' needs '--add-set', '--del-set' or '--map-set'") }
        if use.has("exist") { options.append(IPTablesOption("--exist")) }
        let timeout = try use.value("timeout") { word throws(RuleProblem) in try word.number(0...UInt32.max) }
        if let timeout { options.append(IPTablesOption("--timeout", ["\(timeout)"])) }
        for name in ["map-mark", "map-prio", "map-queue"] where use.has(name) { options.append(IPTablesOption("--" + name)) }
        return .module("SET", options: options)
    }

    private static let trace = TargetForm.kept("TRACE", [])

    private static let classify = TargetForm.kept("CLASSIFY", [.value("set-class", is: trafficClass)]) {
        kept, use throws(RuleProblem) in
        guard kept.has("--set-class") else { throw use.rejected("'CLASSIFY' needs '--set-class'") }
    }

    /// `MAJOR:MINOR` in hexadecimal, four digits each.
    private static let trafficClass: KeptOption.Grammar = { word, _ throws(RuleProblem) in
        let parts = word.text.split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0, radix: 16) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else {
            throw word.rejected("'\(word.text)' is no class: expected MAJOR:MINOR in hexadecimal")
        }
        return [major, minor].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }.joined(separator: ":")
    }

    private static let tee = TargetForm.kept(
        "TEE", [.value("gateway", is: KeptValue.address), .value("oif", is: KeptValue.interface)]
    ) { kept, use throws(RuleProblem) in
        guard kept.has("--gateway") else { throw use.rejected("'TEE' needs '--gateway'") }
    }

    private static let audit = TargetForm.kept(
        "AUDIT", [.value("type", is: KeptValue.word(of: ["accept", "drop", "reject"]))]
    ) { kept, use throws(RuleProblem) in
        guard kept.has("--type") else { throw use.rejected("'AUDIT' needs '--type'") }
    }
}
