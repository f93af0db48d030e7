internal import FirewallIR
internal import JSONC
internal import PacketModel

extension NFTDocument {
    /// The same transaction in nft's own language, for `nft -f`: what a boot service loads.
    ///
    /// - Parameter header: comment lines at the top, without `# `.
    /// - Returns: the text.
    package func text(header: [String]) -> String {
        var lines = ["#!/usr/sbin/nft -f"] + (header + renamed).map { $0.isEmpty ? "#" : "# \($0)" }
        let name = "\(table.family.rawValue) \(table.name)"
        lines += ["", "add table \(name)", "delete table \(name)", "table \(name) {"]
        for set in table.sets { lines += set.lines }
        for map in table.maps { lines += map.lines }
        for chain in table.chains { lines += chain.lines }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    /// Which chain is which.
    private var renamed: [String] {
        renamedChains.isEmpty
            ? [] : ["", "Chains that bear another name here:"] + renamedChains.map { "    \($0.description)" }
    }
}

extension NFTRenamedChain: CustomStringConvertible {
    /// Both names in a line: `input IPv4: 'reject' is chain-reject`.
    package var description: String {
        let scope = ([hook.rawValue] + (families == .both ? [] : families.families.map(\.displayName)))
        // A name may hold what ends a line.
        let name =
            original.unicodeScalars.contains { $0.value < 32 } ? "a name with control characters" : "'\(original)'"
        return "\(scope.joined(separator: " ")): \(name) is \(self.name)"
    }
}

extension NFTMap {
    fileprivate var lines: [String] {
        var lines = ["    map \(name) {", "        type \(kind.text) : verdict"]
        if elements.contains(where: { $0.key?.isInterval ?? false }) { lines.append("        flags interval") }
        if !elements.isEmpty {
            lines.append("        elements = {")
            lines += elements.map { "            \($0.text)," }
            lines.append("        }")
        }
        return lines + ["    }"]
    }
}

extension NFTSet.Kind {
    var text: String { names.joined(separator: " . ") }
}

extension NFTVerdictMapElement {
    fileprivate var text: String { "\(key?.text ?? "*") : \(verdict.text)" }
}

extension NFTVerdictMap {
    fileprivate var text: String {
        switch self {
        case .named(let name): "@\(name)"
        case .elements(let elements): "{ \(elements.map(\.text).joined(separator: ", ")) }"
        }
    }
}

extension NFTSet {
    fileprivate var lines: [String] {
        var lines = ["    set \(name) {", "        type \(kind.text)"]
        if isInterval { lines.append("        flags interval") }
        if !elements.isEmpty {
            lines.append("        elements = {")
            lines += elements.map { "            \($0.text)," }
            lines.append("        }")
        }
        return lines + ["    }"]
    }
}

extension NFTChain {
    fileprivate var lines: [String] {
        var lines = ["    chain \(name) {"]
        if let hook {
            lines.append(
                "        type \(hook.type) hook \(hook.hook) priority \(hook.priority); policy \(hook.policy);")
        }
        lines += rules.map { "        " + $0.text }
        return lines + ["    }"]
    }
}

extension NFTRule {
    /// The rule as nft writes it.
    package var text: String {
        (statements.map(\.text) + (comment.isEmpty ? [] : ["comment \"\(comment)\""])).joined(separator: " ")
    }
}

extension NFTStatement {
    /// The statement as nft writes it.
    package var text: String {
        switch self {
        case .match(let left, let op, let right):
            switch op {
            case .equal: "\(left.text) \(right.needsOperator(left) ? "== " : "")\(right.text)"
            case .anyOf: "\(left.text) \(right.text)"
            case .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .noneOf:
                "\(left.text) \(op.rawValue) \(right.text)"
            }
        case .limit(let count, let unit, let burst, let isOver):
            "limit rate \(isOver ? "over " : "")\(count)/\(unit.rawValue) burst \(burst) packets"
        case .quota(let bytes): "quota \(bytes) bytes"
        case .log(let prefix, let level, let flags):
            (["log"] + (prefix.isEmpty ? [] : ["prefix \"\(prefix)\""])
                + (level == .warning ? [] : ["level \(level.rawValue)"]) + flags.map { "flags \($0.rawValue)" })
                .joined(separator: " ")
        case .netlinkLog(let log): log.text
        case .setMark(let value, let mask): Self.change("meta mark", value, mask)
        case .setConnectionMark(let value, let mask): Self.change("ct mark", value, mask)
        case .saveMark: "ct mark set meta mark"
        case .restoreMark: "meta mark set ct mark"
        case .counter: "counter"
        case .accept: "accept"
        case .drop: "drop"
        case .return: "return"
        case .continue: "continue"
        case .jump(let chain): "jump \(chain)"
        case .goto(let chain): "goto \(chain)"
        case .reject(let type, let code): "reject with \(type)" + (code.map { " type \($0)" } ?? "")
        case .verdictMap(let key, let map): "\(key.text) vmap \(map.text)"
        case .unknown(let unknown): unknown.json.text()
        }
    }

    /// `mark = (mark & ~mask) ^ value`, with `|` where that is the same.
    private static func change(_ mark: String, _ value: UInt32, _ mask: UInt32) -> String {
        if mask == .max { return "\(mark) set \(hex(value))" }
        return "\(mark) set \(mark) & \(hex(~mask)) \(value & ~mask == 0 ? "|" : "^") \(hex(value))"
    }
}

extension NFTNetlinkLog {
    fileprivate var text: String {
        (["log"] + (prefix.isEmpty ? [] : ["prefix \"\(prefix)\""]) + ["group \(group)"]
            + (snaplen.map { ["snaplen \($0)"] } ?? []) + (threshold.map { ["queue-threshold \($0)"] } ?? []))
            .joined(separator: " ")
    }
}

extension NFTExpression {
    /// The expression as nft writes it.
    package var text: String {
        switch self {
        case .meta(.iifname): "iifname"
        case .meta(.oifname): "oifname"
        case .meta(let key): "meta \(key.rawValue)"
        case .payload(let proto, let field): "\(proto) \(field)"
        case .ct(let key, let original): "ct \(original ? "original " : "")\(key.rawValue)"
        case .addressType(let side, let interface): "fib \(side)\(interface.map { " . \($0)" } ?? "") type"
        case .and(let inner, let mask): "\(inner.text) & \(hex(mask))"
        case .network(let inner, let length): "\(inner.text) & \(inner.maskText(length))"
        case .concat(let parts): parts.map(\.text).joined(separator: " . ")
        }
    }

    /// The mask of the first bits of an address, in the words of its family: `255.255.255.0`, `ffff::`.
    func maskText(_ length: Int) -> String {
        kind == .ipv6
            ? "\(IPAddress.v6(PrefixBlock<UInt128>.mask(length)))" : "\(IPAddress.v4(PrefixBlock<UInt32>.mask(length)))"
    }
}

extension NFTValue {
    /// Whether `==` has to be written: without it nft takes flags for any of them.
    fileprivate func needsOperator(_ left: NFTExpression) -> Bool {
        if case .set = self { return false }
        switch left {
        case .and, .network, .ct(.state, _), .ct(.status, _), .payload("tcp", "flags"): return true
        default: return false
        }
    }

    /// The value as nft writes it.
    package var text: String {
        switch self {
        case .keyword(let word): word
        case .interface(let pattern): "\"\(pattern)\""
        case .number(let number): "\(number)"
        case .address(let address): "\(address)"
        case .prefix(let prefix): "\(prefix)"
        case .mac(let address): macText(address)
        case .concat(let parts): parts.map(\.text).joined(separator: " . ")
        case .range(let first, let last): "\(first)-\(last)"
        case .addressRange(let first, let last): "\(first)-\(last)"
        case .set(let elements): "{ \(elements.map(\.text).joined(separator: ", ")) }"
        case .flags(let names): names.joined(separator: ",")
        case .named(let name): "@\(name)"
        }
    }
}

/// A hardware address as `00:11:22:33:44:55`.
func macText(_ address: UInt64) -> String {
    stride(from: 40, through: 0, by: -8).map { shift in
        let byte = String(address >> UInt64(shift) & 255, radix: 16)
        return byte.count == 1 ? "0" + byte : byte
    }.joined(separator: ":")
}

private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
