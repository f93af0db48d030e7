internal import PacketModel

/// Gives chains names that iptables takes, each once.
///
/// A name has 1 to 28 bytes (`XT_EXTENSION_MAXNAMELEN`), no blank, no sign of quoting, does not begin with `-` or `!`, and
/// is not that of a target (`assert_valid_chain_name`).
struct IPTablesChainNames {
    private var taken: Set<String>

    /// Names beside those that the host knows.
    init() {
        taken = Set(
            IPTablesNames.builtIn + [IPTablesNames.dockerUser, IPTablesNames.ownChain, IPTablesNames.inputChain])
    }

    /// The nearest name that is free.
    mutating func unused(_ wanted: String) -> String {
        let valid = Self.valid(wanted)
        var name = Self.shortened(valid, to: Self.limit)
        var count = 1
        while Self.targets.contains(name) || !taken.insert(name).inserted {
            count += 1
            name = Self.shortened(valid, to: Self.limit - "-\(count)".utf8.count) + "-\(count)"
        }
        return name
    }

    private static let limit = 28

    /// The text with `_` for all that no name can hold.
    private static func valid(_ text: String) -> String {
        var scalars = "".unicodeScalars
        for scalar in text.unicodeScalars {
            let isBad =
                scalar.value <= 32 || (127...159).contains(scalar.value) || "\"'\\".unicodeScalars.contains(scalar)
            let isBadFirst = scalars.isEmpty && (scalar == "-" || scalar == "!" || scalar == "[")
            scalars.append(isBad || isBadFirst ? "_" : scalar)
        }
        return scalars.isEmpty ? "_" : String(scalars)
    }

    /// The beginning of a text, in whole characters.
    private static func shortened(_ text: String, to bytes: Int) -> String {
        var result = "".unicodeScalars
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > bytes { break }
            result.append(scalar)
        }
        return String(result)
    }

    /// The targets of iptables 1.8 and those that it knows by itself.
    private static let targets: Set = [
        "ACCEPT", "AUDIT", "CHECKSUM", "CLASSIFY", "CLUSTERIP", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DNPT", "DROP",
        "DSCP", "ECN", "HL", "HMARK", "IDLETIMER", "LED", "LOG", "MARK", "MASQUERADE", "NETMAP", "NFLOG", "NFQUEUE",
        "NOTRACK", "POSTROUTING", "PREROUTING", "QUEUE", "RATEEST", "REDIRECT", "REJECT", "RETURN", "SECMARK", "SET",
        "SNAT", "SNPT", "SYNPROXY", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TPROXY", "TRACE", "TTL", "ULOG",
    ]
}

extension UTF8 {
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { String(scalar).utf8.count }
}
