internal import JSONC
internal import PacketModel

/// Reads the right sides of matches and the elements of sets (libnftables-json(5)); what they are depends on what they are
/// compared with.
enum NFTValueReader {
    /// A value of a kind.
    ///
    /// - Throws: `JSONError` with the path, for names of hosts as well: libnftables would ask the resolver for them.
    static func value(
        _ json: JSONValue, _ kind: NFTSet.Kind, words: NFTWords, _ path: String
    ) throws(JSONError) -> NFTValue {
        if case .string(let text) = json, text.hasPrefix("@") { return .named(String(text.dropFirst())) }
        if case .concat = kind, json["concat"] == nil, json["set"] == nil, json["elem"] == nil {
            throw lostParts(path)
        }
        guard case .object(let members) = json else {
            if case .array(let parts) = json { return .flags(try flags(parts, path)) }
            return try single(json, kind, path)
        }
        guard members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected a value, found an object of several keys")
        }
        let inner = "\(path).\(member.key)"
        switch member.key {
        case "set":
            // One element may stand without a list.
            let elements = member.value.array ?? [member.value]
            return .set(
                try elements.enumerated().map { index, element throws(JSONError) in
                    guard !NFTSetReader.asksMore(element) else {
                        throw JSONError(
                            at: .path("\(inner)[\(index)]"), "an element that limits or counts packets is not known")
                    }
                    return try value(unwrapped(element), kind, words: words, "\(inner)[\(index)]")
                })
        case "elem":
            guard let inside = member.value["val"] else {
                throw JSONError(at: .path(inner), "expected an element with its 'val'")
            }
            return try value(inside, kind, words: words, inner)
        case "concat": return try concat(member.value, kind, words, inner)
        case "prefix": return .prefix(try prefix(member.value, inner))
        case "range": return try range(member.value, kind, words, inner)
        case "|": return .flags(try flags([json], path))
        default: throw JSONError(at: .path(path), "a value '\(member.key)' is not known")
        }
    }

    /// An element without its comment, counter and time.
    static func unwrapped(_ json: JSONValue) -> JSONValue { json["elem"]?["val"] ?? json }

    private static func single(_ json: JSONValue, _ kind: NFTSet.Kind, _ path: String) throws(JSONError) -> NFTValue {
        switch json {
        case .integer(let number): return .number(number)
        case .string(let text): return try word(text, kind, path)
        default: throw JSONError(at: .path(path), "expected a value, found \(json.kind)")
        }
    }

    private static func word(_ text: String, _ kind: NFTSet.Kind, _ path: String) throws(JSONError) -> NFTValue {
        switch kind {
        case .ipv4, .ipv6:
            guard let address = IPAddress(text), (address.family == .ip) == (kind == .ipv4) else {
                throw JSONError(
                    at: .path(path),
                    "expected an \(kind == .ipv4 ? "IPv4" : "IPv6") address, found '\(text)'")
            }
            return .address(address)
        case .mac:
            guard let address = mac(text) else {
                throw JSONError(
                    at: .path(path), "expected a hardware address such as 00:11:22:33:44:55, found '\(text)'")
            }
            return .mac(address)
        case .interface:
            guard let pattern = interface(text) else {
                throw JSONError(at: .path(path), "expected the name of an interface, found '\(text)'")
            }
            return .interface(pattern)
        case .port, .other, .concat: return .keyword(text)
        }
    }

    /// A name as nft lists it: a `*` at the end is a wildcard, and `\*` is that character, which no name holds here.
    private static func interface(_ text: String) -> InterfacePattern? {
        // iptables' wildcard is a character like any other in nft.
        guard !text.hasSuffix("+") else { return nil }
        return try? InterfacePattern(text: text)
    }

    static func mac(_ text: String) -> UInt64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var address: UInt64 = 0
        for part in parts {
            guard (1...2).contains(part.utf8.count), let byte = UInt8(part, radix: 16) else { return nil }
            address = address << 8 | UInt64(byte)
        }
        return address
    }

    // MARK: - Values of several parts

    private static func concat(
        _ json: JSONValue, _ kind: NFTSet.Kind, _ words: NFTWords, _ path: String
    ) throws(JSONError) -> NFTValue {
        let kinds = kind.parts
        guard case .array(let parts) = json, parts.count == kinds.count, kinds.count > 1 else {
            throw lostParts(path)
        }
        var values: [NFTValue] = []
        for (index, part) in parts.enumerated() {
            values.append(try value(unwrapped(part), kinds[index], words: words.part(index), "\(path)[\(index)]"))
        }
        return .concat(values)
    }

    private static func lostParts(_ path: String) -> JSONError {
        JSONError(at: .path(path), "the element has not the parts of its key: nft has lost some of them in its listing")
    }

    private static func prefix(_ json: JSONValue, _ path: String) throws(JSONError) -> IPPrefix {
        var reader = try JSONObjectReader(json, path: path)
        let text = try reader.string("addr")
        let length = try reader.integer("len")
        try reader.finish()
        guard let address = IPAddress(text), let prefix = IPPrefix(holding: address, length: length) else {
            throw JSONError(at: .path(path), "expected a network, found '\(text)/\(length)'")
        }
        return prefix
    }

    private static func range(
        _ json: JSONValue, _ kind: NFTSet.Kind, _ words: NFTWords, _ path: String
    ) throws(JSONError) -> NFTValue {
        guard case .array(let ends) = json, ends.count == 2 else {
            throw JSONError(at: .path(path), "expected the two ends of a range")
        }
        let first = try single(ends[0], kind, "\(path)[0]")
        let last = try single(ends[1], kind, "\(path)[1]")
        if case .address(let low) = first, case .address(let high) = last { return .addressRange(low, high) }
        if let low = words.number(first), let high = words.number(last) { return .range(low, high) }
        throw JSONError(at: .path(path), "a range of such values is not known: '\(first.text)' to '\(last.text)'")
    }

    // MARK: - Flags

    /// The words of a list, or of words that are joined by `|`, however deep.
    static func flags(_ values: [JSONValue], _ path: String) throws(JSONError) -> [String] {
        var words: [String] = []
        for value in values {
            switch value {
            case .string(let word): words.append(word)
            case .array(let parts): words += try flags(parts, path)
            case .object(let members) where members.count == 1 && members[0].key == "|":
                words += try flags(members[0].value.array ?? [], path)
            default: throw JSONError(at: .path(path), "expected the names of flags, found \(value.kind)")
            }
        }
        return words
    }
}
