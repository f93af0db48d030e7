package import JSONC

extension BenchResults {
    /// Reads what `json` gives.
    ///
    /// - Throws: `JSONError` at the first member that is missing, or is none of ours.
    package init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json)
        guard case .object(let facts) = try reader.require("machine") else {
            throw JSONError(at: .path("$.machine"), "expected an object")
        }
        machine = facts.map { Fact($0.key, $0.value.string ?? "") }
        for value in try reader.array("rows") { rows.append(try Row(value)) }
        for value in try reader.array("series") { series.append(try Series(value)) }
        for value in try reader.array("events") { events.append(try EventCount(value)) }
        for value in try reader.array("omissions") { omissions.append(try Omission(value)) }
    }
}

extension BenchResults.Series {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: "$.series[]")
        let key = try SeriesKey(
            reader.word("part"), reader.word("shape"), reader.integer("rules"), reader.word("variant"),
            reader.word("figure"))
        self.init(key, try reader.integers("values"))
    }
}

extension EventCount {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: "$.events[]")
        try self.init(
            reader.word("event"), reader.word("way"), passed: reader.integers("passed"), sent: reader.integers("sent"))
    }
}

extension BenchResults.Omission {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: "$.omissions[]")
        try self.init(
            reader.word("part"), reader.word("shape"), reader.integer("rules"), reader.word("variant"),
            reader.string("reason"))
    }
}

extension Row {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: "$.rows[]")
        try self.init(
            reader.word("group"), reader.string("name"), time: reader.optionalInteger("time"),
            processorTime: reader.optionalInteger("processorTime"), bytes: reader.optionalInteger("bytes"))
        timeBar = try reader.optionalInteger("timeBar")
        bytesBar = try reader.optionalInteger("bytesBar")
        baseline = try reader.optionalInteger("baseline")
    }
}

extension JSONObjectReader {
    /// A list of numbers.
    fileprivate mutating func integers(_ key: String) throws(JSONError) -> [Int] {
        var values: [Int] = []
        for value in try array(key) { values.append(try JSONObjectReader.integer(value, path: "\(path).\(key)")) }
        return values
    }

    /// A string that is one of some words.
    fileprivate mutating func word<Word: RawRepresentable>(
        _ key: String
    ) throws(JSONError) -> Word where Word.RawValue == String {
        let text = try string(key)
        guard let word = Word(rawValue: text) else { throw JSONError(at: .path("\(path).\(key)"), "unknown: \(text)") }
        return word
    }
}
