internal import PacketModel

/// `-m time` (`libxt_time.c`): times of the day and dates in UTC, unless the kernel's zone is asked for.
enum TimeMatches {
    static let time = MatchForm(
        "time",
        [
            .value("timestart"), .value("timestop"), .test("monthdays"), .test("weekdays"), .value("datestart"),
            .value("datestop"), .flag("contiguous"), .flag("kerneltz", "localtz"), .flag("utc"),
        ]
    ) { use throws(RuleProblem) in
        try use.exclude("utc", "kerneltz")
        let stop = try use.value("datestop", date) ?? lastDate
        var options = try dayOptions(use)
        let start = try use.value("datestart", date) ?? 0
        if start > 0 { options.append(IPTablesOption("--datestart", [UTCDate.text(start)])) }
        let isDateAlone = options.isEmpty && !use.has("contiguous") && !use.has("kerneltz")
        if isDateAlone { return .timeUntil(lastSecond: stop) }
        options.append(IPTablesOption("--datestop", [UTCDate.text(stop)]))
        if use.has("contiguous") { options.append(IPTablesOption("--contiguous")) }
        if use.has("kerneltz") { options.append(IPTablesOption("--kerneltz")) }
        return .module("time", options: options)
    }

    /// The last second that the kernel can keep: 2038-01-19T03:14:07.
    private static let lastDate: Int64 = 0x7fff_ffff

    private static func dayOptions(_ use: ModuleUse) throws(RuleProblem) -> [IPTablesOption] {
        var options: [IPTablesOption] = []
        let start = try use.value("timestart", timeOfDay) ?? 0
        let stop = try use.value("timestop", timeOfDay) ?? 86_399
        if start != 0 || stop != 86_399 {
            options.append(IPTablesOption("--timestart", [timeText(start)]))
            options.append(IPTablesOption("--timestop", [timeText(stop)]))
        }
        if let days = try use.test("monthdays", monthDays) { append(days, 1...31, "--monthdays", &options) { "\($0)" } }
        if let days = try use.test("weekdays", weekDays) { append(days, 1...7, "--weekdays", &options) { weekDayNames[$0 - 1] } }
        return options
    }

    /// Days as the kernel keeps them: a negated list is the list of all others, and all of them ask nothing.
    private static func append(
        _ days: Negatable<Set<Int>>, _ all: ClosedRange<Int>, _ name: String, _ options: inout [IPTablesOption],
        _ text: (Int) -> String
    ) {
        let asked = all.filter { days.value.contains($0) != days.isNegated }
        if asked.count < all.count { options.append(IPTablesOption(name, [asked.map(text).joined(separator: ",")])) }
    }

    private static let weekDayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    private static let weekDays: @Sendable (RuleWord) throws(RuleProblem) -> Set<Int> = { word throws(RuleProblem) in
        var days: Set<Int> = []
        for part in word.list {
            if let number = NumberText.parse(part, as: Int.self), (1...7).contains(number) {
                days.insert(number)
            } else if part.utf8.count >= 2, let day = weekDayNames.firstIndex(where: { $0.prefix(2) == part.prefix(2) }) {
                days.insert(day + 1)
            } else {
                throw word.rejected("'\(part)' is no day of the week: expected Mon to Sun, or 1 to 7")
            }
        }
        return days
    }

    private static let monthDays: @Sendable (RuleWord) throws(RuleProblem) -> Set<Int> = { word throws(RuleProblem) in
        var days: Set<Int> = []
        for part in word.list {
            guard let day = NumberText.parse(part, as: Int.self), (1...31).contains(day) else {
                throw word.rejected("'\(part)' is no day of a month: expected 1 to 31")
            }
            days.insert(day)
        }
        return days
    }

    /// `hh:mm[:ss]`, in seconds from midnight.
    private static let timeOfDay: @Sendable (RuleWord) throws(RuleProblem) -> Int = { word throws(RuleProblem) in
        let parts = word.text.split(separator: ":", omittingEmptySubsequences: false).map { UInt8($0, radix: 10) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
            let second = parts.count > 2 ? parts[2] : 0, hour < 24, minute < 60, second < 60
        else { throw word.rejected("'\(word.text)' is no time: expected hh:mm or hh:mm:ss") }
        return Int(hour) * 3600 + Int(minute) * 60 + Int(second)
    }

    private static func timeText(_ seconds: Int) -> String {
        [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    /// `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`, in seconds since 1970.
    private static let date: @Sendable (RuleWord) throws(RuleProblem) -> Int64 = { word throws(RuleProblem) in
        let halves = word.text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        let days = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { String($0) }
        let times = halves.count > 1 ? halves[1].split(separator: ":", omittingEmptySubsequences: false).map { String($0) } : []
        guard (1...3).contains(days.count), times.count <= 3, times.isEmpty || days.count == 3, days[0].utf8.count == 4,
            let instant = UTCDate.instantAfter(
                ([days[0]] + padded(days.dropFirst(), 2, "01")).joined(separator: "-") + "T"
                    + padded(times[...], 3, "00").joined(separator: ":") + "Z"), instant <= lastDate
        else {
            throw word.rejected("'\(word.text)' is no date from 1970 to January 2038: expected YYYY-MM-DDThh:mm:ss, or its beginning")
        }
        return instant
    }

    private static func padded(_ parts: ArraySlice<String>, _ count: Int, _ filling: String) -> [String] {
        parts.map { $0.utf8.count == 1 ? "0" + $0 : $0 } + Array(repeating: filling, count: max(0, count - parts.count))
    }
}
