internal import JSONC
internal import PacketModel

/// Reads the statements of a rule (libnftables-json(5)).
enum NFTStatementReader {
    /// A statement; `unknown` with the reason for what Seawall has no type for.
    ///
    /// Whether that matters is not for the reader: it may stand in a table for address translation.
    static func statement(_ json: JSONValue, _ path: String) -> NFTStatement {
        do throws(JSONError) {
            return try read(json, path)
        } catch {
            return .unknown(NFTUnknown(json, "\(error)"))
        }
    }

    private static func read(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        guard case .object(let members) = json, members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected a statement, found \(json.kind)")
        }
        let inner = "\(path).\(member.key)"
        if let verdict = try verdict(member, inner) { return verdict }
        switch member.key {
        case "match": return try match(member.value, inner)
        case "vmap": return try verdictMap(member.value, inner)
        case "limit": return try limit(member.value, inner)
        case "quota": return try quota(member.value, inner)
        case "log": return try log(member.value, inner)
        case "mangle": return try NFTMangleReader.statement(member.value, inner)
        // A counter of its own, or a named one: both count, and neither decides.
        case "counter": return .counter
        case "reject": return try reject(member.value, inner)
        default: throw JSONError(at: .path(path), "a statement '\(member.key)' is not known")
        }
    }

    /// A verdict, or nothing if it is another statement.
    static func verdict(_ member: JSONMember, _ path: String) throws(JSONError) -> NFTStatement? {
        switch member.key {
        case "accept": return .accept
        case "drop": return .drop
        case "return": return .return
        case "continue": return .continue
        case "jump", "goto":
            var reader = try JSONObjectReader(member.value, path: path)
            let target = try reader.string("target")
            try reader.finish()
            return member.key == "jump" ? .jump(target) : .goto(target)
        default: return nil
        }
    }

    // MARK: - Matches

    private static func match(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        var reader = try JSONObjectReader(json, path: path)
        let left = try NFTExpressionReader.expression(try reader.require("left"), "\(path).left")
        let name = try reader.optionalString("op") ?? "in"
        let right = try NFTValueReader.value(
            try reader.require("right"), left.kind, words: NFTWords(left), "\(path).right")
        try reader.finish()
        guard let op = NFTOperator(rawValue: name) else {
            throw JSONError(at: .path(path), "the operator '\(name)' is not known")
        }
        let meant = op.normalized(left, right)
        if case .keyword(let word) = right, meant == .anyOf || meant == .noneOf {
            return .match(left, meant, .flags([word]))
        }
        return .match(left, meant, right)
    }

    private static func verdictMap(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        var reader = try JSONObjectReader(json, path: path)
        let key = try NFTExpressionReader.expression(try reader.require("key"), "\(path).key")
        let data = try reader.require("data")
        try reader.finish()
        if case .string(let name) = data, name.hasPrefix("@") {
            return .verdictMap(key, .named(String(name.dropFirst())))
        }
        guard let elements = data["set"]?.array else {
            throw JSONError(at: .path("\(path).data"), "expected the elements of a verdict map, or its name")
        }
        return .verdictMap(
            key,
            .elements(
                try elements.enumerated().map { index, element throws(JSONError) in
                    try self.element(element, key.kind, NFTWords(key), "\(path).data.set[\(index)]")
                }))
    }

    /// An element of a verdict map: a key and a verdict.
    static func element(
        _ json: JSONValue, _ kind: NFTSet.Kind, _ words: NFTWords, _ path: String
    ) throws(JSONError) -> NFTVerdictMapElement {
        guard case .array(let parts) = json, parts.count == 2,
            case .object(let members) = parts[1], members.count == 1,
            let verdict = try verdict(members[0], "\(path)[1]")
        else { throw JSONError(at: .path(path), "expected a key and a verdict") }
        let key = NFTValueReader.unwrapped(parts[0])
        if key == "*" { return NFTVerdictMapElement(nil, verdict) }
        return NFTVerdictMapElement(
            try NFTValueReader.value(key, kind, words: words, "\(path)[0]"), verdict)
    }

    // MARK: - Limits and logs

    private static func limit(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        if case .string(let name) = json { throw JSONError(at: .path(path), "the named limit '\(name)' is not known") }
        var reader = try JSONObjectReader(json, path: path)
        let rate = try reader.integer("rate")
        let per = try reader.string("per")
        let burst = try reader.optionalInteger("burst") ?? 5
        let isOver = try reader.flag("inv")
        let units = [try reader.optionalString("rate_unit"), try reader.optionalString("burst_unit")]
        try reader.finish()
        guard units.allSatisfy({ $0 == nil || $0 == "packets" }) else {
            throw JSONError(at: .path(path), "a limit of bytes is not known, only of packets")
        }
        guard let unit = RateUnit(rawValue: per), rate > 0, burst > 0 else {
            throw JSONError(at: .path(path), "a limit of \(rate)/\(per), burst \(burst), is not known")
        }
        return .limit(count: rate, unit: unit, burst: burst, isOver: isOver)
    }

    private static func quota(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        if case .string(let name) = json { throw JSONError(at: .path(path), "the named quota '\(name)' is not known") }
        var reader = try JSONObjectReader(json, path: path)
        let value = try reader.integer("val")
        let unit = try reader.optionalString("val_unit") ?? "bytes"
        // What is used up is a state, and no part of the rule.
        _ = try reader.optionalInteger("used")
        _ = try reader.optionalString("used_unit")
        let isOver = try reader.flag("inv")
        try reader.finish()
        let units: [String: UInt64] = ["bytes": 1, "kbytes": 1 << 10, "mbytes": 1 << 20]
        guard !isOver, let factor = units[unit], let count = UInt64(exactly: value),
            case let (bytes, overflow) = count.multipliedReportingOverflow(by: factor), !overflow
        else { throw JSONError(at: .path(path), "such a quota is not known") }
        return .quota(bytes: bytes)
    }

    private static func log(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        if json == .null { return .log(prefix: "", level: .warning) }
        var reader = try JSONObjectReader(json, path: path)
        let prefix = try reader.optionalString("prefix") ?? ""
        let level = try reader.optionalString("level")
        let flags = try reader.optional("flags") { value, path throws(JSONError) in
            try NFTValueReader.flags([value], path)
        }
        let group = try reader.optionalInteger("group")
        let snaplen = try reader.optionalInteger("snaplen")
        let threshold = try reader.optionalInteger("queue-threshold")
        try reader.finish()
        guard let group else {
            guard snaplen == nil && threshold == nil else {
                throw JSONError(at: .path(path), "'snaplen' and 'queue-threshold' belong to a group")
            }
            return .log(prefix: prefix, level: try self.level(level, path), flags: try self.flags(flags ?? [], path))
        }
        guard level == nil && flags == nil, let group = UInt16(exactly: group),
            let snaplen = exactly(snaplen, UInt32.self), let threshold = exactly(threshold, UInt16.self)
        else { throw JSONError(at: .path(path), "such a message to a group is not known") }
        return .netlinkLog(NFTNetlinkLog(group: group, prefix: prefix, snaplen: snaplen, threshold: threshold))
    }

    /// `.some(nil)` for no number, `nil` for one that is too large.
    private static func exactly<T: FixedWidthInteger>(_ number: Int?, _: T.Type) -> T?? {
        guard let number else { return .some(nil) }
        return T(exactly: number).map { .some($0) }
    }

    private static func level(_ name: String?, _ path: String) throws(JSONError) -> LogLevel {
        guard let name else { return .warning }
        guard let level = LogLevel(rawValue: name) else {
            throw JSONError(at: .path(path), "the level '\(name)' is not known")
        }
        return level
    }

    private static func flags(_ names: [String], _ path: String) throws(JSONError) -> [NFTLogFlag] {
        if names == ["all"] { return NFTLogFlag.allCases }
        for name in names where NFTLogFlag(rawValue: name) == nil {
            throw JSONError(at: .path(path), "the flag '\(name)' is not known")
        }
        return NFTLogFlag.allCases.filter { names.contains($0.rawValue) }
    }

    private static func reject(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        if json == .null { return .reject(type: "icmpx", code: "port-unreachable") }
        var reader = try JSONObjectReader(json, path: path)
        let type = try reader.optionalString("type") ?? "icmpx"
        let code = try reader.optionalString("expr")
        try reader.finish()
        return .reject(type: type, code: type == "tcp reset" ? code : code ?? "port-unreachable")
    }
}

extension NFTOperator {
    /// The operator that nft takes: `in` is any-of with flags, and equality with everything else.
    fileprivate func normalized(_ left: NFTExpression, _ right: NFTValue) -> NFTOperator {
        guard self == .anyOf else { return self }
        switch right {
        case .keyword, .flags, .number: return left.isFlags ? .anyOf : .equal
        default: return .equal
        }
    }
}
