/// A type of ICMP message for IPv4, with or without its code (RFC 792).
public struct ICMPType: Hashable, Sendable {
    /// The type.
    public let type: Int
    /// The code; `nil` stands for any.
    public let code: Int?

    /// A type by its numbers, 0 to 255 each.
    public static func type(_ type: Int, code: Int? = nil) -> ICMPType { ICMPType(type: type, code: code) }

    /// Answer to a ping.
    public static let echoReply = ICMPType(type: 0, code: nil)
    /// Destination unreachable, any code.
    public static let destinationUnreachable = ICMPType(type: 3, code: nil)
    /// Packet too big for the path.
    public static let fragmentationNeeded = ICMPType(type: 3, code: 4)
    /// Redirect.
    public static let redirect = ICMPType(type: 5, code: nil)
    /// Ping.
    public static let echoRequest = ICMPType(type: 8, code: nil)
    /// Router advertisement.
    public static let routerAdvertisement = ICMPType(type: 9, code: nil)
    /// Router solicitation.
    public static let routerSolicitation = ICMPType(type: 10, code: nil)
    /// Time to live exceeded, any code.
    public static let timeExceeded = ICMPType(type: 11, code: nil)
    /// A bad header.
    public static let parameterProblem = ICMPType(type: 12, code: nil)
    /// Timestamp request.
    public static let timestampRequest = ICMPType(type: 13, code: nil)
    /// Timestamp reply.
    public static let timestampReply = ICMPType(type: 14, code: nil)
}

/// A type of ICMPv6 message, with or without its code (RFC 4443, RFC 4861).
public struct ICMPv6Type: Hashable, Sendable {
    /// The type.
    public let type: Int
    /// The code; `nil` stands for any.
    public let code: Int?

    /// A type by its numbers, 0 to 255 each.
    public static func type(_ type: Int, code: Int? = nil) -> ICMPv6Type { ICMPv6Type(type: type, code: code) }

    /// Destination unreachable, any code.
    public static let destinationUnreachable = ICMPv6Type(type: 1, code: nil)
    /// Packet too big for the path.
    public static let packetTooBig = ICMPv6Type(type: 2, code: nil)
    /// Hop limit exceeded, any code.
    public static let timeExceeded = ICMPv6Type(type: 3, code: nil)
    /// A bad header.
    public static let parameterProblem = ICMPv6Type(type: 4, code: nil)
    /// Ping.
    public static let echoRequest = ICMPv6Type(type: 128, code: nil)
    /// Answer to a ping.
    public static let echoReply = ICMPv6Type(type: 129, code: nil)
    /// Router solicitation.
    public static let routerSolicitation = ICMPv6Type(type: 133, code: nil)
    /// Router advertisement.
    public static let routerAdvertisement = ICMPv6Type(type: 134, code: nil)
    /// Neighbour solicitation.
    public static let neighbourSolicitation = ICMPv6Type(type: 135, code: nil)
    /// Neighbour advertisement.
    public static let neighbourAdvertisement = ICMPv6Type(type: 136, code: nil)
}
