import FirewallIR
import PacketModel

/// A packet at the forward hook, with all that a rule can ask about it.
///
/// Assumed is what holds on every Docker host: packets are defragmented before, so a later fragment shows no header.
struct Packet: Hashable {
    var family: AddressFamily
    var inInterface: String
    var outInterface: String
    var source: IPAddress
    var destination: IPAddress
    var proto: UInt8
    /// `nil` where the protocol has no ports, or the packet no header.
    var sourcePort: UInt16?
    var destinationPort: UInt16?
    /// Type and code.
    var icmp: UInt16?
    var tcpFlags: UInt8?
    var isLaterFragment = false
    /// Exactly one.
    var state: ConntrackStateSet
    /// `nil` for an invalid or untracked packet.
    var entry: Entry?
    var mark: UInt32
    /// Exactly one.
    var packetType: PacketTypeSet
    var length: UInt16 = 60
    var hopLimit: UInt8 = 64
    var dscp: UInt8 = 0
    /// `nil` on a link that is no Ethernet.
    var sourceMAC: UInt64?
    /// What the routing table says of either address, with and without an interface: a function of which no more is known.
    var routing: UInt64
    /// What guards answer: a function of their parameters.
    var patience: UInt64
    /// The clock.
    var now: Int64

    /// What conntrack knows of the connection.
    struct Entry: Hashable {
        /// Exactly one.
        var direction: ConntrackDirectionSet
        var status: UInt32
        var source: IPAddress
        var destination: IPAddress
        var proto: UInt8
        var sourcePort: UInt16
        var destinationPort: UInt16
        var mark: UInt32 = 0
        // What no field of the IR holds.
        var replySource = IPAddress.v4(0)
        var replyDestination = IPAddress.v4(0)
        var replySourcePort: UInt16 = 0
        var replyDestinationPort: UInt16 = 0
        /// In seconds.
        var expiry: UInt32 = 0
    }

    /// The one type that the routing table gives an address.
    func addressType(isSource: Bool, interface: String?) -> AddressTypeSet {
        let key: UInt64 = (isSource ? 1 : 2) + (interface == nil ? 0 : interface == "in" ? 4 : 8)
        let types: [AddressTypeSet] = [
            .unspecified, .unicast, .local, .multicast, .anycast, .unreachable, .broadcast, .blackhole, .prohibit,
        ]
        return types[Int(mixed(routing ^ key) % (family == .ip ? 9 : 6))]
    }

    /// Whether a match holds of which no more is known than its words.
    func meets(_ name: String, _ words: [String]) -> Bool {
        let text = ([name] + words).joined(separator: " ")
        return mixed(text.utf8.reduce(patience ^ 0x55) { mixed($0 ^ UInt64($1)) }) & 1 == 0
    }

    /// Whether a guard lets the packet pass.
    func passes(_ asked: Outcome.Event) -> Bool {
        guard case .asked(let parameters) = asked else { return true }
        return mixed(parameters.utf8.reduce(patience) { mixed($0 ^ UInt64($1)) }) & 1 == 0
    }
}

func mixed(_ value: UInt64) -> UInt64 {
    let a = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    let b = (a ^ (a >> 27)) &* 0x94d0_49bb_1331_11eb
    return b ^ (b >> 31)
}

/// What becomes of a packet: all that happens on the way, in order, and the verdict.
struct Outcome: Hashable {
    var events: [Event] = []
    var verdict: Verdict = .leave

    enum Event: Hashable {
        /// A guard was asked, which uses it up, whatever it answers.
        case asked(String)
        case log(prefix: String, level: Int)
        case mark(value: UInt32, mask: UInt32)
        case netlinkLog(group: UInt16, prefix: String)
        /// Another effect, in words.
        case done(String)
    }

    enum Verdict: Hashable {
        /// On to Docker's own rules.
        case leave
        case accept, drop
        case reject(RejectKind)
        case queue(ClosedRange<UInt16>)
    }
}

extension Outcome.Event {
    /// A rate that is asked.
    static func limit(_ count: Int, _ unit: RateUnit, _ burst: Int) -> Outcome.Event {
        .asked("limit \(count)/\(unit) \(burst)")
    }
    /// A match with a state that is asked.
    static func module(_ name: String, _ words: [String]) -> Outcome.Event {
        .asked(([name] + words).joined(separator: " "))
    }
    /// An amount that is asked.
    static func quota(_ bytes: UInt64) -> Outcome.Event { .asked("quota \(bytes)") }
}

extension Packet {
    /// Asks a guard.
    func asks(_ event: Outcome.Event, _ outcome: inout Outcome) -> Bool {
        outcome.events.append(event)
        return passes(event)
    }
}

/// Chains that are walked through: where to go on, and where from.
struct Walk<Rule> {
    private var frames: [(rules: [Rule], next: Int)]

    init(_ rules: [Rule]) { frames = [(rules, 0)] }

    /// The next rule; `nil` at the end of the first chain.
    mutating func next() -> Rule? {
        while let frame = frames.last {
            if frame.next < frame.rules.count {
                frames[frames.count - 1].next += 1
                return frame.rules[frame.next]
            }
            frames.removeLast()
        }
        return nil
    }

    mutating func jump(_ rules: [Rule]) { frames.append((rules, 0)) }
    /// The chain that is gone to takes the place of this one, so its end leads to where this one was jumped from.
    mutating func goto(_ rules: [Rule]) { frames[frames.count - 1] = (rules, 0) }
    mutating func `return`() { frames.removeLast() }
}
