/// The words of the grammar for packets, behind the two ends.
enum PacketWord: String, CaseIterable, Hashable, Sendable {
    case new
    case established
    case related
    case relatedError = "related-icmp"
    case invalid
    case untracked
    case original
    case reply
    case published
    case to
    case of
    case status
    case entering = "in"
    case leaving = "out"
    case flags
    case fragment
    case length
    case hopLimit = "ttl"
    case dscp
    case sourceMAC = "mac"
    case mark
    case connectionMark = "ctmark"
    case link
    case type
    case at

    /// What a word says; of each kind there is one, and any number of `addressType`.
    enum Kind: String, Hashable, Sendable {
        case state
        case direction
        case route
        case connection
        case status
        case inInterface = "in-interface"
        case outInterface = "out-interface"
        case flags
        case fragment
        case length
        case hopLimit = "time to live"
        case dscp
        case sourceMAC = "link address"
        case mark
        case connectionMark = "connection mark"
        case packetType = "packet type"
        case addressType = "address type"
        case clock
    }

    /// What the word says.
    var kind: Kind {
        switch self {
        case .new, .established, .related, .relatedError, .invalid, .untracked: .state
        case .original, .reply: .direction
        case .published, .to: .route
        case .of: .connection
        case .status: .status
        case .entering: .inInterface
        case .leaving: .outInterface
        case .flags: .flags
        case .fragment: .fragment
        case .length: .length
        case .hopLimit: .hopLimit
        case .dscp: .dscp
        case .sourceMAC: .sourceMAC
        case .mark: .mark
        case .connectionMark: .connectionMark
        case .link: .packetType
        case .type: .addressType
        case .at: .clock
        }
    }
}
