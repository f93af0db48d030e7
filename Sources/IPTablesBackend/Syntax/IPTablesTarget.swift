/// What becomes of a packet that a rule matches; each case says the text that it stands for (iptables-extensions(8)).
package enum IPTablesTarget: Hashable, Sendable {
    /// `-j ACCEPT`
    case accept
    /// `-j DROP`
    case drop
    /// `-j RETURN`
    case `return`
    /// `-j REJECT --reject-with icmp-port-unreachable`
    case reject(with: String)
    /// `-j LOG --log-prefix "text" --log-level 7 --log-tcp-options`
    case log(LogTarget)
    /// `-j NFLOG --nflog-prefix "text" --nflog-group 5`
    indirect case netlinkLog(NetlinkLogTarget)
    /// `-j MARK --set-xmark 0x1/0x1`
    case setMark(value: UInt32, mask: UInt32)
    /// `-j CONNMARK --save-mark`
    case connectionMark(ConnectionMarkTarget)
    /// `-j NFQUEUE --queue-balance 0:3 --queue-bypass`
    case queue(QueueWords)
    /// `-j CHAIN`
    case jump(String)
    /// `-g CHAIN`
    case goto(String)
    /// A target that is kept as it is: `-j TCPMSS --clamp-mss-to-pmtu`
    case module(String, options: [IPTablesOption])
}

/// The options of `-j LOG`.
package struct LogTarget: Hashable, Sendable {
    /// Up to 29 bytes.
    package var prefix: String
    /// 0 to 7; 4 is not printed.
    package var level: UInt8
    package var isTCPSequenceLogged = false
    package var areTCPOptionsLogged = false
    package var areIPOptionsLogged = false
    package var isUIDLogged = false
    package var isMACDecoded = false

    /// A line with this prefix and level.
    package init(prefix: String, level: UInt8) {
        self.prefix = prefix
        self.level = level
    }
}

/// The options of `-j NFLOG`.
package struct NetlinkLogTarget: Hashable, Sendable {
    /// Up to 63 bytes.
    package var prefix = ""
    package var group: UInt16 = 0
    /// `--nflog-range`: accepted, and without effect in the kernel.
    package var range: UInt32?
    /// `--nflog-size`.
    package var size: UInt32?
    /// 0 is not printed.
    package var threshold: UInt16 = 0

    /// A message to group 0.
    package init() {}
}

/// The forms of `-j CONNMARK`.
package enum ConnectionMarkTarget: Hashable, Sendable {
    /// `--set-xmark 0x1/0xff`
    case set(value: UInt32, mask: UInt32)
    /// `--save-mark --nfmask 0xff --ctmask 0xff`
    case save(packetMask: UInt32, connectionMask: UInt32)
    /// `--restore-mark --nfmask 0xff --ctmask 0xff`
    case restore(packetMask: UInt32, connectionMask: UInt32)
}

/// The options of `-j NFQUEUE`.
package struct QueueWords: Hashable, Sendable {
    /// `--queue-num 1`, or `--queue-balance 0:3` for more than one.
    package var numbers: ClosedRange<UInt16>
    package var isBypassed = false
    package var isByProcessor = false

    /// Queues.
    package init(_ numbers: ClosedRange<UInt16>) { self.numbers = numbers }
}
