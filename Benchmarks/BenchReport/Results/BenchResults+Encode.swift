package import JSONC

extension BenchResults {
    /// The results as JSON: the machine, the bars, each series with all its values, and what was left out.
    ///
    /// Medians and bars are there for readers; they are computed again when the file is read.
    package var json: JSONValue {
        [
            "machine": .object(machine.map { JSONMember($0.name, .string($0.value)) }),
            "bars": .array(Bars.judge(self).map(\.json)),
            "rows": .array(rows.map(\.json)),
            "series": .array(series.map(\.json)),
            "events": .array(events.map(\.json)),
            "omissions": .array(omissions.map(\.json)),
        ]
    }
}

extension Bars.Verdict {
    fileprivate var json: JSONValue {
        .object([
            JSONMember("figure", .string(bar.name)), JSONMember("value", .string(valueText)),
            JSONMember("bar", .string(bar.limitText)), JSONMember("outcome", .string(outcome.rawValue)),
        ])
    }
}

extension BenchResults.Series {
    fileprivate var json: JSONValue {
        [
            "part": .string(key.part.rawValue), "shape": .string(key.shape.rawValue),
            "rules": .integer(Int64(key.rules)),
            "variant": .string(key.variant.rawValue), "figure": .string(key.figure.rawValue),
            "unit": .string(key.figure.unit.rawValue), "median": .integer(Int64(median)),
            "values": .array(values.map { .integer(Int64($0)) }),
        ]
    }
}

extension EventCount {
    fileprivate var json: JSONValue {
        [
            "event": .string(event.rawValue), "way": .string(way.rawValue),
            "passed": .array(passed.map { .integer(Int64($0)) }), "sent": .array(sent.map { .integer(Int64($0)) }),
        ]
    }
}

extension BenchResults.Omission {
    fileprivate var json: JSONValue {
        [
            "part": .string(part.rawValue), "shape": .string(shape.rawValue), "rules": .integer(Int64(rules)),
            "variant": .string(variant.rawValue), "reason": .string(reason),
        ]
    }
}

extension Row {
    fileprivate var json: JSONValue {
        let numbers: [(String, Int?)] = [
            ("time", time), ("processorTime", processorTime), ("bytes", bytes), ("timeBar", timeBar),
            ("bytesBar", bytesBar), ("baseline", baseline),
        ]
        return .object(
            [JSONMember("group", .string(group.rawValue)), JSONMember("name", .string(name))]
                + numbers.compactMap { name, number in number.map { JSONMember(name, .integer(Int64($0))) } })
    }
}
