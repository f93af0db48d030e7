internal import JSONC
internal import PacketModel

/// Reads the left sides of matches (libnftables-json(5)).
enum NFTExpressionReader {
    /// An expression.
    ///
    /// - Throws: `JSONError` with the path of what is not known.
    static func expression(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression {
        guard case .object(let members) = json, members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected an expression, found \(json.kind)")
        }
        let inner = "\(path).\(member.key)"
        switch member.key {
        case "meta": return .meta(try meta(member.value, inner))
        case "payload": return try payload(member.value, inner)
        case "ct": return try ct(member.value, inner)
        case "fib": return try addressType(member.value, inner)
        case "&": return try masked(member.value, inner)
        case "concat":
            guard case .array(let parts) = member.value, parts.count > 1 else {
                throw JSONError(at: .path(inner), "expected the parts of a concatenation")
            }
            return .concat(
                try parts.enumerated().map { index, part throws(JSONError) in
                    try expression(part, "\(inner)[\(index)]")
                })
        default: throw JSONError(at: .path(path), "an expression '\(member.key)' is not known")
        }
    }

    private static func meta(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression.Meta {
        var reader = try JSONObjectReader(json, path: path)
        let key = try reader.string("key")
        try reader.finish()
        guard let meta = NFTExpression.Meta(rawValue: key) else {
            throw JSONError(at: .path(path), "'meta \(key)' is not known")
        }
        return meta
    }

    private static func payload(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression {
        var reader = try JSONObjectReader(json, path: path)
        guard let proto = try reader.optionalString("protocol") else {
            throw JSONError(at: .path(path), "bytes at an offset are not known")
        }
        let field = try reader.string("field")
        try reader.finish()
        return .payload(proto, field)
    }

    private static func ct(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression {
        var reader = try JSONObjectReader(json, path: path)
        let key = try reader.string("key")
        let direction = try reader.optionalString("dir")
        let family = try reader.optionalString("family")
        try reader.finish()
        if key == "saddr" || key == "daddr" {
            throw JSONError(
                at: .path(path),
                "'ct \(direction ?? "original") \(key)' without 'ip' or 'ip6' is listed with wrong networks by nft 1.0.6: write 'ct \(direction ?? "original") ip \(key)'"
            )
        }
        // `l3proto`, `family` and the direction `reply` are not known.
        guard let known = NFTExpression.CT(rawValue: key), family == nil, direction != "reply" else {
            throw JSONError(at: .path(path), "'ct \(direction.map { $0 + " " } ?? "")\(key)' is not known")
        }
        // The protocol of the tuple is listed without its direction.
        return .ct(known, original: direction == "original" || known == .proto)
    }

    private static func addressType(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression {
        var reader = try JSONObjectReader(json, path: path)
        let result = try reader.string("result")
        let flags = try NFTValueReader.flags([try reader.require("flags")], "\(path).flags")
        try reader.finish()
        let sides = flags.filter { $0 == "saddr" || $0 == "daddr" }
        let limits = flags.filter { $0 == "iif" || $0 == "oif" }
        guard result == "type", sides.count == 1, limits.count <= 1, sides.count + limits.count == flags.count else {
            throw JSONError(
                at: .path(path), "'fib \(flags.joined(separator: " . ")) \(result)' is not known, only 'fib … type'")
        }
        return .addressType(side: sides[0], interface: limits.first)
    }

    /// `EXPRESSION & MASK`, of two operands or, from 1.1.4 on, of several.
    private static func masked(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTExpression {
        guard case .array(let operands) = json, operands.count >= 2 else {
            throw JSONError(at: .path(path), "expected the operands of '&'")
        }
        let inner = try expression(operands[0], "\(path)[0]")
        if inner.kind == .ipv4 || inner.kind == .ipv6 {
            return .network(inner, length: try length(operands, of: inner, path))
        }
        var mask = UInt32.max
        for (index, operand) in operands.enumerated().dropFirst() {
            mask &= try bits(operand, of: inner, "\(path)[\(index)]")
        }
        if case .and(let inner, let before) = inner { return .and(inner, before & mask) }
        return .and(inner, mask)
    }

    /// How many bits of an address a mask leaves; they have to be its first.
    private static func length(
        _ operands: [JSONValue], of address: NFTExpression, _ path: String
    ) throws(JSONError) -> Int {
        let mask = operands.count == 2 ? operands[1].string.flatMap { IPAddress($0) } : nil
        let length: Int? =
            switch mask {
            case .v4(let bits)? where address.kind == .ipv4: bits == 0 ? 0 : (~bits).leadingZeroBitCount
            case .v6(let bits)? where address.kind == .ipv6: bits == 0 ? 0 : (~bits).leadingZeroBitCount
            default: nil
            }
        guard let length, let mask, address.maskText(length) == mask.description else {
            throw JSONError(at: .path(path), "expected the mask of a network's first bits behind '\(address.text) &'")
        }
        return length
    }

    private static func bits(
        _ json: JSONValue, of expression: NFTExpression, _ path: String
    ) throws(JSONError) -> UInt32 {
        if case .integer(let number) = json, let value = UInt32(exactly: number) { return value }
        guard expression.isFlags else { throw JSONError(at: .path(path), "a mask of \(json.kind) is not known") }
        var value: UInt32 = 0
        for word in try NFTValueReader.flags([json], path) {
            guard let bit = expression.bit(word) else {
                throw JSONError(at: .path(path), "the flag '\(word)' is not known")
            }
            value |= bit
        }
        return value
    }
}

extension NFTExpression {
    /// The bit of a flag in the register.
    func bit(_ word: String) -> UInt32? {
        switch self {
        case .payload("tcp", "flags"): TCPFlags(nft: word).map { UInt32($0.rawValue) }
        case .ct(.status, _): ConntrackStatus(name: word)?.rawValue
        case .ct(.state, _): RuleLifting.stateBit(word)
        case .and(let inner, _): inner.bit(word)
        default: nil
        }
    }
}
