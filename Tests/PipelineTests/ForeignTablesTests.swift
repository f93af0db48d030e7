import Diagnostics
import FirewallIR
import JSONC
import NFTablesBackend
import PacketModel
import TestSupport
import Testing

/// Tables that people write by hand, as the host's own nft lists them.
struct ForeignTablesTests {
    /// What nft lists of a text, lifted.
    private func lift(_ text: String) async throws -> NFTLift {
        let listing = try await withNamespace { namespace in
            try await namespace.must("nft -f - && nft -j list ruleset", input: text)
        }
        return try LiftFromNFTables.lift(
            ReadNFTListing.run(try JSONValue.parse(listing), file: "nft.json"), file: "nft.json")
    }

    private func refusals(_ text: String) async throws -> [String] {
        do {
            _ = try await lift(text)
            return []
        } catch let error as DiagnosticError {
            return error.diagnostics.map { "\($0.location?.description ?? ""): \($0.message)" }
        }
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func aHostsFilterIsLifted() async throws {
        let lift = try await lift(
            """
            table inet filter {
                set trusted { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.7 } }
                set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 } }
                set links { type ifname; elements = { "eth0", "eth1" } }
                map services { type inet_service : verdict; elements = { 22 : jump ssh, 80 : accept, 81 : drop } }
                chain ssh {
                    ip saddr @trusted accept
                    ct state new limit rate 10/minute burst 3 packets log prefix "ssh: " level info flags tcp options accept
                    return
                }
                chain input {
                    type filter hook input priority 0; policy drop;
                    ct state vmap { established : accept, related : accept, invalid : drop }
                    iif lo accept
                    iifname @links udp dport { 53, 67-68 } counter accept
                    meta l4proto { tcp, udp } th dport 5353 accept
                    icmp type { echo-request, time-exceeded } limit rate over 5/second drop
                    meta l4proto ipv6-icmp icmpv6 type nd-neighbor-solicit accept
                    ip saddr . tcp dport @pairs accept
                    tcp dport vmap @services
                    counter tcp flags & (fin | syn) == (fin | syn) drop
                    ip protocol igmp ip ttl < 2 accept
                    ct status & dnat == 0 reject with icmpx admin-prohibited
                }
                chain forward { type filter hook forward priority filter; policy drop; }
                chain nothing { drop; }
            }
            table ip nat {
                chain postrouting { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
            }
            table arp filter { chain input { type filter hook input priority 0; }; }
            """)
        #expect(
            Ruleset(name: "Lifted", scopes: lift.scopes).text == """
                ruleset Lifted
                scope input families ip,ip6 entry input policy drop
                  chain input
                    [input:1] state{invalid} -> drop  # nft.json: inet filter input:1
                    [input:1.2] state{established} -> leave  # nft.json: inet filter input:1
                    [input:1.3] state{related} -> leave  # nft.json: inet filter input:1
                    [input:2] iif{lo} -> leave  # nft.json: inet filter input:2
                    [input:3] iif{eth0,eth1} proto{udp} dport{53,67-68} · count -> leave  # nft.json: inet filter input:3
                    [input:4] proto{tcp,udp} dport{5353} -> leave  # nft.json: inet filter input:4
                    [input:5] family{ip} proto{icmp} icmp{8/0-8/255,11/0-11/255} · limit over 5/second burst 5 -> drop  # nft.json: inet filter input:5
                    [input:6] family{ip6} proto{icmpv6} icmp{135/0-135/255} -> leave  # nft.json: inet filter input:6
                    [input:7] family{ip} saddr{10.0.0.0/8} proto{tcp} dport{80-90} -> leave  # nft.json: inet filter input:7
                    [input:8] proto{tcp} dport{22} -> jump ssh  # nft.json: inet filter input:8
                    [input:8.2] proto{tcp} dport{80} -> leave  # nft.json: inet filter input:8
                    [input:8.3] proto{tcp} dport{81} -> drop  # nft.json: inet filter input:8
                    [input:9] any · count -> next  # nft.json: inet filter input:9
                    [input:9.2] proto{tcp} flags{0x3=0x3} -> drop  # nft.json: inet filter input:9
                    [input:10] family{ip} proto{igmp} hop-limit{0-1} -> leave  # nft.json: inet filter input:10
                    [input:11] status{0x20=0x0} -> reject admin-prohibited  # nft.json: inet filter input:11
                  chain ssh
                    [ssh:1] family{ip} saddr{10.0.0.0/8,192.0.2.7} -> leave  # nft.json: inet filter ssh:1
                    [ssh:2] state{new} · limit 10/minute burst 3 · log info "ssh: " tcp-options -> leave  # nft.json: inet filter ssh:2
                    [ssh:3] any -> return  # nft.json: inet filter ssh:3
                scope forward families ip,ip6 entry forward policy drop
                  chain forward

                """)
        #expect(Ruleset(name: "Lifted", scopes: lift.scopes).validate() == [])
        #expect(
            Set(lift.notes.map(\.text)) == [
                "nft.json: inet filter ssh:2: warning: the rule limits packets of IPv4 and IPv6 together, and Seawall those of each by themselves [shared-limit]",
                "nft.json: ip nat postrouting: warning: the base chain 'postrouting' was left out: type nat, hook postrouting is no filter of what comes in, is forwarded, or goes out [not-lifted]",
                "nft.json: warning: the table arp filter was left out: its family sees other packets [not-lifted]",
            ])
    }

    /// Rules that ask behind what they have done.
    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func whatIsAskedBehindAnEffectIsSeveralRules() async throws {
        let lift = try await lift(
            """
            table ip filter {
                chain a { type filter hook input priority 5; policy accept;
                    limit rate 5/second log prefix "x" tcp dport 22 drop
                    limit rate 3/second ct state new counter drop
                    tcp dport 25 limit rate 1/second tcp sport vmap { 1 : drop, 2 : accept }
                    iifname "eth0" log ip saddr 10.0.0.1 meta mark set mark & 0xff | 0x100 counter accept
                    ct mark set mark
                    tcp dport vmap { 1-5 : drop, 7 : continue, * : accept }
                }
            }
            """)
        #expect(
            Ruleset(name: "Lifted", scopes: lift.scopes).text == """
                ruleset Lifted
                scope input families ip entry a
                  chain a
                    [a:1] family{ip} · limit 5/second burst 5 · log warn "x" -> jump a:1  # nft.json: ip filter a:1
                    [a:2] family{ip} · limit 3/second burst 5 · family{ip} state{new} · count -> drop  # nft.json: ip filter a:2
                    [a:3] family{ip} proto{tcp} dport{25} · limit 1/second burst 5 -> jump a:3  # nft.json: ip filter a:3
                    [a:4] family{ip} iif{eth0} · log warn "" -> next  # nft.json: ip filter a:4
                    [a:4.2] family{ip} iif{eth0} saddr{10.0.0.1} · mark 0x100/0xffffff00 · count -> leave  # nft.json: ip filter a:4
                    [a:5] family{ip} · ctmark save 0xffffffff to 0xffffffff -> next  # nft.json: ip filter a:5
                    [a:6] family{ip} proto{tcp} dport{1-5} -> drop  # nft.json: ip filter a:6
                    [a:6.2] family{ip} proto{tcp} dport{0,6,8-65535} -> leave  # nft.json: ip filter a:6
                  chain a:3
                    [a:3.2] family{ip} proto{tcp} sport{1} -> drop  # nft.json: ip filter a:3
                    [a:3.3] family{ip} proto{tcp} sport{2} -> leave  # nft.json: ip filter a:3
                  chain a:1
                    [a:1.2] family{ip} proto{tcp} dport{22} -> drop  # nft.json: ip filter a:1

                """)
        #expect(Ruleset(name: "Lifted", scopes: lift.scopes).validate() == [])
    }

    @Test(.enabled(if: TestEnvironment.mayUseNamespaces, "needs root, to make a network namespace of its own"))
    func whatCannotBeLiftedIsRefusedInOneRun() async throws {
        let found = try await refusals(
            """
            table ip filter {
                set flood { type ipv4_addr; flags dynamic, timeout; timeout 1m; }
                set gone { type ipv4_addr; flags timeout; elements = { 10.0.0.1 timeout 1h } }
                chain a { type filter hook input priority 0;
                    ct original saddr 10.0.0.0/8 drop
                    meta l4proto { tcp, udp } ct original proto-dst 80 drop
                    ip saddr @gone drop
                    ip saddr @flood drop
                    meta skuid 0 accept
                    iif != "lo" meta length 5 meta mark 1-7 drop
                    ct count over 10 drop
                    th dport 80 drop
                    meta mark set 1 ip saddr 10.0.0.1 drop
                    limit rate 10 mbytes/second drop
                    limit rate 5/second tcp dport vmap { 22 : return }
                    meta mark vmap { 1 : jump b }
                    meta mark set ct mark accept
                }
                chain b { }
                chain c { type filter hook input priority 1; }
                chain unused { meta skuid 0 accept; }
            }
            """)
        let rule = "nft.json: ip filter a:"
        let unknown = ": the meaning of a rule of nft is not known: "
        #expect(
            found == [
                "\(rule)1\(unknown)$.nftables[8].rule.expr[0].match.left.ct: 'ct original saddr' without 'ip' or 'ip6' is listed with wrong networks by nft 1.0.6: write 'ct original ip saddr'",
                "\(rule)2\(unknown)nft lists a port of the original tuple wrongly unless one protocol was asked for before: write a named set",
                "\(rule)3\(unknown)time removes elements of 'gone'",
                "\(rule)4\(unknown)time removes elements of 'flood'",
                "\(rule)5\(unknown)$.nftables[12].rule.expr[0].match.left.meta: 'meta skuid' is not known",
                "\(rule)6\(unknown)'1-7' is not known here",
                "\(rule)7\(unknown)$.nftables[14].rule.expr[0]: a statement 'ct count' is not known",
                "\(rule)8\(unknown)'th' reads the bytes of protocols that have no ports",
                "\(rule)9\(unknown)'ip saddr 10.0.0.1' stands behind a change of a mark",
                "\(rule)10\(unknown)$.nftables[17].rule.expr[0].limit: a limit of bytes is not known, only of packets",
                "\(rule)11\(unknown)a verdict map behind a limit leaves the chain by 'return' or 'goto'",
                "\(rule)12\(unknown)a map of marks jumps to a chain, which may change them",
                "\(rule)13\(unknown)'accept' stands behind a change of a mark that ends the rule without a conntrack entry",
                "nft.json: two base chains judge the same packets at the hook 'input', 'a' and 'c': write them as one, the one that is asked first jumping to the other",
            ])
    }
}
