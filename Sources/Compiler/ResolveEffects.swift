internal import Diagnostics
internal import FirewallIR
internal import PacketModel
internal import Seawall

extension PolicyResolver {
    /// What a low-level rule does besides its verdict.
    mutating func effects(_ nodes: [EffectNode], at location: NodeLocation) -> [Effect] {
        nodes.compactMap { effect($0, at: location) }
    }

    private mutating func effect(_ node: EffectNode, at location: NodeLocation) -> Effect? {
        switch node {
        case .log(let log):
            if log.limit != nil {
                report("bad-effect", at: location, "a log line among several effects cannot have a rate of its own")
            }
            return line(log, at: location)
        case .netlinkLog(let log): return netlinkLog(log, at: location)
        case .setMark(let value, let mask): return .setMark(value: value, mask: mask)
        case .setConnectionMark(let value, let mask): return .connectionMark(.set(value: value, mask: mask))
        case .saveMark(let connection, let packet):
            return .connectionMark(.save(connectionMask: connection, packetMask: packet))
        case .restoreMark(let connection, let packet):
            return .connectionMark(.restore(connectionMask: connection, packetMask: packet))
        case .module(let module):
            check(module, at: location)
            return .module(name: module.name, options: module.words)
        case .count: return .count
        }
    }

    /// A line in the kernel's log.
    mutating func line(_ node: LogNode, at location: NodeLocation) -> Effect? {
        check(text: node.prefix, called: "log prefix", at: location)
        guard let level = LogLevel(rawValue: node.level) else {
            report(
                "unknown-level", at: location,
                "unknown log level '\(node.level)': expected one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))"
            )
            return nil
        }
        var flags: LogFlags = []
        for name in node.flags {
            guard let flag = LogFlags(name: name) else {
                report("unknown-value", at: location, "unknown flag '\(name)' of a log line", literal: name)
                return nil
            }
            flags.insert(flag)
        }
        return .log(prefix: node.prefix, level: level, flags: flags)
    }

    private mutating func netlinkLog(_ node: NetlinkLogNode, at location: NodeLocation) -> Effect? {
        check(text: node.prefix, called: "prefix of the message", at: location)
        guard let group = UInt16(exactly: node.group), let threshold = UInt16(exactly: node.threshold) else {
            return outOfRange("group and threshold", 65535, at: location)
        }
        guard let size = node.size else {
            return .netlinkLog(NetlinkLog(group: group, prefix: node.prefix, threshold: threshold))
        }
        guard let size = UInt32(exactly: size) else { return outOfRange("size", Int(UInt32.max), at: location) }
        return .netlinkLog(NetlinkLog(group: group, prefix: node.prefix, size: size, threshold: threshold))
    }

    /// The queues of a verdict.
    mutating func queue(_ node: QueueNode, at location: NodeLocation) -> Verdict? {
        guard let first = UInt16(exactly: node.first), let last = UInt16(exactly: node.last), first <= last else {
            return outOfRange("queue", 65535, at: location)
        }
        return .queue(QueueTarget(first...last, isBypassed: node.isBypassed, isByProcessor: node.isByProcessor))
    }

    private mutating func outOfRange<T>(_ what: String, _ last: Int, at location: NodeLocation) -> T? {
        report("bad-number", at: location, "the \(what) is out of range: expected 0 to \(last), the lower number first")
        return nil
    }
}
