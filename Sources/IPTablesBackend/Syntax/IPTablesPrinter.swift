internal import PacketModel

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
    package var text: String { matches.map { " " + $0.text }.joined() + (target.map { " " + $0.text } ?? "") }
}

extension IPTablesMatch {
    var text: String {
        switch self {
        case .source(let prefix): prefix.option("-s") { "\($0)" }
        case .destination(let prefix): prefix.option("-d") { "\($0)" }
        case .inInterface(let pattern): pattern.option("-i", interfaceText)
        case .outInterface(let pattern): pattern.option("-o", interfaceText)
        case .proto(let proto): proto.option("-p", protocolText)
        case .fragment(let isNegated): isNegated ? "! -f" : "-f"
        case .ports(let proto, let source, let destination):
            words(
                "-m \(protocolText(proto))", source?.option("--sport", rangeText),
                destination?.option("--dport", rangeText))
        case .tcpFlags(let mask, let set, let isNegated):
            "-m tcp \(isNegated ? "! " : "")--tcp-flags \(flagText(mask)) \(flagText(set))"
        case .multiport(let side, let ports):
            "-m multiport " + ports.option(side.rawValue) { $0.map(rangeText).joined(separator: ",") }
        case .icmp(let numbers): icmpText(numbers)
        case .conntrack(let match): match.text
        case .sourceRange(let range): "-m iprange " + range.option("--src-range") { "\($0.first)-\($0.last)" }
        case .destinationRange(let range): "-m iprange " + range.option("--dst-range") { "\($0.first)-\($0.last)" }
        case .mark(let test): "-m mark \(test.isNegated ? "! " : "")--mark \(hex(test.value))/\(hex(test.mask))"
        case .packetType(let type): "-m pkttype " + type.option("--pkt-type") { packetTypeText($0) }
        case .addressType(let match): match.text
        case .limit(let count, let unit, let burst): "-m limit --limit \(count)/\(unit.rawValue) --limit-burst \(burst)"
        case .quota(let bytes): "-m quota --quota \(bytes)"
        case .timeUntil(let lastSecond): "-m time --datestop \(UTCDate.text(lastSecond))"
        case .comment(let text): "-m comment --comment \(quotedAlways(text))"
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
        case .log(let prefix, let level):
            "-j LOG" + (prefix.isEmpty ? "" : " --log-prefix \(quotedAlways(prefix))") + " --log-level \(level)"
        case .setMark(let value, let mask): "-j MARK --set-xmark \(hex(value))/\(hex(mask))"
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
            originalSourcePort?.option("--ctorigsrcport", rangeText),
            originalDestinationPort?.option("--ctorigdstport", rangeText),
            status?.option("--ctstatus", statusText),
            direction.map { "--ctdir \($0 == .original ? "ORIGINAL" : "REPLY")" })
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
        (isNegated ? "! " : "") + "\(name) \(text(value))"
    }
}

private func words(_ parts: String?...) -> String { parts.compactMap { $0 }.joined(separator: " ") }

/// A network of a tuple.
///
/// One address stands without its length, as `iptables-save` prints it: with it, the module keeps other bytes, and the
/// rule could not be deleted by the words in which it is listed.
private func tupleText(_ prefix: IPPrefix) -> String {
    prefix.length == prefix.address.family.addressBits ? "\(prefix.address)" : "\(prefix)"
}

private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }

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

private func rangeText(_ range: ClosedRange<UInt16>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
}

private func flagText(_ flags: TCPFlags) -> String {
    flags.isEmpty ? "NONE" : flags.names.joined(separator: ",").uppercased()
}

private func icmpText(_ numbers: Negatable<ICMPMessage>) -> String {
    let name = numbers.value.isIPv6 ? ("icmp6", "--icmpv6-type") : ("icmp", "--icmp-type")
    return "-m \(name.0) "
        + numbers.option(name.1) { message in
            message.code.map { "\(message.type)/\($0)" } ?? "\(message.type)"
        }
}

private func stateText(_ states: ConntrackMatch.States) -> String {
    (states.states.names + states.translated.names).joined(separator: ",").uppercased()
}

private func statusText(_ status: ConntrackStatus) -> String {
    status.names.map { $0 == "seen-reply" ? "SEEN_REPLY" : $0.uppercased() }.joined(separator: ",")
}

private func typesText(_ types: AddressTypeSet) -> String { types.names.joined(separator: ",").uppercased() }

private func packetTypeText(_ type: PacketTypeSet) -> String {
    type == .host ? "unicast" : type.names.joined()
}

/// A word as `iptables-restore` reads it back: quoted where it has to be.
private func quoted(_ word: String) -> String {
    let isPlain =
        !word.isEmpty
        && word.utf8.allSatisfy {
            $0 > 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "'")
        }
    return isPlain ? word : quotedAlways(word)
}

/// A word in double quotes; a quote and a backslash in it are escaped by a backslash (`xshared.c`, add_param_to_argv).
private func quotedAlways(_ text: String) -> String {
    // Scalar by scalar: a quote with a combining mark behind it is one character, and still a quote to iptables.
    var result = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { result.append("\\") }
        result.append(scalar)
    }
    return String(result) + "\""
}
