internal import Compiler
internal import Diagnostics
internal import FirewallIR
internal import JSONC
internal import NFTablesBackend

/// What the optimiser made of a policy: `compile --explain-plan`.
struct PlanReport {
    let pipeline: CompilationPipeline
    let document: NFTDocument
    let passes: OptimizeRuleset.Options

    private var optimized: Ruleset { OptimizeRuleset.run(pipeline.ruleset, passes) }

    // MARK: - Text

    /// The plan for people.
    var text: String {
        // Of rules that are written line by line there is nothing else to say.
        let details = document.notes.contains(where: \.saysNotOptimized) ? [] : dropped + merged
        return (summary + details + sets).joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        let rules = pipeline.ruleset.scopes.flatMap(\.chains).reduce(0) { $0 + $1.rules.count }
        let table = document.table
        let lines = table.chains.reduce(0) { $0 + $1.rules.count }
        let counts = [
            "\(lines) \(lines == 1 ? "line" : "lines") in \(table.chains.count) \(table.chains.count == 1 ? "chain" : "chains")",
            "\(table.sets.count) \(table.sets.count == 1 ? "set" : "sets")",
            "\(table.maps.count) \(table.maps.count == 1 ? "map" : "maps")",
        ]
        let head = "plan of \(pipeline.ruleset.name) for nft: \(rules) rules become \(counts.joined(separator: ", "))"
        guard passes.countsRules else { return [head] }
        return [
            head,
            "counters: each rule of the policy counts by itself, so that none are merged: a packet is compared with up to \(lines) lines, and with up to \(mergedLines) without --counters rule",
        ]
    }

    /// How many lines there would be if rules were merged.
    private var mergedLines: Int {
        let other = try? LowerToNFTables.lower(
            OptimizeRuleset.run(pipeline.ruleset), acceptMark: nil, optimized: true)
        return other?.table.chains.reduce(0) { $0 + $1.rules.count } ?? 0
    }

    private var dropped: [String] {
        let left = Set(optimized.scopes.flatMap(\.chains).flatMap(\.rules).flatMap(\.sources).map(\.id))
        return pipeline.ruleset.scopes.flatMap(\.chains).flatMap(\.rules).filter { !left.contains($0.id) }.map {
            "dropped: \(place($0.origin)), which no packet reaches behind earlier rules"
        }
    }

    private var merged: [String] {
        var said: Set<String> = []
        return optimized.scopes.flatMap(\.chains).flatMap(\.rules).compactMap { rule in
            let id = FirewallRule.whole(rule.id)
            guard rule.merged.count > 1, said.insert(id).inserted else { return nil }
            let places = rule.merged.map { place($0.origin) }
            return "merged: sw:\(id) is \(rule.merged.count) rules with the verdict '\(rule.verdict.text)' in one run: "
                + Self.joined(places)
        }
    }

    private var sets: [String] {
        let table = document.table
        let own = table.sets.map { set in
            head("set", set.name, set.elements.count)
                + elements(set.name, set.elements.map(\.text))
        }
        let maps = table.maps.map { map in
            head("map", map.name, map.elements.count)
                + elements(map.name, map.elements.map { "\($0.key?.text ?? "*") : \($0.verdict.text)" })
        }
        return (own + maps).flatMap { $0 }
    }

    private func head(_ word: String, _ name: String, _ count: Int) -> [String] {
        var lines = ["\(word) \(name): \(count) \(count == 1 ? "element" : "elements")"]
        guard let plan = document.plans[name] else { return lines }
        lines[0] += ", \(plan.kind.rawValue)"
        let lookups = plan.lookups == 1 ? "one look-up" : "one of \(plan.lookups) look-ups"
        let others = plan.instead.map { "; as \($0.way) it would be \($0.cost) ns" } ?? ""
        lines.append("    \(lookups), about \(plan.cost) ns a packet for all\(others)")
        return lines
    }

    private func elements(_ name: String, _ texts: [String]) -> [String] {
        let sources = document.sources.elements[name]
        return texts.enumerated().map { index, text in
            guard let ids = sources?[index], !ids.isEmpty else { return "    \(text)" }
            let places = ids.map { id in document.sources.places[id].map(place) ?? id }
            return "    \(text)  # \(places.joined(separator: ", "))"
        }
    }

    private func place(_ location: SourceLocation) -> String { "\(pipeline.source.shown(location))" }

    /// Places in a row; those that follow one another in a file as a range.
    private static func joined(_ places: [String]) -> String {
        guard places.count > 8, let last = places.last else { return places.joined(separator: ", ") }
        return places.prefix(4).joined(separator: ", ") + " and \(places.count - 4) more, up to \(last)"
    }

    // MARK: - JSON

    /// The plan for programs.
    var json: JSONValue {
        let sets = document.table.sets.map { set in
            json(set.name, set.elements.map { .string($0.text) })
        }
        let maps = document.table.maps.map { map in
            json(map.name, map.elements.map { .string("\($0.key?.text ?? "*") : \($0.verdict.text)") })
        }
        let merged = optimized.scopes.flatMap(\.chains).flatMap(\.rules).filter { $0.merged.count > 1 }.map { rule in
            JSONValue.object([
                JSONMember("id", .string(rule.id)), JSONMember("verdict", .string(rule.verdict.text)),
                JSONMember("sources", .array(rule.merged.map { .string(place($0.origin)) })),
            ])
        }
        return ["sets": .array(sets), "maps": .array(maps), "merged": .array(merged)]
    }

    private func json(_ name: String, _ elements: [JSONValue]) -> JSONValue {
        var members = [JSONMember("name", .string(name))]
        if let plan = document.plans[name] {
            members.append(JSONMember("kind", .string(plan.kind.rawValue)))
            members.append(JSONMember("nanoseconds", .integer(Int64(plan.cost))))
        }
        let sources = document.sources.elements[name]
        members.append(
            JSONMember(
                "elements",
                .array(
                    elements.enumerated().map { index, element in
                        let ids = sources?[index] ?? []
                        let places = ids.map { id -> JSONValue in
                            .string(document.sources.places[id].map(place) ?? id)
                        }
                        return .object([JSONMember("element", element), JSONMember("sources", .array(places))])
                    })))
        return .object(members)
    }
}
