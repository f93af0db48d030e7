/// What conntrack takes packets for, as far as people tell it apart.
package struct TrafficKinds: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt16

    /// Kinds from their bits.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Packets that begin a connection, or belong to one of which no reply was seen.
    package static let new = TrafficKinds(rawValue: 1)
    /// Packets of running connections from the side that dialled.
    package static let running = TrafficKinds(rawValue: 2)
    /// Packets that begin a connection which another one announced; no ICMP errors.
    package static let announced = TrafficKinds(rawValue: 4)
    /// Packets of running connections from the side that answers.
    package static let replies = TrafficKinds(rawValue: 8)
    /// The like of connections that another one announced, before they run.
    package static let announcedReplies = TrafficKinds(rawValue: 16)
    /// Related ICMP errors in the direction of the side that dialled.
    package static let errors = TrafficKinds(rawValue: 32)
    /// Related ICMP errors in the other direction.
    package static let errorsInReply = TrafficKinds(rawValue: 64)
    /// Packets that conntrack could not relate to a connection.
    package static let invalid = TrafficKinds(rawValue: 128)
    /// Packets that conntrack was told not to look at.
    package static let untracked = TrafficKinds(rawValue: 256)

    /// What people mean by connections.
    package static let connections: TrafficKinds = [.new, .running, .announced]
    /// All kinds.
    package static let all = TrafficKinds(rawValue: 511)

    /// The single kinds, in order.
    package static let each = (0..<9).map { TrafficKinds(rawValue: 1 << $0) }

    /// The names for programs, in order.
    package var names: [String] { zip(Self.each, Self.table).filter { contains($0.0) }.map(\.1) }

    private static let table = [
        "new", "running", "related", "replies", "related-replies", "errors", "errors-in-reply", "invalid", "untracked",
    ]
}

extension TrafficKinds {
    /// What is to be said besides: nothing for connections as such, `also replies`, `new connections only`.
    package var words: String? {
        if self == .all { return "whatever conntrack says" }
        let further = Self.list(subtracting(.connections).phrases)
        if isSuperset(of: .connections) { return further.map { "also \($0)" } }
        return Self.list(intersection(.connections).phrases + subtracting(.connections).phrases).map { "\($0) only" }
    }

    private var phrases: [String] {
        let groups: [(TrafficKinds, String)] = [
            (.new, "new connections"), (.running, "running connections"), (.announced, "related connections"),
            ([.replies, .announcedReplies], "replies"), (.replies, "replies of running connections"),
            (.announcedReplies, "replies of related connections"), ([.errors, .errorsInReply], "related ICMP errors"),
            (.errors, "related ICMP errors to the container"), (.errorsInReply, "related ICMP errors to the client"),
            ([.invalid, .untracked], "packets without a conntrack entry"), (.invalid, "invalid packets"),
            (.untracked, "untracked packets"),
        ]
        var left = self
        return groups.compactMap { kinds, text in
            guard left.isSuperset(of: kinds) else { return nil }
            left.subtract(kinds)
            return text
        }
    }

    private static func list(_ parts: [String]) -> String? {
        guard let last = parts.last else { return nil }
        return parts.count == 1 ? last : parts.dropLast().joined(separator: ", ") + " and " + last
    }
}
