internal import FirewallIR
internal import PacketModel

extension FirewallRule {
    /// What is done, in order; `nil` stands for a rule without a target, which counts and asks its guards.
    func targets(_ surroundings: IPTablesSurroundings) throws(IPTablesRefusal) -> [IPTablesTarget?] {
        var targets: [IPTablesTarget?] = []
        for effect in effects { if let target = try effect.target { targets.append(target) } }
        if let target = try verdict.target(surroundings) { targets.append(target) }
        if targets.isEmpty, effects.contains(.count) || !allGuards.isEmpty { targets.append(nil) }
        return targets
    }
}

extension Effect {
    /// The target of a rule that does this and goes on; none for counting, which every rule does.
    fileprivate var target: IPTablesTarget? {
        get throws(IPTablesRefusal) {
            switch self {
            case .log(let prefix, let level, let flags):
                try Self.check(prefix, 29)
                return .log(LogTarget(prefix: prefix, level: level, flags))
            case .netlinkLog(let log):
                try Self.check(log.prefix, 63)
                return .netlinkLog(NetlinkLogTarget(log))
            case .setMark(let value, let mask): return .setMark(value: value, mask: mask)
            case .connectionMark(let change): return .connectionMark(ConnectionMarkTarget(change))
            case .module(let name, let words):
                guard IPTablesModules.goesOn(name) else {
                    throw IPTablesRefusal(reason: "what the target '\(name)' does is not known")
                }
                return .module(name, options: IPTablesOption.options(of: words))
            case .count: return nil
            }
        }
    }

    private static func check(_ prefix: String, _ limit: Int) throws(IPTablesRefusal) {
        guard prefix.utf8.count > limit else { return }
        throw IPTablesRefusal(
            reason: "the log prefix '\(prefix)' has \(prefix.utf8.count) bytes, and iptables takes \(limit) at most")
    }
}

extension LogTarget {
    fileprivate init(prefix: String, level: LogLevel, _ flags: LogFlags) {
        self.init(prefix: prefix, level: UInt8(level.number))
        isTCPSequenceLogged = flags.contains(.tcpSequence)
        areTCPOptionsLogged = flags.contains(.tcpOptions)
        areIPOptionsLogged = flags.contains(.ipOptions)
        isUIDLogged = flags.contains(.uid)
        isMACDecoded = flags.contains(.macDecode)
    }
}

extension NetlinkLogTarget {
    fileprivate init(_ log: NetlinkLog) {
        self.init()
        prefix = log.prefix
        group = log.group
        size = log.size
        threshold = log.threshold
    }
}

extension ConnectionMarkTarget {
    fileprivate init(_ change: ConnectionMarkChange) {
        self =
            switch change {
            case .set(let value, let mask): .set(value: value, mask: mask)
            case .save(let connection, let packet): .save(packetMask: packet, connectionMask: connection)
            case .restore(let connection, let packet): .restore(packetMask: packet, connectionMask: connection)
            }
    }
}

extension Verdict {
    /// The target of a rule that decides so; none where the next rule is asked.
    fileprivate func target(_ surroundings: IPTablesSurroundings) throws(IPTablesRefusal) -> IPTablesTarget? {
        switch self {
        case .next: nil
        // A built-in chain has nothing behind it but the end of the table.
        case .leave: surroundings.isWholeTable ? .accept : .return
        case .return: .return
        case .accept: .accept
        case .drop: .drop
        case .reject(let kind): .reject(with: try Self.name(of: kind, family: surroundings.family))
        case .queue(let queue): .queue(try QueueWords(queue))
        case .jump(let chain): .jump(surroundings.chainNames[chain] ?? chain)
        case .goto(let chain): .goto(surroundings.chainNames[chain] ?? chain)
        }
    }

    private static func name(of kind: RejectKind, family: AddressFamily) throws(IPTablesRefusal) -> String {
        guard let name = kind.name(in: family) else {
            throw IPTablesRefusal(reason: "the answer '\(kind.rawValue)' does not exist in \(family.displayName)")
        }
        return name
    }
}

extension QueueWords {
    fileprivate init(_ queue: QueueTarget) throws(IPTablesRefusal) {
        guard !queue.isByProcessor || queue.numbers.count > 1 else {
            throw IPTablesRefusal(reason: "'-j NFQUEUE' spreads packets by processor over several queues only")
        }
        self.init(queue.numbers)
        isBypassed = queue.isBypassed
        isByProcessor = queue.isByProcessor
    }
}
