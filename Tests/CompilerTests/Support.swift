import Compiler
import Diagnostics
import FirewallIR

@testable import Seawall

/// A document of content, with the files that it names.
func document(files: [String: String] = [:], @PolicyBuilder _ body: () -> PolicyContent) -> PolicyDocument {
    var document = PolicyDocument(policy: "Test", content: body().nodes)
    for index in document.files.indices { document.files[index].contents = files[document.files[index].path] }
    return document
}

/// All errors of a policy, or else its warnings, without their place: `error: MESSAGE [ID]`.
func messages(files: [String: String] = [:], @PolicyBuilder _ body: () -> PolicyContent) -> [String] {
    messages(about: document(files: files, body))
}

/// All errors of a document, or else its warnings, without their place.
func messages(about document: PolicyDocument) -> [String] {
    do {
        return try CompilePolicy.run(document).warnings.map(\.short)
    } catch {
        return error.diagnostics.filter { $0.severity == .error }.map(\.short)
    }
}

extension Diagnostic {
    /// The message without its place, notes below it.
    fileprivate var short: String {
        ["\(severity.rawValue): \(message) [\(id)]"].joined() + notes.map { "\n  note: \($0.message)" }.joined()
    }
}

/// The rules of a policy in the form for people, without identifiers, origin and what its scopes add.
func rules(files: [String: String] = [:], @PolicyBuilder _ body: () -> PolicyContent) throws -> [String] {
    try lines(files: files, body).filter { !$0.id.isOfScope }.map(\.text)
}

/// What scopes add to a policy.
func prelude(@PolicyBuilder _ body: () -> PolicyContent) throws -> [String] {
    try lines(files: [:], body).filter { $0.id.isOfScope }.map(\.text)
}

private func lines(files: [String: String], _ body: () -> PolicyContent) throws -> [(id: String, text: String)] {
    try CompilePolicy.run(document(files: files, body)).ruleset.scopes.flatMap(\.chains).flatMap { chain in
        chain.rules.map { rule in
            let line = rule.text
            let start = line.index(line.firstIndex(of: "]") ?? line.startIndex, offsetBy: 2)
            let end = line.range(of: "  # ")?.lowerBound ?? line.endIndex
            let note = rule.comment.map { " \"\($0)\"" } ?? ""
            return (rule.id, (chain.name == "containers" ? "" : "(chain) ") + line[start..<end] + note)
        }
    }
}

extension String {
    fileprivate var isOfScope: Bool { count == 9 && "reiud".contains(last ?? " ") }

    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
