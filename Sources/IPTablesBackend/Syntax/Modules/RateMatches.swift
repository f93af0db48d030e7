internal import PacketModel

/// Matches that count packets (`libxt_limit.c`, `libxt_hashlimit.c`, `libxt_statistic.c`, `libxt_connlimit.c`).
enum RateMatches {
    static let all: [MatchForm] = [limit, hashlimit, statistic, connlimit]

    // MARK: - limit

    private static let limit = MatchForm("limit", [.value("limit"), .value("limit-burst")]) { use throws(RuleProblem) in
        let asked = use["limit"]?.values.first ?? RuleWord("3/hour", column: use.column)
        let rate = try RateText(asked, scale: 10_000)
        let burst = try use.value("limit-burst") { word throws(RuleProblem) in try word.number(0...UInt32(10_000)) } ?? 5
        let period = UInt32(truncatingIfNeeded: rate.period(scale: 10_000))
        guard burst > 0, credits(period &* burst) >= credits(period) else {
            throw use.rejected("a limit of \(rate.text) with a burst of \(burst) is more than the kernel can count: lower the burst")
        }
        let printed = rate.printed(scale: 10_000)
        return .limit(count: Int(printed.count), unit: printed.unit, burst: Int(burst))
    }

    /// The kernel's credits of a time (`user2credits`, `xt_limit.c`) at 250 or 1000 ticks a second.
    private static func credits(_ time: UInt32) -> UInt32 {
        time > .max / 32_000 ? time / 10_000 &* 32_000 : time &* 32_000 / 10_000
    }

    // MARK: - connlimit

    private static let connlimit = MatchForm(
        "connlimit",
        [
            .test("connlimit-upto"), .test("connlimit-above"), .value("connlimit-mask"), .flag("connlimit-saddr"),
            .flag("connlimit-daddr"),
        ]
    ) { use throws(RuleProblem) in
        try use.exclude("connlimit-upto", "connlimit-above")
        try use.exclude("connlimit-saddr", "connlimit-daddr")
        let number: (RuleWord) throws(RuleProblem) -> UInt32 = { word throws(RuleProblem) in try word.number(0...UInt32.max) }
        let (upto, above) = (try use.test("connlimit-upto", number), try use.test("connlimit-above", number))
        guard let count = upto ?? above else { throw use.rejected("'connlimit' needs '--connlimit-upto' or '--connlimit-above'") }
        let isAbove = (above != nil) != count.isNegated
        let mask = try use.value("connlimit-mask") { word throws(RuleProblem) in try prefixLength(word, use.family) }
        return .module(
            "connlimit",
            options: [
                IPTablesOption(isAbove ? "--connlimit-above" : "--connlimit-upto", ["\(count.value)"]),
                IPTablesOption("--connlimit-mask", ["\(mask ?? use.family.addressBits)"]),
                IPTablesOption(use.has("connlimit-daddr") ? "--connlimit-daddr" : "--connlimit-saddr"),
            ])
    }

    private static func prefixLength(_ word: RuleWord, _ family: AddressFamily) throws(RuleProblem) -> Int {
        if let mask = IPAddress(word.text), let masked = IPMaskedAddress(mask, mask: family.allBits)?.address,
            let length = IPMaskedAddress(masked, mask: mask)?.prefix?.length
        {
            return length
        }
        return Int(try word.number(0...UInt32(family.addressBits)))
    }

    // MARK: - statistic

    private static let statistic = MatchForm(
        "statistic", [.value("mode"), .test("probability"), .test("every"), .value("packet")]
    ) { use throws(RuleProblem) in
        guard let mode = use["mode"]?.values.first else { throw use.rejected("'statistic' needs '--mode'") }
        switch mode.text.lowercased() {
        case "random":
            let value = try use.neededTest("probability", probability)
            guard !use.has("every"), !use.has("packet") else { throw use.rejected("'--mode random' takes '--probability' alone") }
            return .module(
                "statistic",
                options: [
                    IPTablesOption("--mode", ["random"]),
                    IPTablesOption("--probability", [value.value], isNegated: value.isNegated),
                ])
        case "nth": return try nth(use)
        default: throw mode.unknown("'\(mode.text)' is no mode: expected random or nth")
        }
    }

    private static func nth(_ use: ModuleUse) throws(RuleProblem) -> IPTablesMatch {
        guard !use.has("probability") else { throw use.rejected("'--mode nth' takes '--every' and '--packet'") }
        let every = try use.neededTest("every") { word throws(RuleProblem) in try word.number(1...UInt32.max) }
        guard let packet = try use.value("packet", { word throws(RuleProblem) in try word.number(0...UInt32.max) }) else {
            throw use.rejected("'--every' needs '--packet'")
        }
        guard packet < every.value else { throw use.rejected("'--packet' counts from 0 to \(every.value - 1)") }
        return .module(
            "statistic",
            options: [
                IPTablesOption("--mode", ["nth"]),
                IPTablesOption("--every", ["\(every.value)"], isNegated: every.isNegated),
                IPTablesOption("--packet", ["\(packet)"]),
            ])
    }

    /// A probability as the kernel keeps it, in parts of 2^31, with eleven decimals.
    private static let probability: @Sendable (RuleWord) throws(RuleProblem) -> String = { word throws(RuleProblem) in
        guard let value = Double(word.text), (0...1).contains(value) else {
            throw word.rejected("'\(word.text)' is no probability: expected a number from 0 to 1")
        }
        let parts = UInt128((value * 0x8000_0000).rounded())
        let digits = String((parts * 100_000_000_000 + 0x4000_0000) >> 31)
        let padded = String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
        return "\(padded.dropLast(11)).\(padded.suffix(11))"
    }

    // MARK: - hashlimit

    private static let hashlimit = MatchForm(
        "hashlimit",
        [
            .test("hashlimit", "hashlimit-upto"), .test("hashlimit-above"), .value("hashlimit-burst"),
            .value("hashlimit-mode"), .value("hashlimit-name"), .value("hashlimit-htable-size"),
            .value("hashlimit-htable-max"), .value("hashlimit-htable-gcinterval"), .value("hashlimit-htable-expire"),
            .value("hashlimit-srcmask"), .value("hashlimit-dstmask"), .flag("hashlimit-rate-match"),
            .value("hashlimit-rate-interval"),
        ]
    ) { use throws(RuleProblem) in .module("hashlimit", options: try HashLimit(use).options) }
}

/// One instance of `-m hashlimit`.
private struct HashLimit {
    private let use: ModuleUse
    private let isAbove: Bool
    private let rate: (text: String, expiry: UInt64)
    private let burst: String?

    init(_ use: ModuleUse) throws(RuleProblem) {
        try use.exclude("hashlimit-upto", "hashlimit-above")
        guard let asked = use["hashlimit-upto"] ?? use["hashlimit-above"], let word = asked.values.first else {
            throw use.rejected("'hashlimit' needs '--hashlimit-upto' or '--hashlimit-above'")
        }
        guard use.has("hashlimit-name") else { throw use.rejected("'hashlimit' needs '--hashlimit-name'") }
        try use.require("hashlimit-rate-match", with: "hashlimit-rate-interval")
        self.use = use
        isAbove = use.has("hashlimit-above") != asked.isNegated
        if let bytes = try Self.bytes(word, "b/s") {
            guard bytes >= 16 else { throw word.rejected("'\(word.text)' is too slow: at least 16b/s are taken") }
            rate = (Self.bytesText(bytes & ~15) + "/s", 15_000)
            burst = try use.value("hashlimit-burst") { word throws(RuleProblem) in
                try Self.byteBurst(word, rate: bytes & ~15)
            }
        } else {
            (rate, burst) = try Self.packets(word, use)
        }
    }

    private static func packets(
        _ word: RuleWord, _ use: ModuleUse
    ) throws(RuleProblem) -> (rate: (text: String, expiry: UInt64), burst: String?) {
        let given = try RateText(word, scale: 1_000_000)
        let burst = try use.value("hashlimit-burst") { word throws(RuleProblem) in try word.number(1...UInt32(1_000_000)) } ?? 5
        let period = given.period(scale: 1_000_000)
        guard credits(period &* UInt64(burst)) >= credits(period) else {
            throw word.rejected("'\(word.text)' with a burst of \(burst) is more than the kernel can count: lower the burst")
        }
        let printed = given.printed(scale: 1_000_000)
        // Without an expiry it is the unit that was written, even if another one is printed.
        return ((printed.text, UInt64(given.unit.seconds) * 1000), "\(burst)")
    }

    /// The kernel's credits of a time (`user2credits`, `xt_hashlimit.c`) at 1000 ticks a second.
    private static func credits(_ time: UInt64) -> UInt64 {
        let ticks: UInt64 = 1000 << 37
        return time &* (ticks / 1_000_000)
    }

    var options: [IPTablesOption] {
        get throws(RuleProblem) {
            var options = [IPTablesOption(isAbove ? "--hashlimit-above" : "--hashlimit-upto", [rate.text])]
            if let burst { options.append(IPTablesOption("--hashlimit-burst", [burst])) }
            if let mode = try use.value("hashlimit-mode", Self.mode), !mode.isEmpty {
                options.append(IPTablesOption("--hashlimit-mode", [mode]))
            }
            let name = try use.value("hashlimit-name") { word throws(RuleProblem) in
                try KeptValue.text(255)(word, use.family)
            }
            options.append(IPTablesOption("--hashlimit-name", [name ?? ""]))
            return try options + tableOptions() + maskOptions() + rateMatchOptions()
        }
    }

    private func number(_ name: String, _ range: ClosedRange<UInt32> = 1...UInt32.max) throws(RuleProblem) -> UInt32? {
        try use.value(name) { word throws(RuleProblem) in try word.number(range) }
    }

    private func tableOptions() throws(RuleProblem) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        for name in ["hashlimit-htable-size", "hashlimit-htable-max"] {
            if let value = try number(name) { options.append(IPTablesOption("--" + name, ["\(value)"])) }
        }
        if let value = try number("hashlimit-htable-gcinterval"), value != 1000 {
            options.append(IPTablesOption("--hashlimit-htable-gcinterval", ["\(value)"]))
        }
        let expiry = try number("hashlimit-htable-expire").map(UInt64.init) ?? rate.expiry
        if expiry != printedExpiry { options.append(IPTablesOption("--hashlimit-htable-expire", ["\(expiry)"])) }
        return options
    }

    /// The expiry that goes without saying behind the rate that is printed.
    private var printedExpiry: UInt64 {
        for unit in RateUnit.allCases where rate.text.hasSuffix("/" + unit.shortName) { return UInt64(unit.seconds) * 1000 }
        return rate.expiry
    }

    private func maskOptions() throws(RuleProblem) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        let bits = UInt32(use.family.addressBits)
        for name in ["hashlimit-srcmask", "hashlimit-dstmask"] {
            if let length = try number(name, 0...bits), length != bits {
                options.append(IPTablesOption("--" + name, ["\(length)"]))
            }
        }
        return options
    }

    private func rateMatchOptions() throws(RuleProblem) -> [IPTablesOption] {
        guard use.has("hashlimit-rate-match") else { return [] }
        var options = [IPTablesOption("--hashlimit-rate-match")]
        if let interval = try number("hashlimit-rate-interval"), interval != 1 {
            options.append(IPTablesOption("--hashlimit-rate-interval", ["\(interval)"]))
        }
        return options
    }

    private static let mode: @Sendable (RuleWord) throws(RuleProblem) -> String = { word throws(RuleProblem) in
        let asked = Set(word.list.filter { !$0.isEmpty }.map(String.init))
        let names = ["srcip", "srcport", "dstip", "dstport"]
        if let strange = asked.subtracting(names).min() {
            throw word.unknown("'\(strange)' is no part of a mode: expected \(names.joined(separator: ", "))")
        }
        return names.filter(asked.contains).joined(separator: ",")
    }

    // MARK: - Bytes

    /// `512kb/s`; `nil` if it is no number of bytes.
    private static func bytes(_ word: RuleWord, _ ending: String) throws(RuleProblem) -> UInt64? {
        guard word.text.hasSuffix(ending) else { return nil }
        let text = word.text.dropLast(ending.utf8.count)
        let factor: UInt64 = text.hasSuffix("k") ? 1024 : text.hasSuffix("m") ? 1 << 20 : 1
        guard let count = UInt64(factor == 1 ? text : text.dropLast()), count <= UInt64(UInt32.max) / factor else {
            throw word.rejected("'\(word.text)' is no number of bytes: expected one such as 512kb")
        }
        return count * factor
    }

    private static func bytesText(_ bytes: UInt64) -> String {
        if bytes > 0, bytes % (1 << 20) == 0 { return "\(bytes >> 20)mb" }
        return bytes > 0 && bytes % 1024 == 0 ? "\(bytes >> 10)kb" : "\(bytes)b"
    }

    /// A burst is a whole multiple of the rate.
    private static func byteBurst(_ word: RuleWord, rate: UInt64) throws(RuleProblem) -> String {
        let number = word.text.hasSuffix("b") ? word : RuleWord(word.text + "b", column: word.column)
        let given = try bytes(number, "b") ?? 0
        guard given >= rate else { throw word.rejected("the burst cannot be smaller than \(bytesText(rate))") }
        return bytesText((given + rate - 1) / rate * rate)
    }
}
