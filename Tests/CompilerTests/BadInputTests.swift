import Testing

@testable import Seawall

/// Each mistake that an author can make is named exactly, with what to write instead.
struct BadInputTests {
    @Test(arguments: [
        (
            "10.0.0.300",
            "'10.0.0.300' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
        ),
        (
            "",
            "'' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
        ),
        (
            "010.0.0.1",
            "'010.0.0.1' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
        ),
        (
            "example.org",
            "'example.org' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
        ),
        ("10.0.0.0/33", "'10.0.0.0/33' has no valid prefix length: expected a number from 0 to 32"),
        ("2001:db8::/129", "'2001:db8::/129' has no valid prefix length: expected a number from 0 to 128"),
        ("10.0.0.0/-1", "'10.0.0.0/-1' has no valid prefix length: expected a number from 0 to 32"),
        ("10.0.0.0/", "'10.0.0.0/' has no valid prefix length: expected a number from 0 to 32"),
        (
            "10.0.0.7/24",
            "'10.0.0.7/24' has bits set behind its prefix: write 10.0.0.0/24 for the network, or the address without a prefix for the one host"
        ),
        (
            "2001:db8::7/64",
            "'2001:db8::7/64' has bits set behind its prefix: write 2001:db8::/64 for the network, or the address without a prefix for the one host"
        ),
        ("10.0.0.9-10.0.0.1", "'10.0.0.9-10.0.0.1' ends before it begins: write the lower address first"),
        (
            "10.0.0.1-::1",
            "'10.0.0.1-::1' goes from one address family to the other: write one range for IPv4 and one for IPv6"
        ),
    ])
    func aWrongAddressIsNamed(text: String, message: String) {
        #expect(
            messages { Inbound(on: "eth0") { Drop(from: AddressSet(text)) } } == ["error: \(message) [bad-address]"])
    }

    @Test func everyWrongAddressOfASetIsNamed() {
        let found = messages {
            Inbound(on: "eth0") { Drop(from: ["10.0.0.300", .not("10.0.0.1.2"), "192.0.2.1"], to: "x") }
        }
        #expect(found.count == 3)
        #expect(found.allSatisfy { $0.contains("is no address") })
    }

    @Test(arguments: [(65536, 65536), (-1, -1)]) func aPortOutOfRangeIsNamed(first: Int, last: Int) {
        #expect(
            messages { Inbound(on: "eth0") { Allow(.tcp(PortSet(first))) } } == [
                "error: port \(first) is out of range: expected 0 to 65535 [bad-port]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.udp(.range(80, 70000))) } } == [
                "error: port 70000 is out of range: expected 0 to 65535 [bad-port]"
            ])
    }

    @Test func aPortRangeTheWrongWayRoundIsNamed() {
        #expect(
            messages { Inbound(on: "eth0") { Allow(.tcp(8010...8000)) } } == [
                "error: the port range 8010...8000 ends before it begins: write 8000...8010 [bad-port-range]"
            ])
    }

    @Test(arguments: [
        ("", "'' names no interface: expected a name such as eth0, or a beginning such as br-*"),
        ("*", "'*' names no interface: expected a name such as eth0, or a beginning such as br-*"),
        (
            "abcdefghijklmnop",
            "interface name 'abcdefghijklmnop' has 16 bytes: the kernel's names have 15 at most; use a wildcard such as 'abcdefgh*'"
        ),
        ("e*th", "interface name 'e*th' has a wildcard in the middle: it may stand at the end only"),
        ("eth 0", "interface name 'eth 0' holds white space, which no interface name can"),
        ("eth/0", "interface name 'eth/0' holds '/', which no interface name can"),
        ("eth\"0", "interface name 'eth\"0' holds '\"', which no interface name can"),
        ("..", "'..' is no interface name"),
    ])
    func aWrongInterfaceIsNamed(text: String, message: String) {
        #expect(
            messages { Inbound(on: InterfaceSelection(text)) { Default(.drop) } } == [
                "error: \(message) [bad-interface]"
            ])
    }

    @Test func anUnknownServiceOrProtocolIsNamed() {
        #expect(
            messages { Inbound(on: "eth0") { Allow(.tcp("htps")) } } == [
                "error: unknown service 'htps': expected a well-known name or a number; did you mean 'https'? [unknown-service]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.tcp("8000-8010")) } } == [
                "error: unknown service '8000-8010': a range of ports is written 8000...8010, without quotes [unknown-service]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.protocol("gree")) } } == [
                "error: unknown protocol 'gree': expected a well-known name or a number; did you mean 'gre'? [unknown-protocol]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.protocol(256)) } }.first?.hasPrefix("error: unknown protocol '256'")
                == true)
        #expect(
            messages { Inbound(on: "eth0") { Allow(.protocol("-0")) } }.first?.hasPrefix("error: unknown protocol '-0'")
                == true)
    }

    @Test func anICMPTypeOutOfRangeIsNamed() {
        #expect(
            messages { Inbound(on: "eth0") { Allow(.icmp(.type(256))) } } == [
                "error: ICMP type 256 is out of range: expected 0 to 255 [bad-icmp]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.icmpv6(.type(1, code: -1))) } } == [
                "error: ICMP code -1 is out of range: expected 0 to 255 [bad-icmp]"
            ])
    }

    @Test func anAddressOfTheOtherFamilyIsNamed() {
        #expect(
            messages { Inbound(on: "eth0") { Allow(.icmp, from: "2001:db8::1") } } == [
                "error: the rule can never match: from: '2001:db8::1' is IPv6, and the rest of the rule is IPv4 only [family-mismatch]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Allow(.icmpv6, to: "192.0.2.1") } } == [
                "error: the rule can never match: to: '192.0.2.1' is IPv4, and the rest of the rule is IPv6 only [family-mismatch]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Drop(from: "10.0.0.1", to: "2001:db8::1") } } == [
                "error: the rule can never match: from: is IPv4, and to: is IPv6 [family-mismatch]"
            ])
    }

    @Test func anEmptySetIsNamed() {
        let none: [String] = []
        #expect(
            messages { Inbound(on: "eth0") { Drop(from: AddressSet(none)) } } == [
                "error: the address set is empty: a rule with it could never match; leave the condition out if all are meant [empty-set]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Drop(.tcp([])) } } == [
                "error: the port set is empty: a rule with it could never match; leave the condition out if all are meant [empty-set]"
            ])
        #expect(
            messages { Inbound(on: []) { Default(.drop) } } == [
                "error: the interface set is empty: a rule with it could never match; leave the condition out if all are meant [empty-set]"
            ])
        #expect(messages { Inbound(on: "eth0") { Drop(from: .not(.any)) } }.first?.contains("[empty-set]") == true)
        #expect(
            messages { Inbound(on: "eth0") { Drop(.tcp(.not(.range(0, 65535)))) } }.first?.contains("[empty-set]")
                == true)
        #expect(
            messages { Inbound(on: "eth0") { Drop(from: .not(["0.0.0.0/0", "::/0"])) } } == [
                "error: the rule can never match: its conditions exclude each other [never-matches]"
            ])
    }

    @Test(arguments: [
        ("bell\u{7}", "0007"), ("line\nfeed", "000A"), ("nul\0", "0000"), ("escape\u{1b}[31m", "001B"),
        ("next\u{85}line", "0085"),
        ("delete\u{7f}", "007F"),
    ])
    func aControlCharacterIsNamed(text: String, code: String) {
        let tail = "holds the control character U+\(code): write it as one line of plain text [control-character]"
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Drop(.tcp(1), from: "10.0.0.1").comment(text); Default(.drop)
                }
            } == ["error: the comment \(tail)"])
        #expect(
            messages { Inbound(on: "eth0") { Default(.drop).log(prefix: text) } } == ["error: the log prefix \(tail)"])
        #expect(
            messages { Group(text) { Inbound(on: "eth0") { Default(.drop) } } } == [
                "error: the name of the group \(tail)"
            ])
        var named = document { Inbound(on: "eth0") { Default(.drop) } }
        named.policy = text
        #expect(messages(about: named) == ["error: the name of the policy \(tail)"])
    }

    @Test func aWrongRateIsNamed() {
        #expect(
            messages { Inbound(on: "eth0") { Default(.drop).log(limit: .perMinute(0)) } } == [
                "error: a rate of 0 a minute: expected 1 or more [bad-rate]"
            ])
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Drop(.tcp(1)).limit(.perDay(-3)); Default(.drop)
                }
            } == [
                "error: a rate of -3 a day: expected 1 or more [bad-rate]"
            ])
        #expect(
            messages { Inbound(on: "eth0") { Default(.drop).limit(.perSecond(3).burst(0)) } } == [
                "error: a burst of 0: expected 1 or more [bad-rate]"
            ])
    }

    @Test(arguments: [
        "2027-02-29", "2027-13-01", "27-01-01", "2027-01-31T24:00:00Z", "2027-01-31T10:00:00+01:00", "soon", "",
    ])
    func aWrongDateIsNamed(text: String) {
        #expect(
            messages { Inbound(on: "eth0") { Default(.drop).until(text) } } == [
                "error: '\(text)' is no date: expected the last day as 2027-01-31, or an instant as 2027-01-31T18:00:00Z [bad-date]"
            ])
    }

    @Test func anAnswerThatDoesNotFitIsNamed() {
        let reset =
            "error: a TCP reset answers TCP alone: name services that are all TCP, or reject the others by a rule of their own [reset-without-tcp]"
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Reject(.tcp(1), .udp(1), with: .tcpReset); Default(.drop)
                }
            } == [reset])
        #expect(messages { Inbound(on: "eth0") { Reject(with: .tcpReset) } } == [reset])
        #expect(messages { Inbound(on: "eth0") { Default(.reject(with: .tcpReset)) } } == [reset])
        #expect(
            messages { Inbound(on: "eth0") { Reject(with: .hostProhibited) } } == [
                "error: the answer 'host-prohibited' does not exist in IPv6, for which the rule stands as well: use .adminProhibited or .portUnreachable, or restrict the rule to addresses of one family [reject-family]"
            ])
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Reject(from: "10.0.0.1", with: .hostProhibited); Default(.drop)
                }
            } == [])
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Reject(to: "2001:db8::1", with: .policyFail); Default(.drop)
                }
            } == [])
    }

    @Test func whatStandsOutsideOfAScopeIsNamed() {
        let tail =
            "stands outside of a scope: put it into Inbound(on:), Outbound(via:) or Between, or write it as a low-level Rule [outside-scope]"
        #expect(messages { Containers { Allow(.tcp(443)) } } == ["error: a rule \(tail)"])
        #expect(messages { Group("g") { Default(.drop) } } == ["error: 'Default' \(tail)"])
        #expect(
            messages { Inbound(on: "eth0") { Outbound(via: "eth0") { Default(.drop) } } } == [
                "error: a scope stands in another scope: write them one after the other [nested-scope]"
            ])
    }

    @Test func aPortWithoutAProtocolIsNamed() {
        let message =
            "error: a port of the packet is asked for, but not every protocol of the rule has ports: name .tcp, .udp or .sctp [port-without-protocol]"
        #expect(messages { Inbound(on: "eth0") { Drop(containerPort: 80) } } == [message])
        #expect(
            messages {
                Inbound(on: "eth0") {
                    Drop(.tcp, .icmp, containerPort: 80); Default(.drop)
                }
            } == [message])
        #expect(messages { Rule(.drop) { Match.destinationPort(80) } } == [message])
    }

    @Test func aLowLevelConditionThatCanNotBeMetIsNamed() {
        #expect(
            messages { Rule(.drop) { Match.tcpFlags([.syn, .ack], outOf: .syn) } } == [
                "error: the tcp-flags condition asks for bits outside of its mask, so it could never match [bits-outside-mask]"
            ])
        #expect(
            messages { Rule(.drop) { Match.state([]) } } == [
                "error: the state condition has no values: it could never match [empty-set]"
            ])
        let never = ["error: the rule can never match: its conditions exclude each other [never-matches]"]
        #expect(messages { Inbound(on: "eth0") { Rule(.drop) { Match.inInterface("eth1") } } } == never)
        #expect(
            messages {
                Rule(.drop) {
                    Match.state(.invalid); Match.originalDestinationPort(80)
                }
            } == never)
        #expect(
            messages {
                Rule(.drop) {
                    Match.icmpType(.echoRequest); Match.family(.ip6)
                }
            } == never)
        #expect(
            messages {
                Rule(.drop) {
                    Match.inInterface("br-*"); Match.not(.inInterface("br-app"))
                }
            } == [
                "error: two conditions on one interface cannot be joined: a wildcard and an exception from it; write two rules [interface-overlap]"
            ])
    }

    @Test func mistakesInExpectationsAreThoseOfRules() {
        #expect(
            messages {
                Inbound(on: "eth0") { Default(.drop) }
                Expect(.allowed, .tcp(443), from: "10.0.0.1/8", on: "a/b")
                Expect(.dropped, .icmp, from: "2001:db8::1")
                Expect(.dropped, .icmp, containerPort: 80)
            } == [
                "error: interface name 'a/b' holds '/', which no interface name can [bad-interface]",
                "error: '10.0.0.1/8' has bits set behind its prefix: write 10.0.0.0/8 for the network, or the address without a prefix for the one host [bad-address]",
                "error: the expectation can never match: from: '2001:db8::1' is IPv6, and the rest of the expectation is IPv4 only [family-mismatch]",
                "error: a port of the packet is asked for, but not every protocol of the expectation has ports: name .tcp, .udp or .sctp [port-without-protocol]",
            ])
    }
}
