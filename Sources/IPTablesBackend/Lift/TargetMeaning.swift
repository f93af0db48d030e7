internal import FirewallIR
internal import PacketModel

/// What the target of a rule does, and where the packet goes then.
struct TargetMeaning {
    var effects: [Effect] = []
    var verdict: Verdict = .next

    /// The meaning of a target in a family; without one a rule counts.
    init(_ target: IPTablesTarget?, family: AddressFamily) throws(LiftRefusal) {
        switch target {
        case nil: effects = [.count]
        case .accept: verdict = .accept
        case .drop: verdict = .drop
        case .return: verdict = .return
        case .reject(let word):
            guard let kind = RejectKind(name: word, in: family) else {
                throw LiftRefusal("the answer '\(word)' is not known")
            }
            verdict = .reject(kind)
        case .jump(let chain): verdict = .jump(chain)
        case .goto(let chain): verdict = .goto(chain)
        case .queue(let queue):
            verdict = .queue(
                QueueTarget(queue.numbers, isBypassed: queue.isBypassed, isByProcessor: queue.isByProcessor))
        case .log(let log): effects = [try log.effect]
        case .netlinkLog(let log):
            // `--nflog-range` is without effect in the kernel.
            effects = [
                .netlinkLog(
                    NetlinkLog(group: log.group, prefix: log.prefix, size: log.size, threshold: log.threshold))
            ]
        case .setMark(let value, let mask): effects = [.setMark(value: value, mask: mask)]
        case .connectionMark(let change): effects = [.connectionMark(ConnectionMarkChange(change))]
        case .module(let name, let options):
            guard IPTablesModules.goesOn(name) else { throw LiftRefusal("what '-j \(name)' does is not known") }
            effects = [.module(name: name, options: options.flatMap(\.words))]
        }
    }
}

extension LogTarget {
    fileprivate var effect: Effect {
        get throws(LiftRefusal) {
            guard let level = LogLevel.allCases.first(where: { $0.number == self.level }) else {
                throw LiftRefusal("there is no log level \(level)")
            }
            var flags: LogFlags = []
            if isTCPSequenceLogged { flags.insert(.tcpSequence) }
            if areTCPOptionsLogged { flags.insert(.tcpOptions) }
            if areIPOptionsLogged { flags.insert(.ipOptions) }
            if isUIDLogged { flags.insert(.uid) }
            if isMACDecoded { flags.insert(.macDecode) }
            return .log(prefix: prefix, level: level, flags: flags)
        }
    }
}

extension ConnectionMarkChange {
    fileprivate init(_ target: ConnectionMarkTarget) {
        self =
            switch target {
            case .set(let value, let mask): .set(value: value, mask: mask)
            case .save(let packet, let connection): .save(connectionMask: connection, packetMask: packet)
            case .restore(let packet, let connection): .restore(connectionMask: connection, packetMask: packet)
            }
    }
}
