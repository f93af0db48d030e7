internal import PacketModel

extension NFTDocument {
    /// The same transaction in nft's own language, for `nft -f`: what a boot service loads.
    ///
    /// - Parameter header: comment lines at the top, without `# `.
    /// - Returns: the text.
    package func text(header: [String]) -> String {
        var lines = ["#!/usr/sbin/nft -f"] + header.map { $0.isEmpty ? "#" : "# \($0)" }
        lines += ["", "add table inet \(table.name)", "delete table inet \(table.name)", "table inet \(table.name) {"]
        for set in table.sets { lines += set.lines }
        for chain in table.chains { lines += chain.lines }
        return lines.joined(separator: "\n") + "\n}\n"
    }
}

extension NFTSet {
    fileprivate var lines: [String] {
        var lines = ["    set \(name) {", "        type \(kind.rawValue)"]
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
            lines.append("        type filter hook \(hook.hook) priority \(hook.priority); policy \(hook.policy);")
        }
        lines += rules.map { "        " + $0.text }
        return lines + ["    }"]
    }
}

extension NFTRule {
    /// The rule as nft writes it.
    package var text: String { (statements.map(\.text) + ["comment \"\(comment)\""]).joined(separator: " ") }
}

extension NFTStatement {
    var text: String {
        switch self {
        case .match(let left, let op, let right):
            switch op {
            case .equal: "\(left.text) \(right.needsOperator(left) ? "== " : "")\(right.text)"
            case .anyOf: "\(left.text) \(right.text)"
            case .notEqual, .less: "\(left.text) \(op.rawValue) \(right.text)"
            }
        case .limit(let count, let unit, let burst): "limit rate \(count)/\(unit.rawValue) burst \(burst) packets"
        case .quota(let bytes): "quota \(bytes) bytes"
        case .log(let prefix, let level):
            "log" + (prefix.isEmpty ? "" : " prefix \"\(prefix)\"")
                + (level == .warning ? "" : " level \(level.rawValue)")
        case .setMark(let value, let mask):
            mask == .max ? "meta mark set \(hex(value))" : "meta mark set meta mark & \(hex(~mask)) | \(hex(value))"
        case .counter: "counter"
        case .accept: "accept"
        case .drop: "drop"
        case .return: "return"
        case .jump(let chain): "jump \(chain)"
        case .goto(let chain): "goto \(chain)"
        case .reject(let type, let code): "reject with \(type)" + (code.map { " type \($0)" } ?? "")
        }
    }
}

extension NFTExpression {
    var text: String {
        switch self {
        case .meta(.iifname): "iifname"
        case .meta(.oifname): "oifname"
        case .meta(let key): "meta \(key.rawValue)"
        case .payload(let proto, let field): "\(proto) \(field)"
        case .ct(let key, let original): "ct \(original ? "original " : "")\(key.rawValue)"
        case .addressType(let side, let interface): "fib \(side)\(interface.map { " . \($0)" } ?? "") type"
        case .and(let inner, let mask): "\(inner.text) & \(hex(mask))"
        }
    }
}

extension NFTValue {
    /// Whether `==` has to be written: without it nft takes flags for any of them.
    fileprivate func needsOperator(_ left: NFTExpression) -> Bool {
        if case .set = self { return false }
        switch left {
        case .and, .ct(.state, _), .ct(.status, _), .payload("tcp", "flags"): return true
        default: return false
        }
    }

    var text: String {
        switch self {
        case .keyword(let word): word
        case .interface(let pattern): "\"\(pattern)\""
        case .number(let number): "\(number)"
        case .address(let address): "\(address)"
        case .prefix(let prefix): "\(prefix)"
        case .range(let first, let last): "\(first)-\(last)"
        case .addressRange(let first, let last): "\(first)-\(last)"
        case .set(let elements): "{ \(elements.map(\.text).joined(separator: ", ")) }"
        case .flags(let names): names.joined(separator: ",")
        case .named(let name): "@\(name)"
        }
    }
}

private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
