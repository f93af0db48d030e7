internal import FirewallIR
internal import PacketModel

/// Turns what a rule asks besides its boxes, and what it does, into statements.
enum LowerEffects {
    /// The guards of a stage, in order.
    static func lower(_ guards: [Guard]) throws(NFTRefusal) -> [NFTStatement] {
        var statements: [NFTStatement] = []
        for guarding in guards {
            switch guarding {
            case .limit(let limit): statements.append(try lower(limit))
            case .quota(let bytes): statements.append(.quota(bytes: bytes))
            case .module(let name, _): throw .module("stateful match", name)
            }
        }
        return statements
    }

    /// The matches of a stage that are no fields of the packet.
    static func lower(_ opaque: [OpaqueMatch]) throws(NFTRefusal) -> [NFTStatement] {
        var statements: [NFTStatement] = []
        for match in opaque {
            switch match {
            // In seconds, in JSON as in text: nft makes nanoseconds of them, and a date would be read in the local zone.
            case .before(let instant):
                // The kernel counts nanoseconds in 64 bits, and nft multiplies without a look at them.
                guard instant <= Int64(UInt64.max / 1_000_000_000) else {
                    throw NFTRefusal(reason: "'meta time' knows no date behind 2554-07-21T23:34:33Z")
                }
                statements.append(.match(.meta(.time), .less, .number(instant)))
            case .module(let name, _), .not(.module(let name, _)): throw .module("match", name)
            case .not: throw NFTRefusal(reason: "this negation has no exact form")
            }
        }
        return statements
    }

    /// The effects of a rule, in order.
    static func effects(of rule: FirewallRule) throws(NFTRefusal) -> [NFTStatement] {
        var statements: [NFTStatement] = []
        for (index, effect) in rule.effects.enumerated() {
            let isLast = index == rule.effects.count - 1 && rule.verdict == .next
            statements.append(try lower(effect, isLast: isLast))
        }
        return statements
    }

    private static func lower(_ effect: Effect, isLast: Bool) throws(NFTRefusal) -> NFTStatement {
        switch effect {
        case .log(let prefix, let level, let flags):
            try check(prefix)
            return .log(prefix: prefix, level: level, flags: flags.statement)
        case .netlinkLog(let log):
            try check(log.prefix)
            return .netlinkLog(
                NFTNetlinkLog(group: log.group, prefix: log.prefix, snaplen: log.size, threshold: log.threshold))
        case .setMark(let value, let mask): return .setMark(value: value, mask: mask)
        case .connectionMark(let change): return try lower(change, effect, isLast: isLast)
        case .module(let name, _): throw .module("target", name)
        case .count: return .counter
        }
    }

    /// Changes of the connection's mark; one that reads it ends the rule where there is no entry, so it has to stand last.
    private static func lower(
        _ change: ConnectionMarkChange, _ effect: Effect, isLast: Bool
    ) throws(NFTRefusal) -> NFTStatement {
        let statement: NFTStatement
        switch change {
        case .set(let value, .max): return .setConnectionMark(value: value, mask: .max)
        case .set(let value, let mask): statement = .setConnectionMark(value: value, mask: mask)
        case .save(.max, .max): return .saveMark
        case .restore(.max, .max): statement = .restoreMark
        case .save, .restore:
            throw NFTRefusal(
                reason:
                    "'\(effect.text)' moves a part of a mark between packet and connection, and nft moves whole marks: use the full mask 0xffffffff, or leave the rule to iptables"
            )
        }
        guard isLast else {
            throw NFTRefusal(
                reason:
                    "'\(effect.text)' ends a rule of nft for packets without a conntrack entry: write what follows it as a rule of its own"
            )
        }
        return statement
    }

    /// `nft_limit` holds the burst as nanoseconds in 64 bits.
    private static func lower(_ limit: Limit) throws(NFTRefusal) -> NFTStatement {
        let step = UInt64(limit.unit.seconds) * 1_000_000_000 / UInt64(limit.count)
        guard !step.multipliedReportingOverflow(by: UInt64(limit.burst)).overflow else {
            throw NFTRefusal(
                reason:
                    "a burst of \(limit.burst) at \(limit.count)/\(limit.unit.rawValue) is more than the kernel can hold: write a smaller .burst(…)"
            )
        }
        return .limit(count: limit.count, unit: limit.unit, burst: limit.burst, isOver: limit.isOver)
    }

    private static func check(_ prefix: String) throws(NFTRefusal) {
        guard prefix.utf8.count <= 127 else {
            throw NFTRefusal(reason: "the log prefix has \(prefix.utf8.count) bytes, and nft takes 127 at most")
        }
        // Byte by byte: a quote with a combining mark behind it is one character, and still a quote to nft.
        guard !prefix.utf8.contains(UInt8(ascii: "\"")) else {
            throw NFTRefusal(
                reason: "the log prefix holds a double quote, which nft can load but not list so that it loads again")
        }
        guard !prefix.utf8.contains(UInt8(ascii: "$")) else {
            throw NFTRefusal(
                reason:
                    "the log prefix holds a '$', which begins the name of a variable in nft's own language: its listing would not load again"
            )
        }
    }
}

extension LogFlags {
    /// The flags as nft names them.
    fileprivate var statement: [NFTLogFlag] {
        let table: [(LogFlags, NFTLogFlag)] = [
            (.tcpSequence, .tcpSequence), (.tcpOptions, .tcpOptions), (.ipOptions, .ipOptions), (.uid, .skuid),
            (.macDecode, .ether),
        ]
        return table.filter { contains($0.0) }.map(\.1)
    }
}
