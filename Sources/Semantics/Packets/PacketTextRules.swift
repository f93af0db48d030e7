internal import PacketModel

/// What cannot be said of one packet together; the message names the word that is one too many.
struct PacketTextRules {
    let ends: PacketTextReader.Ends
    let seen: [PacketWord.Kind: PacketTokens.Token]

    /// Checks a description that was read.
    func check(_ description: PacketDescription) throws(PacketTextError) {
        try checkConnection(description)
        try checkHeader(description)
        try checkPorts(description)
    }

    private func checkConnection(_ description: PacketDescription) throws(PacketTextError) {
        if description.standing == .invalid || description.standing == .untracked {
            for kind in [PacketWord.Kind.direction, .route, .connection, .status, .connectionMark] {
                try refuse(kind, "no word about a connection: \(seen[.state]?.text ?? "such") packets have none")
            }
        }
        guard description.connection != nil else { return }
        try refuse(.route, "no DNAT: with 'of', the first ends are those of the packet behind it")
        if description.standing == .relatedError {
            try refuse(
                .state, "'related', since with 'of' the error itself is described",
                example:
                    "icmp port-unreachable 192.0.2.1 -> 192.0.2.2 related of udp 192.0.2.2:4000 -> 192.0.2.1:53 reply")
        }
    }

    private func checkHeader(_ description: PacketDescription) throws(PacketTextError) {
        if description.isLaterFragment && description.family == .ip6 {
            try refuse(.fragment, "no 'fragment': the header of IPv6 says nothing of it")
        }
        if description.proto != .tcp || description.isLaterFragment || description.standing == .relatedError {
            try refuse(.flags, "no flags: the packet has no header of TCP")
        }
    }

    /// The ports are those of the connection; or the packet's, which a later fragment does not show.
    private func checkPorts(_ description: PacketDescription) throws(PacketTextError) {
        guard description.isOfPacketItself && description.isLaterFragment else {
            guard ends.destination.port != nil || !ends.proto.hasPorts else {
                throw ends.destinationToken.error("an address with a port, since \(ends.proto.name) has ports")
            }
            return
        }
        let shown = [(ends.source.port, ends.sourceToken), (ends.destination.port, ends.destinationToken)]
        for (port, token) in shown where port != nil {
            throw token.error("an address without a port: a later fragment shows none")
        }
        if let token = ends.messageToken { throw token.error("an address: a later fragment shows no type") }
    }

    private func refuse(_ kind: PacketWord.Kind, _ expected: String, example: String = PacketText.example)
        throws(PacketTextError)
    {
        if let token = seen[kind] { throw token.error(expected, example: example) }
    }
}
