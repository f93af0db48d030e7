import JSONC
import Testing

struct JSONParseTests {
    @Test func everyKindOfValueIsRead() throws {
        let value = try JSONValue.parse(#" {"a":[1,-2,1.5,true,false,null,"x\u00e9\n\/"],"b":{},"c":[]} "#)
        #expect(
            value
                == .object([
                    JSONMember("a", .array([1, -2, .double(1.5), true, false, .null, "xé\n/"])),
                    JSONMember("b", .object([JSONMember]())),
                    JSONMember("c", .array([])),
                ]))
    }

    @Test(arguments: [
        ("", 1, 1), ("   ", 1, 4), ("{", 1, 2), ("[1,", 1, 4), ("{\"a\"", 1, 5), ("\"abc", 1, 5),
        ("{\n\"a\": tru", 2, 9),
    ])
    func aTextThatIsCutIsNamedWithItsEnd(text: String, line: Int, column: Int) {
        let error = JSONError(
            at: .position(line: line, column: column), "the text ends in the middle: it is empty or cut short")
        #expect(throws: error) { try JSONValue.parse(text) }
    }

    @Test func everyPrefixOfADocumentIsRefused() throws {
        let text = #"{"seawall":{"document":1},"x":[1,2.5,"ü",{"a":null}]}"#
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count { #expect(throws: JSONError.self) { try JSONValue.parse(bytes[..<length]) } }
        #expect(throws: Never.self) { try JSONValue.parse(bytes) }
    }

    @Test(arguments: [
        "{} {}", "[1] x", "1 2", "[1,]", "{\"a\":1,}", "nul", "01", "+1", ".5", "// comment\n1", "{\"a\" 1}",
        "{}\0", "\u{feff}{}", "\"\\x\"", "\"\\ud800\"x",
    ])
    func whatIsNoJSONIsRefused(text: String) { #expect(throws: JSONError.self) { try JSONValue.parse(text) } }

    @Test func positionsCountBytesAndLines() {
        do {
            _ = try JSONValue.parse("{\n}\nx")
            Issue.record("no error")
        } catch {
            #expect(error.place == .position(line: 3, column: 1))
        }
        do {
            _ = try JSONValue.parse("{\n  \"a\": ?\n}")
            Issue.record("no error")
        } catch {
            #expect(error.place == .position(line: 2, column: 8))
            #expect("\(error)".hasPrefix("line 2, column 8: "))
        }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xff, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0xc3, 0x22]) }
        #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0x00, 0x22]) }
    }

    @Test func deepNestingIsRefusedAndNoCrash() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue.parse(nested(60)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(nested(100)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "[", count: 2_000_000)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "{\"a\":", count: 200_000)) }
    }

    @Test func bigNumbersStayWithinTheirType() throws {
        #expect(try JSONValue.parse("9223372036854775807").integer == .max)
        #expect(try JSONValue.parse("-9223372036854775808").integer == .min)
        #expect(try JSONValue.parse("99999999999999999999999").integer == .max)
        #expect(try JSONValue.parse("-99999999999999999999999").integer == .min)
        #expect(try JSONValue.parse("1e3") == .double(1000))
    }

    @Test func nulInAStringIsKept() throws {
        let value = try JSONValue.parse(#""a\u0000b""#)
        #expect(value.string?.utf8.count == 3)
        #expect(try JSONValue.parse(value.text()) == value)
    }

    @Test func textComesBackInBothLayouts() throws {
        let values: [JSONValue] = [
            ["z": 1, "a": ["x", .null, true], "ü \"\\/\n\u{1}": "\u{10ffff}"], [], .object([JSONMember]()), "", 0, -1,
            .double(0.5), .null,
        ]
        for value in values {
            for layout in [JSONValue.Layout.compact, .pretty] {
                #expect(try JSONValue.parse(value.text(layout)) == value)
                #expect(value.text(layout) == value.text(layout))
            }
        }
        let object: JSONValue = ["b": ["/": 1], "a": [1, 2]]
        #expect(object.text() == #"{"b":{"/":1},"a":[1,2]}"#)
        #expect(object.text(.pretty) == "{\n  \"b\": {\n    \"/\": 1\n  },\n  \"a\": [\n    1,\n    2\n  ]\n}")
    }
}

struct JSONObjectReaderTests {
    @Test func whatIsMissingIsNamedWithItsPath() throws {
        var reader = try JSONObjectReader(["a": 1, "b": "x", "d": .null], path: "$.rule")
        #expect(try reader.integer("a") == 1)
        #expect(throws: JSONError(at: .path("$.rule"), "the key 'c' is missing")) { try reader.string("c") }
        #expect(throws: JSONError(at: .path("$.rule"), "the key 'd' is missing")) { try reader.string("d") }
        #expect(throws: JSONError(at: .path("$.rule.b"), "expected an integer, found a string")) {
            try reader.integer("b")
        }
    }

    @Test func whatNobodyAskedForIsNamed() throws {
        var reader = try JSONObjectReader(["a": 1, "surprise": 2])
        _ = reader.take("a")
        #expect(throws: JSONError(at: .path("$"), "the key 'surprise' is unknown to this version of Seawall")) {
            try reader.finish()
        }
        #expect(throws: JSONError(at: .path("$"), "expected an object, found an array")) { try JSONObjectReader([]) }
    }

    @Test func elementsHaveTheirPlaceInTheirPath() throws {
        var reader = try JSONObjectReader(["list": ["a", 2]])
        #expect(throws: JSONError(at: .path("$.list[1]"), "expected a string, found an integer")) {
            try reader.array("list") { (value, path) throws(JSONError) in try JSONObjectReader.string(value, path: path)
            }
        }
        var flags = try JSONObjectReader(["yes": true, "no": 0])
        #expect(try flags.flag("yes") && !flags.flag("absent"))
        #expect(throws: JSONError(at: .path("$.no"), "expected a boolean, found an integer")) { try flags.flag("no") }
    }
}
