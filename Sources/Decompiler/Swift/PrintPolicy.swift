package import Seawall

/// Writes a document as the source of a policy that evaluates to the same document, places apart.
package enum PrintPolicy {
    /// The files of the policy's folder: `Policy.swift`, tables of many like rules, and the files that the policy names.
    ///
    /// - Parameters:
    ///   - document: a document with the contents of its files.
    ///   - notes: lines that stand at the beginning of the policy, as comments.
    /// - Returns: the files, `Policy.swift` first.
    package static func run(_ document: PolicyDocument, notes: [String] = []) -> [DecompiledPolicy.File] {
        var printer = PolicyPrinter(document: document, notes: notes)
        return printer.files()
    }
}

private struct PolicyPrinter {
    let document: PolicyDocument
    let notes: [String]
    private var names = SwiftNames()
    private var tables: [(name: String, table: RuleTable)] = []
    private var writer = RuleWriter(sets: NamedSets())

    init(document: PolicyDocument, notes: [String]) {
        self.document = document
        self.notes = notes
    }

    mutating func files() -> [DecompiledPolicy.File] {
        let type = document.policy
        let naming = SwiftNaming.run(document.content, names: &names)
        writer = RuleWriter(sets: naming.sets)
        let body = blocks()
        var sections = SwiftSections(names: names)
        let items = body.map { item in
            guard case .body(var inner) = item else { return item }
            inner.items = sections.fit(inner.items, called: inner.name)
            return .body(inner)
        }
        var lines = notes.map { "// " + SwiftText.comment($0) }
        if !lines.isEmpty { lines.append("") }
        lines += ["import Seawall", ""]
        lines += naming.declarations.flatMap(Self.declaration)
        if !naming.declarations.isEmpty { lines.append("") }
        lines += ["@main", "struct \(type): Policy {", "    var body: PolicyContent {"]
        lines += items.flatMap { $0.lines(indent: 8) } + ["    }"]
        for property in sections.properties { lines += Self.lines(property) }
        lines.append("}")
        let policy = DecompiledPolicy.File(path: "Policy.swift", contents: Self.text(lines))
        return [policy] + tableFile + document.files.map { .init(path: $0.path, contents: $0.contents ?? "") }
    }

    private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

    private static func declaration(_ set: SwiftNaming.Named) -> [String] {
        let head = "private let \(set.name): \(set.type) = "
        let line = head + set.value.line
        guard line.count > SwiftStatement.width, case .list(let open, let elements, let close) = set.value else {
            return [line]
        }
        var lines = [head + open] + SwiftStatement.filled(elements, indent: 4)
        lines[lines.count - 1] += ","
        return lines + [close]
    }

    private static func lines(_ property: SwiftSections.Property) -> [String] {
        var lines = [""]
        if let note = property.note { lines.append("    /// \(note).") }
        lines.append("    @PolicyBuilder private var \(property.name): PolicyContent {")
        return lines + property.items.flatMap { $0.lines(indent: 8) } + ["    }"]
    }

    // MARK: - Blocks

    private mutating func blocks() -> [SwiftItem] {
        var plain: [PolicyNode] = []
        var blocks: [BlockNode] = []
        for node in document.content {
            if case .block(let block) = node { blocks.append(block) } else { plain.append(node) }
        }
        var result: [SwiftItem] = []
        if !plain.isEmpty || blocks.isEmpty {
            let items = items(plain)
            result.append(.body(SwiftBody(head: .text("Containers"), name: "containers", items: items)))
        }
        for block in blocks {
            let items = items(block.children)
            result.append(.body(SwiftBody(head: Self.head(block), name: block.hook.rawValue, items: items)))
        }
        return result
    }

    private static func head(_ block: BlockNode) -> SwiftExpression {
        let names = block.families.isEmpty && block.hook == .containers ? ["both"] : block.families
        let families = names.isEmpty ? [] : ["families: \(SwiftText.options(names))"]
        let policy = "policy: .\(block.policy.rawValue)"
        let arguments =
            block.hook == .containers ? families + (block.policy == .allow ? [] : [policy]) : [policy] + families
        return .call(block.hook.word, arguments.map { .text($0) })
    }

    // MARK: - Nodes

    private mutating func items(_ nodes: [PolicyNode]) -> [SwiftItem] {
        var result: [SwiftItem] = []
        var rest = nodes[...]
        while let node = rest.first {
            if let table = RuleTable.prefix(of: rest) {
                result.append(loop(table))
                rest = rest.dropFirst(table.rows.count)
            } else {
                result.append(item(node))
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private mutating func item(_ node: PolicyNode) -> SwiftItem {
        switch node {
        case .rule(let rule): return .statement(writer.statement(rule))
        case .expectation(let expectation): return .statement(writer.statement(expectation))
        case .group(let group):
            return .body(
                SwiftBody(
                    head: .call("Group", [.string(group.name)]), name: group.name, items: items(group.children)))
        case .chain(let chain):
            return .body(
                SwiftBody(
                    head: .call("Chain", [.string(chain.name)]), name: chain.name, note: note(on: chain),
                    items: items(chain.children)))
        case .scope(let scope):
            return .body(SwiftBody(head: writer.head(scope), name: scope.kind.rawValue, items: items(scope.children)))
        case .block(let block):
            return .body(SwiftBody(head: Self.head(block), name: "block", items: items(block.children)))
        }
    }

    /// Where the rules of a chain were read.
    private func note(on chain: ChainNode) -> String? {
        let rules = chain.children.flatMap(\.places)
        guard !document.imported.isEmpty, let first = rules.first, let last = rules.last, first.file == last.file else {
            return nil
        }
        let lines = first.line == last.line ? "\(first.line)" : "\(first.line)-\(last.line)"
        return SwiftText.comment("\(first.file):\(lines)")
    }

    // MARK: - Tables

    private mutating func loop(_ table: RuleTable) -> SwiftItem {
        let name = names.name("table", or: "table")
        tables.append((name, table))
        return .body(
            SwiftBody(
                head: .text("for row in words(\(name))"), name: name, items: [.statement(writer.statement(table.rule))])
        )
    }

    private var tableFile: [DecompiledPolicy.File] {
        if tables.isEmpty { return [] }
        var lines = [
            "/// The words of each line of a table.", "func words(_ table: String) -> [[String]] {",
            "    table.split(separator: \"\\n\").map { $0.split(separator: \" \").map { String($0) } }", "}",
        ]
        for (name, table) in tables {
            lines += ["", "/// Of each rule: \(table.columns.joined(separator: ", ")).", "let \(name) = \"\"\""]
            lines += table.rows.map { "    " + $0.joined(separator: " ") }
            lines.append("    \"\"\"")
        }
        return [DecompiledPolicy.File(path: "Tables.swift", contents: Self.text(lines))]
    }
}

extension PolicyNode {
    /// The places of the rules in it.
    fileprivate var places: [NodeLocation] {
        switch self {
        case .rule(let rule): [rule.location]
        case .group(let group): group.children.flatMap(\.places)
        case .block, .chain, .scope, .expectation: []
        }
    }
}

extension BlockNode.Hook {
    /// The word of the language.
    fileprivate var word: String {
        switch self {
        case .containers: "Containers"
        case .input: "Input"
        case .forward: "Forward"
        case .output: "Output"
        }
    }
}
