internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

/// The rule of `DOCKER-USER` that accepts what nft has marked, at a start of the host: before Docker's first start, or beside it.
///
/// Docker keeps what it finds in the chain; 20.10 puts its RETURN behind it.
package struct MarkRule: Sendable {
    let host: ManagedHost

    /// The rule on a host.
    package init(_ host: ManagedHost) { self.host = host }

    /// Puts it at the top of `DOCKER-USER` wherever a migration had put it; chain and jump are made where they are missing.
    ///
    /// Called again, it changes nothing. Our table has to be in force: it sets the mark.
    ///
    /// - Parameters:
    ///   - mark: the mark that the table sets, as `VALUE/MASK`.
    ///   - taken: what the migration did to iptables.
    /// - Throws: `DiagnosticError` if it cannot be put there, or is not asked first afterwards.
    package func restore(_ mark: String, _ taken: [TakenRules]) async throws {
        let rule = SaveRule(words: ["-m", "mark", "--mark", mark, "-j", "ACCEPT"])
        for part in taken where part.added.contains(where: { $0.words == rule.words }) {
            let filter = try await read(part)
            guard let text = Self.text(rule, filter) else { continue }
            let tool = part.variant.restoreTool(part.family)
            let call = HostToolCall(tool, ["--noflush", "--wait", "30"], input: text, in: host.namespace)
            let result = try await host.tools.run(call)
            guard result.code == 0 else { throw DiagnosticError.restoreRefused(tool, result) }
            let now = try await read(part)
            guard Self.text(rule, now) == nil else {
                throw DiagnosticError.readBack(now, ["the rule that accepts the mark \(mark) is not asked first"])
            }
        }
    }

    private func read(_ part: TakenRules) async throws -> IPTablesFilter {
        try await IPTablesFilter.read(part.variant, part.family, tools: host.tools, in: host.namespace)
    }

    /// What brings it to the top; nothing, if it is there, and is reached.
    static func text(_ rule: SaveRule, _ filter: IPTablesFilter) -> String? {
        let name = IPTablesNames.dockerUser
        let rules = filter.table.rules(of: name)
        let isFirst = rules.first?.words == rule.words && rules.count { $0.words == rule.words } == 1
        if isFirst, filter.reach == .reached { return nil }
        var lines = ["*filter"]
        if filter.table.chain(name) == nil { lines.append(IPTablesLine.chain(name).text) }
        if !isFirst {
            for _ in rules.filter({ $0.words == rule.words }) {
                lines.append(IPTablesLine.delete(name, words: rule.words).text)
            }
            lines.append("-I \(name) 1 \(rule.words.joined(separator: " "))")
        }
        if filter.reach != .reached { lines.append("-I FORWARD 1 -j \(name)") }
        return (lines + ["COMMIT", ""]).joined(separator: "\n")
    }
}
