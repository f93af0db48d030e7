internal import Diagnostics
internal import IPTablesBackend
package import JSONC
internal import NFTablesBackend

/// The first command of a document that is refused.
struct NFTCulprit: Hashable, Sendable {
    /// Its index in the document, from 0.
    var index: Int
    /// The rule's comment and chain, or the command itself.
    var text: String
    /// `sw:ID`, if it is a rule of ours.
    var rule: String?

    init(_ command: JSONValue, at index: Int) {
        self.index = index
        guard let rule = (command["add"] ?? command["insert"])?["rule"], let comment = rule["comment"]?.string else {
            text = Self.excerpt(command.text())
            return
        }
        text = "the rule '\(comment)' of the chain '\(rule["chain"]?.string ?? "")'"
        self.rule =
            comment.hasPrefix(IPTablesNames.commentPrefix) ? comment.split(separator: " ").first.map(String.init) : nil
    }

    private static func excerpt(_ text: String) -> String { text.count > 200 ? text.prefix(200) + "…" : text }
}

extension NFTRunner {
    /// Runs or checks commands.
    ///
    /// - Returns: how long libnftables took.
    /// - Throws: `DiagnosticError` with the first refused command, where it can be found, if they are refused.
    @discardableResult
    package func transact(_ commands: JSONValue, check: Bool) async throws -> Duration {
        let failure: NFTFailure
        switch try await run(commands, check: check) {
        case .done(let duration): return duration
        case .refused(let refusal): failure = refusal
        }
        throw DiagnosticError.nftRefused(failure, culprit: try await culprit(commands, failure), check: check)
    }

    /// The command that libnftables names, or else the end of the shortest prefix that check mode refuses.
    private func culprit(_ commands: JSONValue, _ failure: NFTFailure) async throws -> NFTCulprit? {
        guard let list = commands["nftables"]?.array else { return nil }
        if let index = failure.commandIndex, list.indices.contains(index) { return NFTCulprit(list[index], at: index) }
        guard commands.text().utf8.count <= Self.bisectedBytes else { return nil }
        var (accepted, refused) = (0, list.count)
        guard try await refuses(list[...]) else { return nil }
        while refused - accepted > 1 {
            let middle = (accepted + refused) / 2
            if try await refuses(list[..<middle]) { refused = middle } else { accepted = middle }
        }
        return NFTCulprit(list[accepted], at: accepted)
    }

    private func refuses(_ list: ArraySlice<JSONValue>) async throws -> Bool {
        if case .refused = try await run(["nftables": .array(Array(list))], check: true) { true } else { false }
    }

    /// Above this, a check takes so long that a dozen of them are no help.
    private static var bisectedBytes: Int { 8 << 20 }
}
