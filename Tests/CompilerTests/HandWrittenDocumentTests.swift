import JSONC
import Testing

@testable import Seawall

/// A document can be written by hand: what the language cannot say is refused, never taken for something else.
struct HandWrittenDocumentTests {
    @Test(arguments: [
        (
            #"{"field":"state","addresses":["10.0.0.1"]}"#,
            "the condition on state has values of the wrong kind [bad-match]"
        ),
        (#"{"field":"source","ports":[80]}"#, "the condition on source has values of the wrong kind [bad-match]"),
        (#"{"field":"mark","interfaces":["eth0"]}"#, "the condition on mark has values of the wrong kind [bad-match]"),
        (#"{"field":"state","mask":1,"value":1}"#, "the condition on state has values of the wrong kind [bad-match]"),
        (
            #"{"field":"tcp-flags","mask":511,"value":1}"#,
            "the condition on tcp-flags has values of the wrong kind [bad-match]"
        ),
        (
            #"{"field":"fragment","names":["first"]}"#,
            "the condition on fragment has values of the wrong kind [bad-match]"
        ),
        (
            #"{"field":"state","names":["new"],"interface":"in"}"#,
            "the condition on state has values of the wrong kind [bad-match]"
        ),
        (#"{"field":"state","names":["news"]}"#, "unknown state 'news' [unknown-value]"),
        (
            #"{"field":"icmp-type","names":["8/x"]}"#,
            "unknown icmp-type '8/x': expected TYPE or TYPE/CODE [unknown-value]"
        ),
        (
            #"{"field":"icmp-type","names":["8/0/0"]}"#,
            "unknown icmp-type '8/0/0': expected TYPE or TYPE/CODE [unknown-value]"
        ),
        (
            #"{"field":"icmp-type","names":["/8"]}"#,
            "unknown icmp-type '/8': expected TYPE or TYPE/CODE [unknown-value]"
        ),
        (
            #"{"field":"source-type","names":["local"],"interface":"lo"}"#,
            "unknown interface 'lo' of an address type: expected in or out [unknown-value]"
        ),
    ])
    func aConditionThatMeansNothingIsRefused(match: String, message: String) throws {
        let rule = #"{"id":"aaaaaaaa","verdict":"drop","lowLevel":true,"matches":[\#(match)]}"#
        #expect(try errors(rule) == ["error: \(message)"])
    }

    @Test(arguments: [
        (#"{"protocol":"tcp","icmpType":8}"#, "protocol 'tcp' has no ICMP types [bad-service]"),
        (#"{"protocol":"gre","ports":80}"#, "protocol 'gre' has no ports [bad-service]"),
    ])
    func aServiceThatMeansNothingIsRefused(service: String, message: String) throws {
        let rule = #"{"id":"aaaaaaaa","verdict":"drop","lowLevel":true,"services":[\#(service)]}"#
        #expect(try errors(rule) == ["error: \(message)"])
    }

    @Test func namesThatTheLanguageDoesNotGiveAreRefused() throws {
        #expect(
            try errors(#"{"id":"aaaaaaaa","verdict":{"reject":"politely"},"lowLevel":true}"#) == [
                "error: unknown answer 'politely': expected one of tcp-reset, port-unreachable, host-unreachable, no-route, admin-prohibited, protocol-unreachable, net-prohibited, host-prohibited, policy-fail, reject-route [unknown-reject]"
            ])
        #expect(
            try errors(#"{"id":"aaaaaaaa","verdict":"drop","lowLevel":true,"log":{"prefix":"x","level":"loud"}}"#) == [
                "error: unknown log level 'loud': expected one of emerg, alert, crit, err, warn, notice, info, debug [unknown-level]"
            ])
        #expect(
            try errors(#"{"id":"aaaaaaaa","verdict":"drop","lowLevel":true,"limit":{"count":1,"per":"week"}}"#) == [
                "error: unknown unit of time 'week': expected second, minute, hour or day [bad-rate]"
            ])
    }

    @Test func oneNameForTwoRulesIsRefused() throws {
        let rule = #"{"id":"aaaaaaaa","verdict":"drop","lowLevel":true}"#
        #expect(try errors(rule, rule) == ["error: two rules are called 'aaaaaaaa' [invalid-ir]"])
    }

    private func errors(_ rules: String...) throws -> [String] {
        let content = rules.map { #"{"rule":\#($0)}"# }.joined(separator: ",")
        let text = """
            {"seawall":{"document":1,"generator":"by hand"},"policy":"Test","files":[],"content":[\(content)],
            "locations":{"aaaaaaaa":"Policy.swift:7"}}
            """
        return messages(about: try PolicyDocument.decode(try JSONValue.parse(text)))
    }
}
