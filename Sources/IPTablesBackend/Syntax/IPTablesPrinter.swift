internal import PacketModel

// Rules and documents as `iptables-legacy-save` 1.8.9 prints them, byte for byte.
//
// Two things are printed otherwise, since it loses them: `! -i +`, and a negated range of all ports.

extension IPTablesDocument {
    /// The text for `iptables-restore`; every line ends with a line feed.
    package var text: String {
        var result = header.map { "# \($0)\n" }.joined() + "*filter\n"
        for line in lines { result += line.text + "\n" }
        return result + "COMMIT\n"
    }
}

extension IPTablesLine {
    /// The line without its end.
    package var text: String {
        switch self {
        case .chain(let name): ":\(name) - [0:0]"
        case .policy(let name, let policy): ":\(name) \(policy.rawValue) [0:0]"
        case .append(let chain, let rule): "-A \(chain)" + rule.text
        case .insert(let chain, let position, let rule): "-I \(chain) \(position)" + rule.text
        case .delete(let chain, let words): (["-D \(chain)"] + words.map(quoted)).joined(separator: " ")
        case .deleteChain(let name): "-X \(name)"
        case .appendWords(let chain, let words): (["-A \(chain)"] + words.map(quoted)).joined(separator: " ")
        }
    }
}

extension IPTablesRule {
    /// The rule in the order of its parts, with a space before each.
    package var text: String {
        var text = ""
        text.reserveCapacity(24 * (matches.count + 1))
        for match in matches {
            text += " "
            text += match.text
        }
        if let target {
            text += " "
            text += target.text
        }
        return text
    }
}

extension IPTablesMatch {
    var text: String {
        switch self {
        case .source(let address): address.option("-s") { maskedText($0, short: false) }
        case .destination(let address): address.option("-d") { maskedText($0, short: false) }
        case .inInterface(let pattern): pattern.option("-i", interfaceText)
        case .outInterface(let pattern): pattern.option("-o", interfaceText)
        case .proto(let word): word.option("-p") { $0.name ?? String($0.number) }
        case .fragment(let isNegated): isNegated ? "! -f" : "-f"
        case .ports(let proto, let source, let destination):
            words(
                "-m \(protocolText(proto))", source?.option("--sport", rangeText),
                destination?.option("--dport", rangeText))
        case .tcp(let match): match.text
        case .state(let states): "-m state " + states.option("--state", stateNames)
        case .multiport(let side, let ports):
            "-m multiport " + ports.option(side.rawValue) { $0.map(rangeText).joined(separator: ",") }
        case .icmp(let numbers): icmpText(numbers)
        case .conntrack(let match): match.text
        case .addressRange(let source, let destination):
            words(
                "-m iprange", source?.option("--src-range", addressesText),
                destination?.option("--dst-range", addressesText))
        case .sourceMAC(let address): "-m mac " + address.option("--mac-source", macText)
        case .connectionMark(let test): "-m connmark " + markText(test)
        case .length(let range):
            "-m length " + range.option("--length") { rangeText(PortRange($0)) }
        case .hopLimit(let test):
            test.isIPv6
                ? "-m hl \(test.comparison == .notEqual ? "! --hl-eq" : "--hl-\(test.comparison.rawValue)") \(test.value)"
                : "-m ttl \(test.comparison == .notEqual ? "! --ttl-eq" : "--ttl-\(test.comparison.rawValue)") \(test.value)"
        case .dscp(let value): "-m dscp " + value.option("--dscp", byteText)
        case .module(let name, let options): (["-m \(name)"] + options.map(\.text)).joined(separator: " ")
        case .mark(let test): "-m mark " + markText(test)
        case .packetType(let type): "-m pkttype " + type.option("--pkt-type") { packetTypeText($0) }
        case .addressType(let match): match.text
        case .limit(let count, let unit, let burst):
            "-m limit --limit \(count)/\(unit.shortName)" + (burst == 5 ? "" : " --limit-burst \(burst)")
        case .quota(let bytes): "-m quota --quota \(bytes)"
        case .timeUntil(let lastSecond): "-m time --datestop \(UTCDate.text(lastSecond))"
        case .comment(let text): "-m comment --comment \(textWord(text))"
        }
    }
}

extension IPTablesTarget {
    var text: String {
        switch self {
        case .accept: "-j ACCEPT"
        case .drop: "-j DROP"
        case .return: "-j RETURN"
        case .reject(let kind): "-j REJECT --reject-with \(kind)"
        case .log(let log): log.text
        case .netlinkLog(let log): log.text
        case .connectionMark(let change): change.text
        case .queue(let queue): queue.text
        case .module(let name, let options): (["-j \(name)"] + options.map(\.text)).joined(separator: " ")
        case .setMark(let value, let mask): "-j MARK --set-xmark \(hexText(value))/\(hexText(mask))"
        case .jump(let chain): "-j \(chain)"
        case .goto(let chain): "-g \(chain)"
        }
    }
}

extension ConntrackMatch {
    var text: String {
        words(
            "-m conntrack", state?.option("--ctstate", stateText),
            originalProtocol?.option("--ctproto") { String($0.rawValue) },
            originalSource?.option("--ctorigsrc", tupleText), originalDestination?.option("--ctorigdst", tupleText),
            replySource?.option("--ctreplsrc", tupleText), replyDestination?.option("--ctrepldst", tupleText),
            originalSourcePort?.option("--ctorigsrcport", rangeText),
            originalDestinationPort?.option("--ctorigdstport", rangeText),
            replySourcePort?.option("--ctreplsrcport", rangeText),
            replyDestinationPort?.option("--ctrepldstport", rangeText),
            status?.option("--ctstatus", statusText),
            expiry?.option("--ctexpire") { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" },
            direction.map { "--ctdir \($0 == .original ? "ORIGINAL" : "REPLY")" })
    }
}

extension TCPMatch {
    var text: String {
        words(
            "-m tcp", source?.option("--sport", rangeText), destination?.option("--dport", rangeText),
            option?.option("--tcp-option") { String($0) },
            flags?.option("--tcp-flags") { "\(flagText($0.mask)) \(flagText($0.set))" })
    }
}

extension IPTablesOption {
    var text: String {
        var parts = [name] + values.map(quoted)
        if isQuoted, let last = values.last { parts[parts.count - 1] = quotedAlways(last) }
        return (isNegated ? "! " : "") + parts.joined(separator: " ")
    }
}

extension LogTarget {
    var text: String {
        words(
            "-j LOG", prefix.isEmpty ? nil : "--log-prefix \(textWord(prefix))",
            level == 4 ? nil : "--log-level \(level)",
            isTCPSequenceLogged ? "--log-tcp-sequence" : nil, areTCPOptionsLogged ? "--log-tcp-options" : nil,
            areIPOptionsLogged ? "--log-ip-options" : nil, isUIDLogged ? "--log-uid" : nil,
            isMACDecoded ? "--log-macdecode" : nil)
    }
}

extension NetlinkLogTarget {
    var text: String {
        words(
            "-j NFLOG", prefix.isEmpty ? nil : "--nflog-prefix \(textWord(prefix))",
            group == 0 ? nil : "--nflog-group \(group)", range.map { "--nflog-range \($0)" },
            size.map { "--nflog-size \($0)" }, threshold == 0 ? nil : "--nflog-threshold \(threshold)")
    }
}

extension ConnectionMarkTarget {
    var text: String {
        switch self {
        case .set(let value, let mask): "-j CONNMARK --set-xmark \(hexText(value))/\(hexText(mask))"
        case .save(let packet, let connection):
            "-j CONNMARK --save-mark --nfmask \(hexText(packet)) --ctmask \(hexText(connection))"
        case .restore(let packet, let connection):
            "-j CONNMARK --restore-mark --nfmask \(hexText(packet)) --ctmask \(hexText(connection))"
        }
    }
}

extension QueueWords {
    var text: String {
        words(
            "-j NFQUEUE",
            numbers.count == 1
                ? "--queue-num \(numbers.lowerBound)" : "--queue-balance \(numbers.lowerBound):\(numbers.upperBound)",
            isBypassed ? "--queue-bypass" : nil, isByProcessor ? "--queue-cpu-fanout" : nil)
    }
}

extension AddressTypeMatch {
    var text: String {
        words(
            "-m addrtype", source?.option("--src-type", typesText), destination?.option("--dst-type", typesText),
            limitedTo?.rawValue)
    }
}

// MARK: - Words

extension Negatable {
    fileprivate func option(_ name: String, _ text: (Value) -> String) -> String {
        (isNegated ? "! " + name : name) + " " + text(value)
    }
}

private func words(_ first: String, _ others: String?...) -> String {
    var text = first
    for case let word? in others {
        text += " "
        text += word
    }
    return text
}

/// A network of a tuple.
///
/// One address stands without its length, as `iptables-save` prints it: with it, the module keeps other bytes, and the
/// rule could not be deleted by the words in which it is listed.
private func tupleText(_ address: IPMaskedAddress) -> String { maskedText(address, short: true) }

/// An address with its mask: a length where there is one; one address may stand without it.
func maskedText(_ masked: IPMaskedAddress, short: Bool) -> String {
    let address = addressText(masked.address)
    guard let prefix = masked.prefix else { return address + "/" + addressText(masked.mask) }
    return short && prefix.length == masked.address.family.addressBits ? address : address + "/" + String(prefix.length)
}

/// An address as `inet_ntop` prints it: unlike RFC 5952, it ends in an IPv4 address behind 96 zero bits.
func addressText(_ address: IPAddress) -> String {
    guard case .v6(let value) = address, value >> 32 == 0, value >> 16 != 0 else { return address.description }
    return "::" + IPAddress.v4(UInt32(truncatingIfNeeded: value)).description
}

private func addressesText(_ range: IPAddressRange) -> String {
    "\(addressText(range.first))-\(addressText(range.last))"
}

/// A mark with its mask, which is left away if all bits count.
private func markText(_ test: MaskedTest<UInt32>) -> String {
    (test.isNegated ? "! " : "") + "--mark \(hexText(test.value))" + (test.mask == .max ? "" : "/\(hexText(test.mask))")
}

private func interfaceText(_ pattern: InterfacePattern) -> String {
    switch pattern {
    case .exact(let name): name
    case .prefix(let prefix): prefix + "+"
    }
}

/// The names that iptables itself knows without `/etc/protocols` (`xtables_chain_protos`); numbers for the others.
private func protocolText(_ proto: IPProtocol) -> String {
    switch proto {
    case .icmp, .tcp, .udp, .sctp, .dccp: proto.name
    case .icmpv6: "ipv6-icmp"
    default: String(proto.rawValue)
    }
}

/// `80`, `80:90`.
func rangeText(_ range: PortRange) -> String {
    range.first == range.last ? String(range.first) : String(range.first) + ":" + String(range.last)
}

private func macText(_ address: UInt64) -> String {
    stride(from: 40, through: 0, by: -8).map { shift in
        let byte = String(address >> UInt64(shift) & 255, radix: 16)
        return byte.count == 1 ? "0" + byte : byte
    }.joined(separator: ":")
}

private func flagText(_ flags: TCPFlags) -> String {
    flags.isEmpty ? "NONE" : flags.names.joined(separator: ",").uppercased()
}

private func icmpText(_ numbers: Negatable<ICMPMessage>) -> String {
    let name = numbers.value.isIPv6 ? ("icmp6", "--icmpv6-type") : ("icmp", "--icmp-type")
    return "-m \(name.0) "
        + numbers.option(name.1) { message in
            if message.type == 255, !message.isIPv6 { return "any" }
            return message.code.map { "\(message.type)/\($0)" } ?? "\(message.type)"
        }
}

/// The states in the order of `iptables-save`.
private func stateNames(_ states: ConntrackStateSet) -> String {
    let order: [ConntrackStateSet] = [.invalid, .new, .related, .established, .untracked]
    return order.filter { states.contains($0) }.flatMap(\.names).joined(separator: ",").uppercased()
}

private func stateText(_ states: ConntrackMatch.States) -> String {
    let names =
        [states.states.isEmpty ? "" : stateNames(states.states)] + states.translated.names.map { $0.uppercased() }
    return names.filter { !$0.isEmpty }.joined(separator: ",")
}

private func statusText(_ status: ConntrackStatus) -> String {
    status.isEmpty
        ? "NONE" : status.names.map { $0 == "seen-reply" ? "SEEN_REPLY" : $0.uppercased() }.joined(separator: ",")
}

private func typesText(_ types: AddressTypeSet) -> String { types.names.joined(separator: ",").uppercased() }

private func packetTypeText(_ type: PacketTypeSet) -> String {
    switch type {
    case .host: "unicast"
    case .other: "otherhost"
    default: type.names.joined()
    }
}

// MARK: - Quotes

/// Whether `iptables-save` prints a text without quotes (`xtables_save_string`).
func isPlainText(_ text: String) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
}

/// A text as `xtables_save_string` prints it: in quotes unless it is plain, with `"`, `\` and `'` escaped.
private func textWord(_ text: String) -> String {
    isPlainText(text) ? text : inQuotes(text, escaping: ["\"", "\\", "'"])
}

/// A word as `iptables-restore` reads it back: quoted where it has to be.
func quoted(_ word: String) -> String {
    let isPlain =
        !word.isEmpty
        && word.utf8.allSatisfy {
            $0 > 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "'")
        }
    return isPlain ? word : quotedAlways(word)
}

/// A word in double quotes; a quote and a backslash in it are escaped by a backslash (`xshared.c`, add_param_to_argv).
private func quotedAlways(_ text: String) -> String { inQuotes(text, escaping: ["\"", "\\"]) }

/// Scalar by scalar: a quote with a combining mark behind it is one character, and still a quote to iptables.
private func inQuotes(_ text: String, escaping escaped: [Unicode.Scalar]) -> String {
    var result = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
        if escaped.contains(scalar) { result.append("\\") }
        result.append(scalar)
    }
    return String(result) + "\""
}
