import Seawall
import TestSupport
import Testing

/// Compares a text with a golden.
func expectGolden(_ text: String, _ name: String, file: String = #filePath) {
    let mismatch = Golden.mismatch(text, name, file: file)
    #expect(mismatch == nil, "\(mismatch ?? "")")
}

/// A policy as the document that its program would write.
struct TestPolicy {
    let document: String

    /// A policy of one rule in a scope, in JSON: the members of the rule.
    init(_ rules: String...) { self.init(many: rules) }

    /// A policy of rules in a scope.
    init(many rules: [String]) {
        let ids = (0..<rules.count).map { "r0000\(100 + $0)" }
        let content = zip(ids, rules).map { #"{"rule":{"id":"\#($0)",\#($1)}}"# }.joined(separator: ",")
        let locations = ids.enumerated().map { #""\#($1)":"Policy.swift:\#($0 + 7)""# }.joined(separator: ",")
        document = """
            {"seawall":{"document":1,"generator":"seawall \(Self.version)"},"policy":"Test","files":[],"content":[
            {"scope":{"id":"sc0pe000","kind":"inbound","in":"eth0","related":"pass","invalid":"judge","untracked":"judge",
            "direct":"judge","content":[\(content)]}}],
            "locations":{"sc0pe000":"Policy.swift:6",\(locations)}}
            """
    }

    private static let version = seawallVersion

    /// Allows a port, and drops all else.
    static let simple = TestPolicy(
        #""verdict":"allow","services":[{"protocol":"tcp","ports":443}]"#, #""verdict":"drop","default":true"#)
}

extension ShellOutcome {
    /// The exit status with what was said.
    var summary: String { "exit \(status)\n\(errors)" }
}
