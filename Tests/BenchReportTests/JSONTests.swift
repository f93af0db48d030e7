import BenchReport
import JSONC
import Testing

@Suite struct JSONTests {
    @Test func `Results are read back as they were written`() throws {
        let results = someResults()
        let text = results.json.text(.pretty)
        #expect(try BenchResults(JSONValue.parse(text.utf8)) == results)
    }

    @Test func `Every value stands in the file, with the median and the bars`() throws {
        let json = someResults().json
        let series = try #require(json["series"]?.array?.first)
        #expect(series["values"] == [2600, 2700, 2650])
        #expect(series["median"] == 2650)
        #expect(series["unit"] == "ns")
        #expect(json["bars"]?.array?.first?["outcome"] == "ok")
        #expect(json["machine"]?["kernel"] == "Linux 6.18")
    }

    @Test func `A variant that nobody knows is refused with its name`() throws {
        let json: JSONValue = [
            "machine": .object([JSONMember]()),
            "series": [
                ["part": "load", "shape": "policy", "rules": 1, "variant": "pf", "figure": "time", "values": []]
            ],
        ]
        #expect(throws: JSONError(at: .path("$.series[].variant"), "unknown: pf")) { try BenchResults(json) }
    }
}
