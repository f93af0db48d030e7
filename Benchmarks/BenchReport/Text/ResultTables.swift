/// The tables of the results, each by the name of its place in the document.
package struct ResultTables {
    private let results: BenchResults

    /// The tables of some results.
    package init(_ results: BenchResults) { self.results = results }

    /// All tables with their names, in the order in which they are printed; those without rows are left out.
    package var all: [(name: String, text: String)] {
        var tables = [(name: "machine", text: machine), (name: "bars", text: bars)]
        tables += Part.allCases.filter { $0 != .packets }.map { (name: $0.rawValue, text: sideBySide($0)) }
        let traffic: [Figure] = [.first, .established, .dropped]
        tables += traffic.map { (name: "packets-\($0.rawValue)", text: packets($0)) }
        tables += Row.Group.allCases.map { (name: $0.rawValue, text: rows($0)) }
        tables.append((name: "docker", text: docker))
        tables.append((name: "omissions", text: omissions))
        return tables.filter { !$0.text.isEmpty }
    }

    private var machine: String {
        results.machine.isEmpty
            ? ""
            : MarkdownTable(
                [(head: "machine", isNumber: false), (head: "", isNumber: false)],
                results.machine.map { [$0.name, $0.value] }
            ).text
    }

    /// Every bar, kept or not.
    private var bars: String {
        guard !results.series.isEmpty else { return "" }
        return MarkdownTable(
            [
                (head: "figure", isNumber: false), (head: "found", isNumber: true), (head: "bar", isNumber: false),
                (head: "", isNumber: false),
            ],
            Bars.judge(results).map { verdict in
                let outcome = verdict.outcome == .over ? "**over**" : verdict.outcome.rawValue
                return [verdict.bar.name, verdict.valueText, verdict.bar.limitText, outcome]
            }
        ).text
    }

    /// Time and memory of each variant, a row for each shape and size.
    private func sideBySide(_ part: Part) -> String {
        let measured = results.series.map(\.key).filter { $0.part == part }
        let variants = Variant.all(of: part).filter { variant in measured.contains { $0.variant == variant } }
        guard !variants.isEmpty else { return "" }
        let rows = Shape.allCases.flatMap { shape in
            results.sizes(of: part, shape).map { size in
                ["\(Decimal.grouped(size)) \(shape.title)"] + variants.map { cell(part, shape, size, $0) }
            }
        }
        return table(variants, rows)
    }

    /// `0.31 s, 93 MB`; where a transaction was timed by itself, that is what the time is.
    private func cell(_ part: Part, _ shape: Shape, _ size: Int, _ variant: Variant) -> String {
        func text(_ figure: Figure) -> String? {
            results.median(part, shape, size, variant, figure).map { figure.unit.text($0) }
        }
        let time = text(.time)
        let transaction = text(.transaction).map { "(\($0) in the transaction)" }
        return [[time, transaction].compactMap { $0 }.joined(separator: " "), text(.memory) ?? ""]
            .filter { !$0.isEmpty }.joined(separator: ", ").orDash
    }

    /// Nanoseconds and thousands of packets a second of each variant.
    private func packets(_ figure: Figure) -> String {
        let measured = results.series.map(\.key).filter { $0.part == .packets && $0.figure == figure }
        let variants = Variant.all(of: .packets).filter { variant in measured.contains { $0.variant == variant } }
        guard !variants.isEmpty else { return "" }
        let rows = Shape.allCases.flatMap { shape in
            results.sizes(of: .packets, shape).map { size in
                ["\(Decimal.grouped(size)) \(shape.title)"]
                    + variants.map { variant in
                        results.median(.packets, shape, size, variant, figure).map(Self.packetCell).orDash
                    }
            }
        }
        return table(variants, rows)
    }

    /// `2.65 µs, 377 k/s`.
    static func packetCell(_ nanoseconds: Int) -> String {
        let rate = 1e6 / Double(max(1, nanoseconds))
        return "\(Unit.nanoseconds.text(nanoseconds)), \(Decimal.significant(rate)) k/s"
    }

    private func table(_ variants: [Variant], _ rows: [[String]]) -> String {
        MarkdownTable(
            [(head: "", isNumber: false)] + variants.map { (head: $0.title, isNumber: true) }, rows
        ).text
    }

    private func rows(_ group: Row.Group) -> String {
        let rows = results.rows.filter { $0.group == group }
        guard !rows.isEmpty else { return "" }
        let hasBaseline = rows.contains { $0.ratio != nil }
        let heads =
            ["what", "wall", "processor"] + (hasBaseline ? ["× baseline"] : []) + ["memory or size", "bar", ""]
        return MarkdownTable(
            heads.enumerated().map { (head: $1, isNumber: $0 > 0 && $0 < heads.count - 2) },
            rows.map { cells($0, hasBaseline: hasBaseline) }
        ).text
    }

    private func cells(_ row: Row, hasBaseline: Bool) -> [String] {
        let bars = [row.timeBar.map { Unit.nanoseconds.text($0) }, row.bytesBar.map { Unit.bytes.text($0) }]
            .compactMap { $0 }.joined(separator: ", ")
        let times = [row.time, row.processorTime].map { $0.map { Unit.nanoseconds.text($0) } ?? "" }
        let ratio = hasBaseline ? [row.ratio.map { Decimal.text($0, digits: 2) } ?? ""] : []
        return [row.name] + times + ratio
            + [
                row.bytes.map { Unit.bytes.text($0) } ?? "", bars,
                bars.isEmpty ? "" : row.isWithinBar ? "ok" : "**over**",
            ]
    }

    /// What passed while something happened on a host with Docker.
    private var docker: String {
        let events = EventCount.Event.allCases.filter { event in results.events.contains { $0.event == event } }
        guard !events.isEmpty else { return "" }
        let rows = events.map { event in
            [event.title]
                + EventCount.Way.allCases.map { way in
                    results.events.first { $0.event == event && $0.way == way }?.text ?? "–"
                }
        }
        return MarkdownTable(
            [(head: "forbidden connections that passed", isNumber: false)]
                + EventCount.Way.allCases.map { (head: $0.title, isNumber: true) }, rows
        ).text
    }

    /// What was left out, with the reason.
    private var omissions: String {
        if results.series.isEmpty && results.omissions.isEmpty { return "" }
        guard !results.omissions.isEmpty else { return "Nothing was left out." }
        return results.omissions.map { omission in
            "- \(omission.variant.title), \(omission.part.rawValue), \(Decimal.grouped(omission.rules)) "
                + "\(omission.shape.title): \(omission.reason)"
        }.joined(separator: "\n")
    }
}

extension String {
    fileprivate var orDash: String { isEmpty ? "–" : self }
}

extension Optional where Wrapped == String {
    fileprivate var orDash: String { self ?? "–" }
}
