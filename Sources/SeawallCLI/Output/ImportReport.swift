internal import Diagnostics
internal import FirewallIR
internal import Importing
internal import JSONC
internal import PacketModel

/// What `seawall import` says of what it read, as text and as JSON.
struct ImportReport {
    /// What was read.
    let rules: ImportedRules
    /// The names of the inputs.
    let inputs: [String]
    /// What was found in the rules.
    let lints: [Diagnostic]
    /// What was proved of the result; nothing, if it is the rules themselves.
    let proof: [String]
    /// What was written.
    let paths: [String]

    private var account: ImportAccount { rules.account }

    // MARK: - Text

    /// The text.
    var text: String {
        var lines = ["\(inputs.joined(separator: ", ")): \(rules.ruleset.words)"]
        lines.append(row("rules read", account.read))
        lines.append(row("taken exactly", account.exact))
        lines += section("rewritten", account.rewritten)
        lines += section("kept by name", account.opaque)
        lines += section("refused", account.refused)
        if !account.inBothPlaces.isEmpty { lines += section("in both places", account.inBothPlaces) }
        lines += section("left alone", account.leftAlone)
        lines.append(row("findings", lints.count))
        lines += proof.map { "proved: \($0)" } + paths.map { "wrote \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ count: Int) -> String {
        name.padding(to: 15) + String(count)
    }

    private func section(_ name: String, _ entries: [ImportAccount.Entry]) -> [String] {
        [row(name, entries.count)] + entries.map { "  \($0.place): \($0.text)" }
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        [
            "outcome": "imported", "inputs": .array(inputs.map(JSONValue.string)),
            "format": .string(rules.format.rawValue), "read": .integer(Int64(account.read)),
            "exact": .integer(Int64(account.exact)), "rewritten": json(account.rewritten),
            "keptByName": json(account.opaque), "refused": json(account.refused),
            "inBothPlaces": json(account.inBothPlaces), "leftAlone": json(account.leftAlone),
            "proved": .array(proof.map(JSONValue.string)),
            "paths": .array(paths.map(JSONValue.string)),
            "diagnostics": Report.diagnostics(rules.warnings + lints),
        ]
    }

    private func json(_ entries: [ImportAccount.Entry]) -> JSONValue {
        .array(
            entries.map { entry in
                var members = [JSONMember("file", .string(entry.place.file))]
                if let line = entry.place.line { members.append(JSONMember("line", .integer(Int64(line)))) }
                return .object(members + [JSONMember("text", .string(entry.text))])
            })
    }
}

extension Ruleset {
    /// `containers, IPv4; containers, IPv6`.
    fileprivate var words: String {
        scopes.map { scope in
            "\(scope.hook.rawValue) (\(scope.families.families.map(\.displayName).joined(separator: " and ")))"
        }.joined(separator: ", ")
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
