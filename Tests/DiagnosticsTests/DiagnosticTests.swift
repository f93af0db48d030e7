import Diagnostics
import JSONC
import Testing

struct DiagnosticTests {
    @Test func aMessageStandsAtItsPlace() {
        let location = SourceLocation(file: "Policy.swift", line: 12)
        #expect(
            Diagnostic("bad-port", at: location, "port 70000 is out of range").text
                == "Policy.swift:12: error: port 70000 is out of range [bad-port]")
        #expect(
            Diagnostic("x", .warning, at: SourceLocation(file: "list.txt"), "empty").text
                == "list.txt: warning: empty [x]")
        #expect(Diagnostic("x", at: nil, "nowhere").text == "seawall: error: nowhere [x]")
    }

    @Test func notesStandBelowAndATranscriptAbove() {
        let diagnostic = Diagnostic(
            "x", at: SourceLocation(file: "a", line: 1), "what",
            notes: [Diagnostic.Note("why"), Diagnostic.Note("where", at: SourceLocation(file: "b", line: 2))],
            transcript: "as the compiler said")
        #expect(diagnostic.text == "as the compiler said\na:1: error: what [x]\na:1: note: why\nb:2: note: where")
    }

    @Test func programsGetTheSame() {
        let diagnostic = Diagnostic(
            "x", .warning, at: SourceLocation(file: "a", line: 1), "what",
            notes: [Diagnostic.Note("why", at: SourceLocation(file: "b"))],
            transcript: "t")
        #expect(
            diagnostic.json.text()
                == #"{"id":"x","severity":"warning","message":"what","file":"a","line":1,"transcript":"t","notes":[{"message":"why","file":"b"}]}"#
        )
        #expect(Diagnostic("x", at: nil, "what").json.text() == #"{"id":"x","severity":"error","message":"what"}"#)
    }

    @Test func outcomesAreTheExitCodes() {
        let codes = [DiagnosticError.Outcome.findings, .unreadable, .refused, .host].map(\.rawValue)
        #expect(codes == [1, 2, 3, 4])
        let error = DiagnosticError(.refused, "x", "what", notes: ["why"])
        #expect(error.diagnostics.map(\.text) == ["seawall: error: what [x]\nseawall: note: why"])
    }
}
