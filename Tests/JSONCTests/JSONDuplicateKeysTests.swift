import JSONC
import Testing

@Suite struct JSONDuplicateKeysTests {
    @Test(arguments: [
        ("{}", nil), (#"{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}"#, nil),
        (#"{"a": "a", "b": "a:"}"#, nil), (#"{"a": "\"a\":", "b": 1}"#, nil), (#"["a", "a"]"#, nil),
        (#"{"a": 1, "a" : 2}"#, "a 1"), ("{\"x\": [\n{\"k\": {},\n\"k\"\n: 1}]}", "k 3"),
    ])
    func aKeyThatStandsTwiceIsFound(text: String, found: String?) {
        #expect(JSONDuplicateKeys.first(in: Array(text.utf8)).map { "\($0.key) \($0.line)" } == found)
    }
}
