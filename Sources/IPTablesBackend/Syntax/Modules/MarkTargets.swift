/// `-j MARK`, `-j CONNMARK` (`libxt_MARK.c`, `libxt_CONNMARK.c`): all forms become the ones that `iptables-save` prints.
enum MarkTargets {
    static let all: [TargetForm] = [mark, connmark]

    private static let setters: [OptionForm] = [
        .value("set-xmark"), .value("set-mark"), .value("and-mark"), .value("or-mark"), .value("xor-mark"),
    ]

    private static let mark = TargetForm("MARK", setters) { use throws(RuleProblem) in
        guard let (value, mask) = try setting(use) else {
            throw use.rejected("'MARK' needs '--set-mark', '--set-xmark', '--and-mark', '--or-mark' or '--xor-mark'")
        }
        return .setMark(value: value, mask: mask)
    }

    /// The bits that are cleared, and those that are turned over after that.
    private static func setting(_ use: ModuleUse) throws(RuleProblem) -> (value: UInt32, mask: UInt32)? {
        let asked = use.uses.filter { $0.option < setters.count }
        guard let found = asked.first, let word = found.values.first else { return nil }
        guard asked.count == 1 else { throw use.rejected("'\(use.table.module)' changes the mark in one way only") }
        switch found.option {
        case 0: return try word.maskedMark()
        case 1:
            let (value, mask) = try word.maskedMark()
            return (value, mask | value)
        case 2: return (0, ~(try word.number(0...UInt32.max)))
        case 3:
            let bits = try word.number(0...UInt32.max)
            return (bits, bits)
        default: return (try word.number(0...UInt32.max), 0)
        }
    }

    private static let connmark = TargetForm(
        "CONNMARK",
        setters + [
            .flag("save-mark"), .flag("restore-mark"), .value("nfmask"), .value("ctmask"), .value("mask"),
        ]
    ) { use throws(RuleProblem) in
        try use.exclude("save-mark", "restore-mark")
        let number: (RuleWord) throws(RuleProblem) -> UInt32 = { word throws(RuleProblem) in try word.number(0...UInt32.max) }
        let both = try use.value("mask", number)
        let packet = try use.value("nfmask", number) ?? both ?? .max
        let connection = try use.value("ctmask", number) ?? both ?? .max
        let setting = try setting(use)
        if use.has("save-mark") || use.has("restore-mark") {
            guard setting == nil else { throw use.rejected("'CONNMARK' does one thing only: set, save or restore") }
            return .connectionMark(
                use.has("save-mark")
                    ? .save(packetMask: packet, connectionMask: connection)
                    : .restore(packetMask: packet, connectionMask: connection))
        }
        guard let (value, mask) = setting else {
            throw use.rejected("'CONNMARK' needs '--set-mark', '--save-mark' or '--restore-mark'")
        }
        guard !use.has("nfmask"), !use.has("ctmask") else { throw use.rejected("'--nfmask' and '--ctmask' need '--save-mark' or '--restore-mark'") }
        return .connectionMark(.set(value: value, mask: both ?? mask))
    }
}
