internal import Diagnostics
internal import Seawall

/// Finds the line that a message means, and shows its path as the user would type it.
struct Locator: Sendable {
    private let shown: ShownPaths
    private let sources: [String: SourceLiterals]
    private let order: [String]
    /// For each file the lines on which nodes of the policy begin.
    private let starts: [String: [Int]]

    /// A locator for the policy of a document.
    init(shown: ShownPaths, sources: [(path: String, text: String)], content: [PolicyNode]) {
        self.shown = shown
        self.sources = Dictionary(sources.map { ($0.path, SourceLiterals($0.text)) }) { first, _ in first }
        order = sources.map(\.path)
        starts = Dictionary(grouping: content.flatMap(\.locations), by: \.file).mapValues { $0.map(\.line).sorted() }
    }

    /// The message where the user looks for it: at the line that holds its literal, if that is in the policy's source.
    func located(_ diagnostic: Diagnostic) -> Diagnostic {
        var result = diagnostic
        result.location = diagnostic.location.map(shown.location)
        for index in result.notes.indices {
            result.notes[index].location = result.notes[index].location.map(shown.location)
        }
        guard let literal = diagnostic.literal, let location = diagnostic.location, let line = location.line else {
            return result
        }
        guard let found = place(of: literal, file: location.file, line: line) else { return result }
        result.location = shown.location(found.location)
        if !found.isInRule {
            result.notes.append(Diagnostic.Note("used by the rule here", at: shown.location(location)))
        }
        return result
    }

    /// A place with its path as the user would type it.
    func shown(_ location: SourceLocation) -> SourceLocation { shown.location(location) }

    private func place(of literal: String, file: String, line: Int) -> (location: SourceLocation, isInRule: Bool)? {
        guard let source = sources[file] else { return nil }
        let next = starts[file]?.first { $0 > line } ?? .max
        let end = max(line, min(source.end(ofStatementAt: line), next == .max ? .max : next - 1))
        if let found = source.line(of: literal, in: line...end) {
            return (SourceLocation(file: file, line: found), true)
        }
        // A number means many things: elsewhere it is only taken for the one that is meant if there is no second.
        if Int(literal) != nil && sources.values.reduce(0, { $0 + $1.count(of: literal) }) != 1 { return nil }
        for path in [file] + order {
            if let found = sources[path]?.line(of: literal) { return (SourceLocation(file: path, line: found), false) }
        }
        return nil
    }
}

extension PolicyNode {
    fileprivate var locations: [NodeLocation] {
        switch self {
        case .block(let block): [block.location] + block.children.flatMap(\.locations)
        case .chain(let chain): [chain.location] + chain.children.flatMap(\.locations)
        case .scope(let scope): [scope.location] + scope.children.flatMap(\.locations)
        case .group(let group): [group.location] + group.children.flatMap(\.locations)
        case .rule(let rule): [rule.location]
        case .expectation(let expectation): [expectation.location]
        }
    }
}
