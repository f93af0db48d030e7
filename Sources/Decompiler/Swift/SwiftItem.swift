/// One thing that stands in a body of a policy.
indirect enum SwiftItem {
    /// A rule, or an expectation.
    case statement(SwiftStatement)
    /// Something with a body of its own: a scope, a group, a chain, a block, a loop.
    case body(SwiftBody)
    /// A property that holds a part of the policy.
    case reference(String)

    /// How much the type checker has to look at together.
    var weight: Int {
        switch self {
        case .statement, .reference: 1
        case .body(let body): 1 + body.items.reduce(0) { $0 + $1.weight }
        }
    }

    /// The lines of the item.
    func lines(indent: Int) -> [String] {
        switch self {
        case .statement(let statement): statement.lines(indent: indent)
        case .reference(let name): [String(repeating: " ", count: indent) + name]
        case .body(let body): body.lines(indent: indent)
        }
    }
}

/// A call with a body, or a loop.
struct SwiftBody {
    /// What stands before the brace.
    var head: SwiftExpression
    /// What a property with it is called.
    var name: String
    /// What there is to say of it: where it comes from.
    var note: String?
    var items: [SwiftItem]

    func lines(indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        var lines = note.map { [space + "// " + $0] } ?? []
        let line = space + head.line
        if items.isEmpty && line.count + 3 <= SwiftStatement.width { return lines + [line + " {}"] }
        if line.count + 2 <= SwiftStatement.width {
            lines.append(line + " {")
        } else if case .list(let open, let elements, let close) = head {
            lines.append(space + open)
            lines += SwiftStatement.filled(elements, indent: indent + 4)
            lines.append(space + close + " {")
        }
        return lines + items.flatMap { $0.lines(indent: indent + 4) } + [space + "}"]
    }
}
