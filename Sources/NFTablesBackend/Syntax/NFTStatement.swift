package import JSONC
package import PacketModel

/// A statement of a rule; each case says the text that it stands for (nft(8), libnftables-json(5)).
package enum NFTStatement: Hashable, Sendable {
    /// `tcp dport 80`, `ct state new,related`, `iifname != "eth0"`
    case match(NFTExpression, NFTOperator, NFTValue)
    /// `limit rate 10/minute burst 5 packets`, `limit rate over 10/minute burst 5 packets`
    case limit(count: Int, unit: RateUnit, burst: Int, isOver: Bool = false)
    /// `quota 1000 bytes`
    case quota(bytes: UInt64)
    /// `log prefix "text" level warn flags tcp options`
    case log(prefix: String, level: LogLevel, flags: [NFTLogFlag] = [])
    /// `log prefix "text" group 1 snaplen 80 queue-threshold 1`
    case netlinkLog(NFTNetlinkLog)
    /// `meta mark set meta mark & ~MASK | VALUE`; with `^` in the place of `|` where the value has bits outside of the mask
    case setMark(value: UInt32, mask: UInt32)
    /// `ct mark set ct mark & ~MASK | VALUE`, likewise
    case setConnectionMark(value: UInt32, mask: UInt32)
    /// `ct mark set meta mark`
    case saveMark
    /// `meta mark set ct mark`
    case restoreMark
    /// `counter`
    case counter
    /// `accept`
    case accept
    /// `drop`
    case drop
    /// `return`
    case `return`
    /// `continue`
    case `continue`
    /// `jump CHAIN`
    case jump(String)
    /// `goto CHAIN`
    case goto(String)
    /// `reject with tcp reset`, `reject with icmpx port-unreachable`
    case reject(type: String, code: String?)
    /// `tcp dport vmap { 22 : accept, 80 : drop }`, `tcp dport vmap @m`
    case verdictMap(NFTExpression, NFTVerdictMap)
    /// One that was read and that Seawall has no type for
    case unknown(NFTUnknown)
}

/// Something of nft's JSON that Seawall has no type for, and why it could not be read as something that it has.
package struct NFTUnknown: Hashable, Sendable {
    /// The JSON as it was read.
    package var json: JSONValue
    /// What was expected.
    package var reason: String

    /// Something unknown.
    package init(_ json: JSONValue, _ reason: String) {
        self.json = json
        self.reason = reason
    }
}

/// What a line in the kernel's log says besides: `log flags tcp options`.
package enum NFTLogFlag: String, Hashable, Sendable, CaseIterable {
    case tcpSequence = "tcp sequence"
    case tcpOptions = "tcp options"
    case ipOptions = "ip options"
    case skuid
    case ether
}

/// A message to the listeners of a netlink group: `log prefix "text" group 1 snaplen 80 queue-threshold 1`.
package struct NFTNetlinkLog: Hashable, Sendable {
    /// The group.
    package var group: UInt16
    /// What the message begins with.
    package var prefix: String
    /// How many bytes of the packet are sent; `nil` for all.
    package var snaplen: UInt32?
    /// How many packets wait for one message; `nil` leaves it to those who listen, and is not the same as 1.
    package var threshold: UInt16?

    /// A message.
    package init(group: UInt16, prefix: String, snaplen: UInt32?, threshold: UInt16?) {
        self.group = group
        self.prefix = prefix
        self.snaplen = snaplen
        self.threshold = threshold
    }
}

/// What a verdict map holds.
package enum NFTVerdictMap: Hashable, Sendable {
    /// `@name`
    case named(String)
    /// `{ 22 : accept, 80 : drop }`
    case elements([NFTVerdictMapElement])
}

/// `22 : accept`, or `* : drop` for what no other key holds.
package struct NFTVerdictMapElement: Hashable, Sendable {
    /// The key; `nil` for `*`.
    package var key: NFTValue?
    /// The verdict.
    package var verdict: NFTStatement

    /// An element.
    package init(_ key: NFTValue?, _ verdict: NFTStatement) {
        self.key = key
        self.verdict = verdict
    }
}

/// How a match compares.
package enum NFTOperator: String, Hashable, Sendable {
    /// Equal, or in a set.
    case equal = "=="
    /// Not equal, or not in a set. Never with a flag or a list of flags: that compares the whole register.
    case notEqual = "!="
    /// Less.
    case less = "<"
    /// Less or equal.
    case lessOrEqual = "<="
    /// Greater.
    case greater = ">"
    /// Greater or equal.
    case greaterOrEqual = ">="
    /// Any of some flags (`ct state new,related` in text).
    case anyOf = "in"
    /// None of some flags (`ct state ! new,related` in text); how nft lists `ct state & (new | related) == 0`.
    case noneOf = "!"
}
