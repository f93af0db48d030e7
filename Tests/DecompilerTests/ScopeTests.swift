import Compiler
import Decompiler
import FirewallIR
import PacketModel
import Seawall
import Testing

/// Scopes are found again in what the compiler makes of them.
@Suite struct ScopeTests {
    private func ruleset(@PolicyBuilder _ body: () -> PolicyContent) throws -> Ruleset {
        try CompilePolicy.run(PolicyDocument(policy: "Scopes", content: body().nodes)).ruleset
    }

    private func source(_ ruleset: Ruleset) -> [Substring] {
        PrintPolicy.run(DocumentFromRuleset.run(ruleset, name: "Scopes"))[0].contents.split(separator: "\n").dropFirst(
            4
        )
        .dropLast(2).map { $0.drop { $0 == " " } }
    }

    @Test func aPolicyReadsAsItWasWritten() throws {
        let ruleset = try ruleset {
            Inbound(on: "eth0", invalid: .drop, direct: .drop) {
                Allow(.tcp(443), from: ["192.0.2.0/24", "2001:db8::/32"]).comment("office")
                Reject(.tcp(113), with: .tcpReset)
                Drop(.icmp(.echoRequest)).limit(.perSecond(5))
                Rule(.drop, .mark(1))
                Default(.drop).log(prefix: "no: ", limit: .perMinute(3))
            }
            Outbound(via: "eth0", from: "172.18.0.0/16") { Drop(to: "169.254.169.254") }
            Rule(.drop, .state(.invalid))
        }
        #expect(
            source(ruleset) == [
                "Containers {", "Inbound(on: \"eth0\", invalid: .drop, direct: .drop) {",
                "Allow(.tcp(443), from: [\"192.0.2.0/24\", \"2001:db8::/32\"]).comment(\"office\")",
                "Reject(.tcp(113), with: .tcpReset)", "Drop(.icmp(.echoRequest)).limit(.perSecond(5))",
                "Rule(.drop, .mark(1))", "Default(.drop).log(prefix: \"no: \", limit: .perMinute(3))", "}",
                "Outbound(via: \"eth0\", from: \"172.18.0.0/16\") {", "Drop(to: \"169.254.169.254\")", "}",
                "Rule(.drop, .state(.invalid))", "}",
            ])
        expectEqual(ruleset, try returned(ruleset))
    }
}
