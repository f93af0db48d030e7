package import PacketModel

/// A stateful guard: it consumes something when it is asked, so each is an instance with identity.
///
/// Guards are never merged, duplicated or moved past one another; in a rule for both families each family has its own.
package enum Guard: Hashable, Sendable {
    /// At most so many packets in a unit of time (`-m limit`, `limit rate`).
    case limit(Limit)
    /// A limit for each value of some fields (`-m hashlimit`).
    case hashlimit(name: String, limit: Limit, above: Bool, keys: [String])
    /// A list of recently seen addresses (`-m recent`).
    case recent(name: String, parameters: [String])
    /// At most so many connections at once from a network (`-m connlimit`, `ct count`).
    case connlimit(count: UInt32, above: Bool, prefixLength: Int, ofDestination: Bool)
    /// So many bytes in all (`-m quota`, `quota`).
    case quota(bytes: UInt64)
    /// Every nth packet, or a share of them (`-m statistic`).
    case statistic(parameters: [String])
}

/// A rate with a burst.
package struct Limit: Hashable, Sendable {
    /// Packets in a unit.
    package var count: Int
    /// The unit.
    package var unit: RateUnit
    /// Packets that may come at once; 5 is the default of both engines.
    package var burst: Int

    /// A rate.
    package init(count: Int, unit: RateUnit, burst: Int = 5) {
        self.count = count
        self.unit = unit
        self.burst = burst
    }
}

/// A condition that is no function of the modelled fields: compared as equal only when equal, and emitted only where the
/// backend has the exact same thing.
package enum OpaqueMatch: Hashable, Sendable {
    /// The clock stands before an instant, in seconds since 1970 (UTC).
    case before(instant: Int64)
    /// A match of iptables by its name, with its options as canonical words.
    case extension_(name: String, options: [String])
}

/// What a rule does besides its verdict.
package enum Effect: Hashable, Sendable {
    /// A line in the kernel's log.
    case log(prefix: String, level: LogLevel)
    /// Sets bits of the packet's mark: `mark = (mark & ~mask) | value`.
    case setMark(value: UInt32, mask: UInt32)
    /// Counts packets and bytes.
    case count
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
    /// Into another chain, and back at its end.
    case jump(String)
    /// Into another chain, and not back.
    case goto(String)
    /// Back to the chain from which this one was jumped to.
    case `return`

    /// Whether no later rule of the policy sees the packet.
    package var isFinal: Bool {
        switch self {
        case .leave, .accept, .drop, .reject: true
        case .next, .jump, .goto, .return: false
        }
    }
}
