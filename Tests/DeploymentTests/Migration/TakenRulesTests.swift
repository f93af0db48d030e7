import IPTablesBackend
import JSONC
import PacketModel
import Testing

@testable import Deployment

/// What is taken out of `DOCKER-USER` and put back, whatever others do to the chain meanwhile.
@Suite struct TakenRulesTests {
    private func rules(_ names: String) -> [SaveRule] {
        names.split(separator: " ").map { SaveRule(words: ["-j", $0 == "R" ? "RETURN" : String($0)]) }
    }

    private func taken(_ was: String, _ left: String) -> TakenRules {
        TakenRules(variant: .legacy, family: .ip, was: rules(was), left: rules(left))
    }

    private func text(_ rules: [SaveRule]?) -> String? {
        rules.map { $0.map { $0.words[1] == "RETURN" ? "R" : $0.words[1] }.joined(separator: " ") }
    }

    @Test(arguments: [
        // was, left, the chain when it is written, what is left of that.
        ("a f b R", "f R", "a f b R", "f R"), ("a b", "", "a b", ""), ("a f b", "m f", "a f b", "m f"),
        ("a f b", "f m", "a f b", "f m"), ("a f b", "f", "n a f b", "n f"), ("a a b", "a b", "a a b", "a b"),
        ("a b R", "m R", "a b R", "m R"), ("a f", "m", "n a f", "m n"),
    ])
    func rulesAreTakenOut(_ was: String, _ left: String, _ now: String, _ rest: String) {
        #expect(text(taken(was, left).takenOut(of: rules(now))) == rest)
    }

    @Test("a rule that somebody else has taken out is missed")
    func missed() {
        #expect(taken("a b", "").takenOut(of: rules("a")) == nil)
    }

    @Test(arguments: [
        // was, left, the chain when it is put back, the chain then.
        ("a f b R", "f R", "f R", "a f b R"), ("a b", "", "", "a b"), ("a f b", "m f", "m f", "a f b"),
        // Others put rules at the top, at the end, or between; and Docker its RETURN.
        ("a f b", "f", "n f", "n a f b"), ("a f b", "f", "f n", "a f b n"), ("a f g", "f g", "f n g", "a f n g"),
        ("a b", "", "n", "n a b"), ("a b", "", "R", "a b R"), ("a b", "m", "n m R", "n a b R"),
        // What others have taken out stays out.
        ("a f b", "f", "", "a b"),
        // What is back already is not put in again.
        ("a f b", "f", "a f b", "a f b"), ("a f b", "m f", "n a f b", "n a f b"),
    ])
    func rulesArePutBack(_ was: String, _ left: String, _ now: String, _ all: String) {
        let back = taken(was, left).putBack(into: rules(now))
        #expect(text(back) == all)
        #expect(text(taken(was, left).putBack(into: back)) == all)
    }

    @Test("the record holds words, places and counters")
    func record() throws {
        var one = taken("a f b R", "f R")
        one.was[0] = SaveRule(words: ["-m", "comment", "--comment", "two words", "-j", "DROP"], counters: nil)
        one.was[2].counters = SaveCounters(packets: 7, bytes: 420)
        let read = try TakenRules.all(json: .array([one.json]), path: "$")
        #expect(read.map(\.was).map { $0.map(\.words) } == [one.was.map(\.words)])
        #expect(read[0].was[2].counters == SaveCounters(packets: 7, bytes: 420))
        #expect(text(read[0].left) == "f R")
    }
}
