internal import PacketModel

/// Targets that answer, write a line, or hand the packet to a program (`libipt_REJECT.c`, `libipt_LOG.c`, `libxt_NFLOG.c`,
/// `libxt_NFQUEUE.c`).
enum AnswerTargets {
    static let all: [TargetForm] = [reject, log, nflog, nfqueue]

    private static let reject = TargetForm("REJECT", [.value("reject-with")]) { use throws(RuleProblem) in
        let answer = try use.value("reject-with") { word throws(RuleProblem) in try rejectName(word, use.family) }
        return .reject(with: answer ?? (use.family == .ip ? "icmp-port-unreachable" : "icmp6-port-unreachable"))
    }

    /// The name of an answer, its short form, or the beginning of either; the first in iptables' order wins.
    private static func rejectName(_ word: RuleWord, _ family: AddressFamily) throws(RuleProblem) -> String {
        let text = word.text.lowercased()
        let found = (family == .ip ? rejects4 : rejects6).first { $0.0.hasPrefix(text) || $0.1.hasPrefix(text) }
        guard let found, !text.isEmpty else {
            throw word.unknown("'\(word.text)' is no answer of REJECT for \(family.displayName)")
        }
        return found.0
    }

    private static let rejects4 = [
        ("icmp-net-unreachable", "net-unreach"), ("icmp-host-unreachable", "host-unreach"),
        ("icmp-proto-unreachable", "proto-unreach"), ("icmp-port-unreachable", "port-unreach"),
        ("icmp-net-prohibited", "net-prohib"), ("icmp-host-prohibited", "host-prohib"), ("tcp-reset", "tcp-rst"),
        ("icmp-admin-prohibited", "admin-prohib"),
    ]
    private static let rejects6 = [
        ("icmp6-no-route", "no-route"), ("icmp6-adm-prohibited", "adm-prohibited"),
        ("icmp6-addr-unreachable", "addr-unreach"), ("icmp6-port-unreachable", "port-unreach"), ("tcp-reset", "tcp-reset"),
        ("icmp6-policy-fail", "policy-fail"), ("icmp6-reject-route", "reject-route"),
    ]

    // MARK: - LOG

    private static let log = TargetForm(
        "LOG",
        [
            .value("log-level"), .value("log-prefix"), .flag("log-tcp-sequence"), .flag("log-tcp-options"),
            .flag("log-ip-options"), .flag("log-uid"), .flag("log-macdecode"),
        ]
    ) { use throws(RuleProblem) in
        var log = LogTarget(
            prefix: try use.value("log-prefix") { word throws(RuleProblem) in try prefix(word, 29) } ?? "",
            level: try use.value("log-level", level) ?? 4)
        log.isTCPSequenceLogged = use.has("log-tcp-sequence")
        log.areTCPOptionsLogged = use.has("log-tcp-options")
        log.areIPOptionsLogged = use.has("log-ip-options")
        log.isUIDLogged = use.has("log-uid")
        log.isMACDecoded = use.has("log-macdecode")
        return .log(log)
    }

    /// Text for the line; what is too long is cut, as iptables does.
    private static func prefix(_ word: RuleWord, _ limit: Int) throws(RuleProblem) -> String {
        guard !word.text.isEmpty else { throw word.rejected("the prefix is empty") }
        guard word.text.utf8.count <= limit else {
            throw word.rejected("the prefix has \(word.text.utf8.count) bytes: \(limit) are taken")
        }
        guard !word.text.utf8.contains(UInt8(ascii: "\n")) else { throw word.rejected("the prefix holds a line feed") }
        return word.text
    }

    private static let level: @Sendable (RuleWord) throws(RuleProblem) -> UInt8 = { word throws(RuleProblem) in
        if let number = NumberText.parse(word.text, as: UInt8.self), number <= 7 { return number }
        let names: [String: UInt8] = [
            "emerg": 0, "panic": 0, "alert": 1, "crit": 2, "err": 3, "error": 3, "warning": 4, "notice": 5, "info": 6,
            "debug": 7,
        ]
        guard let number = names[word.text] else {
            throw word.unknown("'\(word.text)' is no level: expected 0 to 7, or \(names.keys.sorted().joined(separator: ", "))")
        }
        return number
    }

    // MARK: - NFLOG, NFQUEUE

    private static let nflog = TargetForm(
        "NFLOG",
        [
            .value("nflog-group"), .value("nflog-prefix"), .value("nflog-range"), .value("nflog-size"),
            .value("nflog-threshold"),
        ]
    ) { use throws(RuleProblem) in
        try use.exclude("nflog-range", "nflog-size")
        let number: (RuleWord) throws(RuleProblem) -> UInt32 = { word throws(RuleProblem) in try word.number(0...UInt32.max) }
        let short: (RuleWord) throws(RuleProblem) -> UInt16 = { word throws(RuleProblem) in try word.number(0...UInt16.max) }
        var log = NetlinkLogTarget()
        log.prefix = try use.value("nflog-prefix") { word throws(RuleProblem) in try prefix(word, 63) } ?? ""
        log.group = try use.value("nflog-group", short) ?? 0
        log.range = try use.value("nflog-range", number)
        if log.range == 0 { log.range = nil }
        log.size = try use.value("nflog-size", number)
        log.threshold = try use.value("nflog-threshold", short) ?? 0
        return .netlinkLog(log)
    }

    private static let nfqueue = TargetForm(
        "NFQUEUE",
        [.value("queue-num"), .value("queue-balance"), .flag("queue-bypass"), .flag("queue-cpu-fanout")]
    ) { use throws(RuleProblem) in
        try use.exclude("queue-num", "queue-balance")
        try use.require("queue-balance", with: "queue-cpu-fanout")
        let number = try use.value("queue-num") { word throws(RuleProblem) in try word.number(0...UInt16.max) } ?? 0
        var queue = QueueWords(try use.value("queue-balance", queues) ?? number...number)
        queue.isBypassed = use.has("queue-bypass")
        queue.isByProcessor = use.has("queue-cpu-fanout")
        return .queue(queue)
    }

    private static let queues: @Sendable (RuleWord) throws(RuleProblem) -> ClosedRange<UInt16> = {
        word throws(RuleProblem) in
        let (first, last) = try word.numbers(0...UInt16.max)
        guard first < last, word.text.utf8.contains(UInt8(ascii: ":")) else {
            throw word.rejected("'\(word.text)' is no range of queues: expected FIRST:LAST")
        }
        // The kernel counts them in 16 bits.
        guard last - first < .max else { throw word.rejected("'\(word.text)' are more queues than the kernel takes") }
        return first...last
    }
}
