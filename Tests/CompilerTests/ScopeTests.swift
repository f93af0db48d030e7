import Testing

@testable import Seawall

struct ScopeTests {
    @Test func repliesAndRelatedErrorsAreNotJudged() throws {
        #expect(
            try prelude { Inbound(on: "eth0") { Default(.drop) } } == [
                "iif{eth0} dir{reply} -> leave",
                "family{ip} iif{eth0} proto{icmp} state{related} | family{ip6} iif{eth0} proto{icmpv6} state{related} -> leave",
            ])
    }

    @Test func aScopeSaysWhichPacketsAreJudged() throws {
        let scopes = try rules {
            Inbound(on: "eth0") { Default(.drop) }
            Inbound(on: ["eth0", "wlan*"], toward: "br-*") { Default(.drop) }
            Inbound(on: .not("eth0")) { Default(.drop) }
            Inbound(on: .any) { Default(.drop) }
            Outbound(via: "eth0") { Default(.drop) }
            Outbound(via: "eth0", from: ["172.18.0.0/16", "fd00::/8"]) { Default(.drop) }
            Between("br-app", "br-db") { Default(.drop) }
        }
        #expect(
            scopes == [
                "iif{eth0} -> drop", "iif{eth0,wlan*} oif{br-*} -> drop", "iif{not eth0} -> drop", "any -> drop",
                "oif{eth0} -> drop", "oif{eth0} saddr{172.18.0.0/16,fd00::/8} -> drop",
                "iif{br-app} oif{br-db} -> drop",
            ])
    }

    @Test func aScopeOfOneFamilySpeaksOfNoOther() throws {
        #expect(
            try prelude { Outbound(via: "eth0", from: "172.18.0.0/16") { Default(.drop) } } == [
                "oif{eth0} saddr{172.18.0.0/16} dir{reply} -> leave",
                "family{ip} oif{eth0} saddr{172.18.0.0/16} proto{icmp} state{related} -> leave",
            ])
    }

    @Test func parametersChangeWhatIsJudgedByName() throws {
        let errors =
            "family{ip} iif{eth0} proto{icmp} state{related} | family{ip6} iif{eth0} proto{icmpv6} state{related}"
        #expect(
            try prelude {
                Inbound(on: "eth0", related: .drop, invalid: .drop, untracked: .pass, direct: .drop) { Default(.drop) }
            } == [
                "iif{eth0} dir{reply} -> leave", "\(errors) -> drop", "iif{eth0} state{invalid} -> drop",
                "iif{eth0} state{untracked} -> leave", "iif{eth0} status{0x20=0x0} -> drop",
            ])
        #expect(
            try prelude { Between("br-a", "br-b", related: .judge, invalid: .pass) { Default(.drop) } } == [
                "iif{br-a} oif{br-b} dir{reply} -> leave", "iif{br-a} oif{br-b} state{invalid} -> leave",
            ])
    }

    @Test func aScopeWithoutRulesChangesNothing() throws {
        #expect(try prelude { Inbound(on: "eth0") {} } == [])
        #expect(try prelude { Inbound(on: "eth0", invalid: .drop) {} }.count == 3)
    }

    @Test func groupsChangeNothing() throws {
        let grouped = try rules {
            Group("a") {
                Inbound(on: "eth0") {
                    Group("b") { Allow(.tcp(1)) }; Default(.drop)
                }
            }
        }
        #expect(
            grouped
                == (try rules {
                    Inbound(on: "eth0") {
                        Allow(.tcp(1)); Default(.drop)
                    }
                }))
    }

    @Test func rulesKeepTheirOrderOverAllScopes() throws {
        let rules = try rules {
            Inbound(on: "eth0") { Allow(.tcp(1)) }
            Rule(.drop) { Match.state(.invalid) }
            Inbound(on: "eth0") {
                Drop(.tcp(1)); Default(.drop)
            }
        }
        #expect(
            rules == [
                "iif{eth0} proto{tcp} o.dport{1} -> leave", "state{invalid} -> drop",
                "iif{eth0} proto{tcp} o.dport{1} -> drop",
                "iif{eth0} -> drop",
            ])
    }
}
