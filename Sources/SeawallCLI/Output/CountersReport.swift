internal import Deployment
internal import Diagnostics
internal import IPTablesBackend
internal import JSONC

/// What `seawall counters` says, as text and as JSON.
struct CountersReport {
    let counters: PolicyCounters
    /// The name of the policy.
    let policy: String

    /// What is to be said before it.
    var warnings: [Diagnostic] {
        var warnings: [Diagnostic] = []
        if counters.areNotCounted {
            warnings.append(
                Diagnostic(
                    "not-counted", .warning, at: nil,
                    "the rules were loaded without counters, as is usual under nft: nothing is counted",
                    notes: [Diagnostic.Note("`seawall apply … --counters rule` gives each rule a counter of its own")]))
        }
        if counters.unknown > 0 {
            let count = counted(counters.unknown, "rule")
            warnings.append(
                Diagnostic(
                    "other-rules", .warning, at: nil,
                    "\(count) of Seawall's in the kernel \(counters.unknown == 1 ? "is" : "are") not of this policy: `seawall status` says more"
                ))
        }
        return warnings
    }

    // MARK: - Text

    /// The text: packets, bytes and places in columns.
    var text: String {
        let rows = [("packets", "bytes", "rule")] + counters.rows.map(cells)
        let widths = (rows.map { $0.0.count }.max() ?? 0, rows.map { $0.1.count }.max() ?? 0)
        return rows.map { row in
            "\(row.0.leftPadded(to: widths.0))  \(row.1.leftPadded(to: widths.1))  \(row.2)\n"
        }.joined()
    }

    private func cells(_ row: PolicyCounters.Row) -> (String, String, String) {
        let numbers = row.counters.map { (String($0.packets), String($0.bytes)) } ?? ("-", "-")
        return (numbers.0, numbers.1, words(row))
    }

    private func words(_ row: PolicyCounters.Row) -> String {
        var places: [String] = []
        for place in row.places.map({ "\($0)" }) where !places.contains(place) { places.append(place) }
        var words = places.joined(separator: ", ")
        if places.count > 1 { words += " (one counter for all)" }
        if let part = row.part { words += ": \(part)" }
        if let comment = row.comment { words += "  \(comment)" }
        if !row.isLoaded { words += "  (not loaded: no packet comes there)" }
        return words
    }

    // MARK: - JSON

    /// The JSON.
    var json: JSONValue {
        [
            "policy": .string(policy), "places": .array(counters.places.map { .string($0) }),
            "rules": .array(counters.rows.map(json)), "diagnostics": Report.diagnostics(warnings),
        ]
    }

    private func json(_ row: PolicyCounters.Row) -> JSONValue {
        var members = [
            JSONMember("packets", row.counters.map { .integer(Int64(clamping: $0.packets)) } ?? .null),
            JSONMember("bytes", row.counters.map { .integer(Int64(clamping: $0.bytes)) } ?? .null),
            JSONMember("places", .array(row.places.map { .string("\($0)") })),
        ]
        if let part = row.part { members.append(JSONMember("part", .string(part))) }
        if let comment = row.comment { members.append(JSONMember("comment", .string(comment))) }
        members.append(JSONMember("loaded", .bool(row.isLoaded)))
        members.append(
            JSONMember(
                "in",
                .object(
                    row.byPlace.map { place in
                        JSONMember(
                            place.name,
                            [
                                "packets": .integer(Int64(clamping: place.counters.packets)),
                                "bytes": .integer(Int64(clamping: place.counters.bytes)),
                            ])
                    })))
        return .object(members)
    }
}

extension String {
    /// The text with spaces before it, if it is shorter.
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
