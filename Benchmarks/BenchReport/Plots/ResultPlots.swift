/// The plots of the results, each by the name of its file.
package struct ResultPlots {
    private let results: BenchResults

    /// The plots of some results.
    package init(_ results: BenchResults) { self.results = results }

    /// All plots with their names; those of parts that were not measured are left out.
    package var all: [(name: String, svg: String)] {
        var plots = [glance].compactMap { $0 }
        for shape in [Shape.policy, .hostile] {
            plots += [
                packets(.first, shape, "What the first packet of a connection costs"),
                packets(.established, shape, "What a packet of a known connection costs"),
                packets(.dropped, shape, "What a packet costs that is dropped"),
            ].compactMap { $0 }
            plots += [
                lines(
                    .load, .time, shape, name: "load-time", title: "How long loading takes", label: "time to load"),
                lines(
                    .load, .memory, shape, name: "load-memory", title: "What loading takes of memory",
                    label: "largest memory"),
                lines(
                    .compile, .time, shape, name: "compile-time", title: "How long compiling takes",
                    label: "time to compile"),
                lines(
                    .compile, .memory, shape, name: "compile-memory", title: "What compiling takes of memory",
                    label: "largest memory"),
            ].compactMap { $0 }
        }
        return plots + [update, docker].compactMap { $0 }
    }

    /// The first packet at 10,000 rules, or at the most that were measured.
    private var glance: (name: String, svg: String)? {
        let sizes = results.sizes(of: .packets, .policy)
        guard let size = sizes.contains(10_000) ? 10_000 : sizes.last else { return nil }
        let none = results[SeriesKey(.packets, .policy, size, .none, .first)]
        let entries = Variant.all(of: .packets).compactMap { variant -> BarChart.Entry? in
            guard let series = results[SeriesKey(.packets, .policy, size, variant, .first)] else { return nil }
            let ratio = none.flatMap { Statistics.medianRatio(series.values, to: $0.values) }
            let remark = variant == .none ? "" : ratio.map { "× " + Decimal.text($0, digits: $0 < 10 ? 2 : 0) } ?? ""
            return BarChart.Entry(
                name: variant.title, color: variant.color, isEmphasized: variant.isEmphasized, value: series.median,
                remark: remark)
        }
        guard !entries.isEmpty else { return nil }
        let chart = BarChart(
            title: "A first packet through \(Decimal.grouped(size)) policy-shaped rules",
            subtitle: "Forwarding with conntrack and DNAT over veth; in brackets: times the cost without filter rules",
            valueLabel: "time for one packet", unit: .nanoseconds, entries: entries)
        return ("packets-at-a-glance", chart.svg)
    }

    private func packets(_ figure: Figure, _ shape: Shape, _ title: String) -> (name: String, svg: String)? {
        lines(
            .packets, figure, shape, name: "packets-\(figure.rawValue)", title: title, label: "time for one packet",
            subtitle: "\(shape.title), forwarded with conntrack and DNAT over veth; median of interleaved rounds")
    }

    private func lines(
        _ part: Part, _ figure: Figure, _ shape: Shape, name: String, title: String, label: String,
        subtitle: String? = nil
    ) -> (name: String, svg: String)? {
        let lines = Variant.all(of: part).compactMap { variant -> LineChart.Line? in
            let points = results.sizes(of: part, shape).compactMap { size in
                results.median(part, shape, size, variant, figure).map { LineChart.Point(size, $0) }
            }
            return points.isEmpty
                ? nil
                : LineChart.Line(
                    name: variant.title, color: variant.color, isEmphasized: variant.isEmphasized, points: points)
        }
        guard lines.contains(where: { $0.points.count > 1 }) else { return nil }
        let chart = LineChart(
            title: title, subtitle: subtitle ?? "\(shape.title); median of several runs", valueLabel: label,
            unit: figure.unit, lines: lines)
        return ("\(name)-\(shape.rawValue)", chart.svg)
    }

    /// What passed while something happened on a host with Docker.
    private var docker: (name: String, svg: String)? {
        let events = EventCount.Event.allCases.filter { $0 != .migration }
        let counts = events.flatMap { event in
            EventCount.Way.allCases.compactMap { way in
                results.events.first { $0.event == event && $0.way == way }
            }
        }
        guard let first = counts.first else { return nil }
        let entries = counts.map { count in
            BarChart.Entry(
                name: "\(count.event.shortTitle): \(count.way.shortTitle)", color: count.way.color,
                isEmphasized: count.way.isTable, value: count.total,
                remark: "of \(Decimal.grouped(count.sent.reduce(0, +)))")
        }
        var chart = BarChart(
            title: "Forbidden connections that pass while Docker changes its own rules",
            subtitle: "A real engine, each \(first.passed.count) times, with a forbidden connection every millisecond",
            valueLabel: "connections that passed, all times together", unit: .connections, entries: entries)
        chart.namesWidth = 370
        return ("docker-events", chart.svg)
    }

    /// One more address in 100,000.
    private var update: (name: String, svg: String)? {
        guard let size = results.sizes(of: .update, .list).last else { return nil }
        let entries = Variant.all(of: .update).flatMap { variant in
            [(Figure.transaction, ", its transaction"), (.time, "")].compactMap { figure, name -> BarChart.Entry? in
                results.median(.update, .list, size, variant, figure).map {
                    BarChart.Entry(
                        name: variant.title + name, color: variant.color, isEmphasized: figure == .transaction,
                        value: $0)
                }
            }
        }
        guard !entries.isEmpty else { return nil }
        let chart = BarChart(
            title: "One more address in a list of \(Decimal.grouped(size))",
            subtitle: "From the command to its end; median of several runs", valueLabel: "time", unit: .nanoseconds,
            entries: entries)
        return ("update", chart.svg)
    }
}

extension EventCount.Event {
    /// The event in a few words.
    fileprivate var shortTitle: String {
        switch self {
        case .containerRestart: "docker restart"
        case .liveRestore: "dockerd, live-restore"
        default: title
        }
    }
}

extension EventCount.Way {
    /// The way in a few words.
    fileprivate var shortTitle: String {
        switch self {
        case .dockerUserLegacy: "DOCKER-USER, legacy"
        case .dockerUserNFT: "DOCKER-USER, nft"
        case .tableLegacy: "our table, beside legacy"
        case .tableNFT: "our table, beside nft"
        }
    }

    /// The colour: one for each place of the rules.
    fileprivate var color: String { isTable ? "#0b6e99" : "#b03a2e" }
}
