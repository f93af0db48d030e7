package import PacketModel

/// A text with rules, before it is read.
package struct ImportText: Hashable, Sendable {
    /// What the user calls it; messages begin with it.
    package var name: String
    /// The text.
    package var bytes: [UInt8]
    /// What it holds.
    package var format: InputFormat
    /// The family of rules of iptables, where it is known.
    package var family: AddressFamily?

    /// A text.
    package init(name: String, bytes: [UInt8], format: InputFormat, family: AddressFamily? = nil) {
        self.name = name
        self.bytes = bytes
        self.format = format
        self.family = family
    }
}

extension ImportText {
    /// Whether the text is one of iptables that makes a chain `DOCKER-USER`.
    var makesDockerUser: Bool {
        format == .iptables
            && [":DOCKER-USER ", "-N DOCKER-USER"].contains { bytes.firstRange(of: Array($0.utf8)) != nil }
    }
}
