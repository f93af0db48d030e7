import JSONC
import Testing

struct JSONTextTests {
    @Test func textIsThatOfJSONC() {
        let value: JSONValue = [
            "a": [1, -20, .integer(.min), .integer(.max), true, false, .null, .double(0.5), .double(2)], "b": [],
            "c": .object([JSONMember]()), "d\"\n": "\u{1}\u{1f}\u{7f}\u{8}\u{c}\r\t\\/ü", "": "",
        ]
        #expect(
            value.text()
                == #"{"a":[1,-20,-9223372036854775808,9223372036854775807,true,false,null,0.5,2.0],"b":[],"c":{},"#
                + #""d\"\n":"\u0001\u001f"# + "\u{7f}" + #"\b\f\r\t\\/ü","":""}"#)
        #expect(
            value.text(.pretty).hasSuffix(
                "\n    2.0\n  ],\n  \"b\": [\n  ],\n  \"c\": {\n  },\n  \"d\\\"\\n\": \"\\u0001\\u001f\u{7f}\\b\\f\\r\\t\\\\/ü\",\n  \"\": \"\"\n}"
            ))
    }

    @Test func aWriterTakesValuesOneByOne() {
        var writer = JSONWriter()
        writer.write(raw: "[")
        writer.write(integer: 7)
        writer.write(raw: ",")
        writer.write(["a": "b"])
        writer.write(raw: "]")
        let text = writer.text
        #expect(text == #"[7,{"a":"b"}]"#)
    }

    @Test(arguments: [
        #"{"a": 1, "a": 2}"#, #"[{"k\n": 1, "k\n": 2}]"#, #"{"a\u0062": {"x": 1, "x": 2}}"#,
    ])
    func aKeyThatStandsTwiceIsRefused(text: String) {
        let key = text.contains("\"x\"") ? "x" : text.contains("k") ? #"k\n"# : "a"
        let error = JSONError(at: .position(line: 1, column: 1), "the key '\(key)' stands twice in one object")
        #expect(throws: error) { try JSONValue.parse(distinct: Array(text.utf8)) }
    }

    @Test func whatIsUsualAndWhatIsNotIsReadAlike() throws {
        let long = (0..<40).map { #""k\#($0)": \#($0)"# }.joined(separator: ", ")
        for text in [
            #"{"a": [1, -2, 0, "x\"\\\/\b\f\n\r\t"], "b": {}, "c": [], "d": null, "e": true, "f": false}"#, "{\(long)}",
        ] {
            // What stands in front makes the whole unusual, so that json-c reads it.
            let usual = try JSONValue.parse(distinct: Array("[0,\(text)]".utf8))
            let unusual = try JSONValue.parse(distinct: Array("[1e0,\(text)]".utf8))
            #expect(usual.array?[1] == unusual.array?[1])
        }
        for number in ["-0", "123456789012345678901", "1.5"] {
            #expect(try JSONValue.parse("[\(number)]") == JSONValue.parse("[\(number),\"\\u0041\"]").dropLast)
        }
    }
}

extension JSONValue {
    /// The array without its last element.
    fileprivate var dropLast: JSONValue { .array(Array((array ?? []).dropLast())) }
}
