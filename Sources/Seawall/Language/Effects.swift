/// What a line in the kernel's log says besides (`--log-tcp-options`, `log flags`).
public enum LogDetail: String, CaseIterable, Hashable, Sendable {
    /// Sequence numbers of TCP.
    case tcpSequence = "tcp-sequence"
    /// Options of the TCP header.
    case tcpOptions = "tcp-options"
    /// Options of the IP header.
    case ipOptions = "ip-options"
    /// The user whose socket sent the packet.
    case uid
    /// Both hardware addresses, and the link's protocol.
    case macDecode = "macdecode"
}

// What netfilter does besides a verdict; each is done for the packets that the rule matches, in the order written.
extension RuleComponent {
    /// Sends a message to the listeners of a netlink group (`-j NFLOG`).
    ///
    /// - Parameters:
    ///   - group: the group, 0 to 65535.
    ///   - prefix: what the message begins with.
    ///   - size: how many bytes of the packet are sent; all if it is not given.
    ///   - threshold: how many packets wait for one message.
    /// - Returns: the rule with its message.
    public func netlinkLog(group: Int, prefix: String = "", size: Int? = nil, threshold: Int = 1) -> PolicyRule {
        doing(.netlinkLog(NetlinkLogNode(group: group, prefix: prefix, size: size, threshold: threshold)))
    }

    /// Changes the packet's mark: `mark = (mark & ~mask) ^ value` (`-j MARK --set-xmark`).
    public func setMark(_ value: UInt32, mask: UInt32 = .max) -> PolicyRule {
        doing(.setMark(value: value, mask: mask))
    }

    /// Changes the connection's mark: `ctmark = (ctmark & ~mask) ^ value` (`-j CONNMARK --set-xmark`).
    public func setConnectionMark(_ value: UInt32, mask: UInt32 = .max) -> PolicyRule {
        doing(.setConnectionMark(value: value, mask: mask))
    }

    /// Writes the packet's mark into the connection's (`-j CONNMARK --save-mark`).
    public func saveMark(connectionMask: UInt32 = .max, packetMask: UInt32 = .max) -> PolicyRule {
        doing(.saveMark(connectionMask: connectionMask, packetMask: packetMask))
    }

    /// Writes the connection's mark into the packet's (`-j CONNMARK --restore-mark`).
    public func restoreMark(connectionMask: UInt32 = .max, packetMask: UInt32 = .max) -> PolicyRule {
        doing(.restoreMark(connectionMask: connectionMask, packetMask: packetMask))
    }

    /// Hands the packet to a target of iptables that goes on with the next rule: `.target("TCPMSS", "--set-mss", "1400")`.
    public func target(_ name: String, _ words: String...) -> PolicyRule { doing(.module(ModuleNode(name, words))) }

    /// Counts packets and bytes, where the engine does not do it anyway (nft `counter`).
    public func counted() -> PolicyRule { doing(.count) }

    private func doing(_ effect: EffectNode) -> PolicyRule { changed { $0.effects.append(effect) } }
}
