package import PacketModel

/// A stateful guard: it consumes something when it is asked, so each is an instance with identity.
///
/// Guards are never merged, duplicated or moved past one another; in a rule for both families each family has its own.
package enum Guard: Hashable, Sendable {
    /// At most so many packets in a unit of time (`-m limit`, `limit rate`).
    case limit(Limit)
    /// So many bytes in all (`-m quota`, `quota`).
    case quota(bytes: UInt64)
    /// A match of iptables that keeps a state (`recent`, `hashlimit`, `connlimit`, `statistic`), with its options as
    /// canonical words.
    case module(name: String, options: [String])
}

/// A rate with a burst.
///
/// 24 a day is 1 an hour, to both engines (`xt_limit.c`, `nft_limit.c`) and here: nft lists the shorter.
package struct Limit: Hashable, Sendable {
    /// Packets in a unit.
    package var count: Int
    /// The unit.
    package var unit: RateUnit
    /// Packets that may come at once; 5 is the default of both engines.
    package var burst: Int
    /// Whether the packets beyond the rate match, not those within (nft `limit rate over`).
    package var isOver: Bool

    /// A rate.
    package init(count: Int, unit: RateUnit, burst: Int = 5, isOver: Bool = false) {
        self.count = count
        self.unit = unit
        self.burst = burst
        self.isOver = isOver
    }

    package static func == (a: Limit, b: Limit) -> Bool { a.canonical == b.canonical }

    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }

    /// Packets in so many seconds, in lowest terms, the burst, and the sign.
    private var canonical: [Int] {
        let divisor = Self.commonDivisor(max(1, count), unit.seconds)
        return [count / divisor, unit.seconds / divisor, burst, isOver ? 1 : 0]
    }

    private static func commonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : commonDivisor(b, a % b) }
}

/// A condition that is no function of the modelled fields: compared as equal only when equal, and emitted only where the
/// backend has the exact same thing.
package indirect enum OpaqueMatch: Hashable, Sendable {
    /// The clock stands before an instant, in seconds since 1970 (UTC).
    case before(instant: Int64)
    /// A match of iptables by its name, with its options as canonical words.
    case module(name: String, options: [String])
    /// The other does not hold; never of `before`, and never twice.
    case not(OpaqueMatch)
}

/// What a line in the kernel's log says besides (`--log-tcp-options`, `log flags tcp options`).
package struct LogFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Sequence numbers of TCP.
    package static let tcpSequence = LogFlags(rawValue: 1)
    /// Options of the TCP header.
    package static let tcpOptions = LogFlags(rawValue: 2)
    /// Options of the IP header.
    package static let ipOptions = LogFlags(rawValue: 4)
    /// The user whose socket sent the packet.
    package static let uid = LogFlags(rawValue: 8)
    /// Both hardware addresses and the link's protocol.
    package static let macDecode = LogFlags(rawValue: 32)
}

/// A message to the listeners of a netlink group (`-j NFLOG`, `log group`).
package struct NetlinkLog: Hashable, Sendable {
    /// The group.
    package var group: UInt16
    /// What the message begins with.
    package var prefix: String
    /// How many bytes of the packet are sent; `nil` for all.
    package var size: UInt32?
    /// How many packets wait for one message.
    package var threshold: UInt16

    /// A message.
    package init(group: UInt16, prefix: String = "", size: UInt32? = nil, threshold: UInt16 = 1) {
        self.group = group
        self.prefix = prefix
        self.size = size
        self.threshold = threshold
    }
}

/// What is done to the mark of a connection (`-j CONNMARK`); nothing without a conntrack entry.
package enum ConnectionMarkChange: Hashable, Sendable {
    /// `ctmark = (ctmark & ~mask) ^ value`
    case set(value: UInt32, mask: UInt32)
    /// `ctmark = (ctmark & ~connectionMask) ^ (mark & packetMask)`
    case save(connectionMask: UInt32, packetMask: UInt32)
    /// `mark = (mark & ~packetMask) ^ (ctmark & connectionMask)`
    case restore(connectionMask: UInt32, packetMask: UInt32)
}

/// What a rule does besides its verdict.
package enum Effect: Hashable, Sendable {
    /// A line in the kernel's log.
    case log(prefix: String, level: LogLevel, flags: LogFlags = [])
    /// A message to listeners.
    case netlinkLog(NetlinkLog)
    /// Changes the packet's mark: `mark = (mark & ~mask) ^ value`.
    case setMark(value: UInt32, mask: UInt32)
    /// Changes the connection's mark, or the packet's by it.
    case connectionMark(ConnectionMarkChange)
    /// A target of iptables that goes on with the next rule, by its name, with its options as canonical words (`TCPMSS`).
    case module(name: String, options: [String])
    /// Counts packets and bytes.
    case count
}

/// Queues of userspace programs that decide about a packet (`-j NFQUEUE`).
package struct QueueTarget: Hashable, Sendable {
    /// The queues over which packets are spread.
    package var numbers: ClosedRange<UInt16>
    /// Whether packets pass if no program listens.
    package var isBypassed: Bool
    /// Whether they are spread by processor.
    package var isByProcessor: Bool

    /// Queues.
    package init(_ numbers: ClosedRange<UInt16>, isBypassed: Bool = false, isByProcessor: Bool = false) {
        self.numbers = numbers
        self.isBypassed = isBypassed
        self.isByProcessor = isByProcessor
    }
}

/// Where a packet goes when a rule has matched.
package enum Verdict: Hashable, Sendable {
    /// To the next rule.
    case next
    /// Out of the policy: the engine's later rules decide (`RETURN` from `DOCKER-USER`, nft `accept`).
    case leave
    /// Through: nothing in the table is asked any more (`ACCEPT`).
    case accept
    case drop
    case reject(RejectKind)
    /// To a program that decides; what it lets through goes on behind the table.
    case queue(QueueTarget)
    /// Into another chain, and back at its end.
    case jump(String)
    /// Into another chain, and not back.
    case goto(String)
    /// Back to the chain from which this one was jumped to.
    case `return`

    /// Whether no later rule of the policy sees the packet.
    package var isFinal: Bool {
        switch self {
        case .leave, .accept, .drop, .reject, .queue: true
        case .next, .jump, .goto, .return: false
        }
    }
}
