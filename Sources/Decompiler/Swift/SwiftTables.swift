internal import PacketModel
internal import Seawall

/// Rules that differ in addresses alone, as many as make a table.
struct RuleTable {
    /// The rules with placeholders for what differs.
    var rule: RuleNode
    /// What differs, row by row.
    var rows: [[String]]
    /// The fields of the columns.
    var columns: [String]

    /// Fewer rules are written out.
    private static let fewest = 50

    /// The table that some rules begin with, if it is long enough; `nil` otherwise.
    static func prefix(of rules: ArraySlice<PolicyNode>) -> RuleTable? {
        guard rules.count >= fewest, case .rule(let first)? = rules.first else { return nil }
        let shape = RuleShape(first)
        // The one at the end of the shortest table tells soonest that there is none.
        guard !shape.values.isEmpty, case .rule(let last) = rules[rules.startIndex + fewest - 1],
            RuleShape(last).rule == shape.rule
        else { return nil }
        var rows: [[String]] = []
        for node in rules {
            guard case .rule(let rule) = node else { break }
            let next = RuleShape(rule)
            guard next.rule == shape.rule else { break }
            rows.append(next.values)
        }
        guard rows.count >= fewest else { return nil }
        return RuleTable(shape, rows)
    }

    private init?(_ shape: RuleShape, _ all: [[String]]) {
        let varying = shape.values.indices.filter { column in all.contains { $0[column] != shape.values[column] } }
        guard !varying.isEmpty else { return nil }
        rule = shape.filled(except: varying)
        rows = all.map { row in varying.map { row[$0] } }
        columns = varying.map { shape.columns[$0] }
    }
}

/// A rule in which placeholders stand for its addresses.
private struct RuleShape {
    var rule: RuleNode
    var values: [String] = []
    var columns: [String] = []

    init(_ node: RuleNode) {
        rule = node
        rule.id = ""
        rule.location = NodeLocation(file: "", line: 1)
        rule.matches = rule.matches.map { cut($0) }
        rule.from = cut(rule.from, "from")
        rule.to = cut(rule.to, "to")
    }

    /// The rule with its own values again, but for some columns, which are numbered anew.
    func filled(except columns: [Int]) -> RuleNode {
        var copy = rule
        let value = { (text: String) -> String in
            guard let index = Placeholder.index(text) else { return text }
            return columns.firstIndex(of: index).map { Placeholder.text($0) } ?? values[index]
        }
        copy.from = Self.replaced(copy.from, value)
        copy.to = Self.replaced(copy.to, value)
        copy.matches = copy.matches.map { match in
            var match = match
            switch match.values {
            case .addresses(let set): match.values = .addresses(Self.replaced(set, value))
            case .names(let names) where match.field == .sourceMAC: match.values = .names(names.map(value))
            default: break
            }
            return match
        }
        return copy
    }

    private static func replaced(_ set: AddressExpression, _ value: (String) -> String) -> AddressExpression {
        if case .leaf(.text(let text)) = set { return .leaf(.text(value(text))) }
        return set
    }

    private mutating func cut(_ match: MatchNode) -> MatchNode {
        var copy = match
        switch match.values {
        case .addresses(let set): copy.values = .addresses(cut(set, match.field.rawValue))
        case .names(let names) where match.field == .sourceMAC && names.count == 1:
            copy.values = .names([placeholder(names[0], match.field.rawValue)])
        default: break
        }
        return copy
    }

    private mutating func cut(_ set: AddressExpression, _ column: String) -> AddressExpression {
        if case .leaf(.text(let text)) = set { return .leaf(.text(placeholder(text, column))) }
        return set
    }

    private mutating func placeholder(_ value: String, _ column: String) -> String {
        values.append(value)
        columns.append(column)
        return Placeholder.text(values.count - 1)
    }
}

/// A text that no address has.
enum Placeholder {
    static func text(_ index: Int) -> String { "\u{1}\(index)" }

    /// The column that a text stands for.
    static func index(_ text: String) -> Int? {
        text.utf8.first == 1 ? Int(text.dropFirst()) : nil
    }
}
