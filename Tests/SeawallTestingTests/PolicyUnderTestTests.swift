import Seawall
import SeawallTesting
import Testing

struct PolicyUnderTestTests {
    let policy = TestHost.tested

    @Test func whatHoldsRecordsNothing() {
        policy.expectAllowed(tcp: 443, from: "203.0.113.9", on: "eth0")
        policy.expectAllowed(tcp: [443, 8443], from: .not(["203.0.113.66", "2001:db8:bad::/48"]), on: "eth0")
        policy.expectAllowed(.udp(443), .tcp(443), from: "192.0.2.1", to: "198.51.100.1", on: "eth0", via: "br-app")
        policy.expectAllowed(tcp: 5432, from: office, on: "eth0")
        policy.expectDropped(tcp: 5432, from: "203.0.113.9", on: "eth0")
        policy.expectDropped(from: AddressSet(contentsOf: "blocklist.txt"), on: "eth0")
        policy.expectDropped(.tcp(80), .udp(53), .protocol("gre"), .icmpv6, on: "eth0")
        policy.expectRejected(tcp: 113, from: "203.0.113.9", on: "eth0")
        policy.expectRejected(.tcp(113), from: "203.0.113.9", on: "eth0", with: .tcpReset)
        policy.expectAllowed(tcp: 22, on: "wlan0")
        policy.expectAllowed(.icmp(.echoRequest), from: "203.0.113.9", on: "eth0")
        policy.expectAllowed(on: "br-app", via: "br-db", containerAddress: "172.18.0.2")
        policy.expectDropped(tcp: 5432, on: "br-app", via: "br-db", containerAddress: .not("172.18.0.2"))
        policy.expectAllowed(tcp: 8080, from: "192.168.0.1", on: "eth1", published: true)
        policy.expectDropped(tcp: 8080, from: "192.168.0.1", on: "eth1", published: false)
    }

    @Test func whatIsProvedRecordsNothing() {
        policy.provesNever(.allowed, .tcp(5432), from: .not(office), on: "eth0")
        policy.provesNever(.allowed, .udp(.not(443)), on: "eth0")
        policy.provesNever(.rejected, .udp, .icmp, .icmpv6)
        policy.provesAlways(.dropped, from: AddressSet(contentsOf: "blocklist.txt"), on: "eth0")
        policy.provesAlways(.allowed, on: ["wlan0", "tun*"], via: .not("br-db"))
    }

    @Test func aFailureShowsAPacketAtTheLineOfTheTest() {
        let found = issues {
            policy.expectAllowed(tcp: 443, from: "203.0.113.9", on: "eth0")
            policy.expectAllowed(tcp: [80, 443], from: "203.0.113.9", on: "eth0")
        }
        #expect(
            found == [
                """
                2: a connection that is expected to be allowed is dropped
                the packet: a new tcp connection from 203.0.113.9:40000 to 198.51.100.1:80, entering at eth0, leaving at docker0
                Policies.swift:16: this rule decides: [csdnenyb]
                """
            ])
    }

    @Test func aFailedProofShowsAPacketAtTheLineOfTheTest() {
        let found = issues {
            policy.provesNever(.allowed, .tcp(5432), from: .not("192.0.2.0/24"), on: "eth0")
            policy.provesAlways(.dropped, .tcp, from: "203.0.113.66", on: ["eth0", "eth7"])
        }
        #expect(
            found == [
                """
                1: a connection that should never be allowed is handed on to Docker (leave)
                the packet: a new tcp connection from [2001:db8:10::1]:40000 to [2001:db8:1::1]:5432, entering at eth0, leaving at docker0
                Policies.swift:12: this rule decides: [b0xw4p22] "reporting"
                """,
                """
                2: a connection that should always be dropped is handed on to Docker (leave)
                the packet: a new tcp connection from 203.0.113.66:40000 to 198.51.100.1:443, entering at eth7, leaving at docker0
                no rule decides: the packet is left to Docker's own rules
                """,
            ])
    }

    @Test func limitsMayAnswerEitherWayInProofs() {
        let found = issues {
            policy.provesAlways(.allowed, .icmp(.echoRequest), from: "192.0.2.1", on: "eth0")
            policy.provesNever(.allowed, .icmp(.echoRequest), from: "192.0.2.1", on: "eth0")
            policy.expectDropped(.icmp(.echoRequest), from: "192.0.2.1", on: "eth0")
        }
        let packet =
            "the packet: a new icmp echo-request connection from 192.0.2.1 to 198.51.100.1, entering at eth0, leaving at docker0"
        #expect(
            found == [
                """
                1: a connection that should always be allowed is dropped
                \(packet)
                Policies.swift:16: this rule decides: [csdnenyb]
                taken for granted: limit 5/second burst 5 is used up
                """,
                """
                2: a connection that should never be allowed is handed on to Docker (leave)
                \(packet)
                Policies.swift:14: this rule decides: [24wy2sy5]
                taken for granted: limit 5/second burst 5 is not used up
                """,
                """
                3: a connection that is expected to be dropped is handed on to Docker (leave)
                \(packet)
                Policies.swift:14: this rule decides: [24wy2sy5]
                taken for granted: limit 5/second burst 5 is not used up
                """,
            ])
    }

    @Test func anEndCountsInExpectationsAndIsOpenInProofs() {
        policy.expectDropped(tcp: 22, from: "198.51.100.7", on: "eth0")
        #expect(
            issues { policy.provesAlways(.dropped, .tcp(22), from: "198.51.100.7", on: "eth0") } == [
                """
                0: a connection that should always be dropped is handed on to Docker (leave)
                the packet: a new tcp connection from 198.51.100.7:40000 to 198.51.100.1:22, entering at eth0, leaving at docker0, at 2020-01-31T23:59:59Z
                Policies.swift:15: this rule decides: [xgc27tpq]
                """
            ])
    }

    @Test func publishedPortsAreNamedWhereTheyMakeTheDifference() {
        #expect(
            issues { policy.expectAllowed(tcp: 8080, from: "192.168.0.1", on: "eth1") } == [
                """
                0: a connection that is expected to be allowed is dropped
                the packet: a new tcp connection from 192.168.0.1:40000 to 198.51.100.1:8080, entering at eth1, leaving at docker0
                Policies.swift:18: this rule decides: [9qf3ec31d]
                for published ports it is as expected: 'published: true' speaks of these alone
                """
            ])
    }

    @Test func theAnswerOfARejectionCounts() {
        #expect(
            issues { policy.expectRejected(tcp: 113, from: "192.0.2.1", on: "eth0", with: .noRoute) } == [
                """
                0: a connection that is expected to be rejected with no-route is rejected with tcp-reset
                the packet: a new tcp connection from 192.0.2.1:40000 to 198.51.100.1:113, entering at eth0, leaving at docker0
                Policies.swift:13: this rule decides: [vwnex2py]
                """
            ])
    }

    @Test func runningConnectionsAreMeantToo() {
        let lenient = PolicyUnderTest(LenientPolicy.self)
        #expect(
            issues { lenient.expectDropped(tcp: 80, from: "192.0.2.1", on: "eth0") } == [
                """
                0: a connection that is expected to be dropped is handed on to Docker (leave)
                the packet: a packet of the established tcp connection from 192.0.2.1:40000 to 198.51.100.1:80, entering at eth0, leaving at docker0
                Policies.swift:42: this rule decides: [yh6a13ke]
                """
            ])
    }

    @Test func mistakesInAQuestionAreItsFailures() {
        let found = issues {
            policy.expectAllowed(tcp: 443, from: "10.0.0.300")
            policy.expectAllowed(.icmp, from: "2001:db8::1")
            policy.expectDropped(from: AddressSet(contentsOf: "unknown.txt"))
            policy.expectDropped(
                .icmp(.echoRequest), to: "198.51.100.1", containerAddress: "172.17.0.2", published: false)
        }
        #expect(
            found == [
                "1: '10.0.0.300' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9",
                "2: the expectation can never match: from: '2001:db8::1' is IPv6, and the rest of the expectation is IPv4 only",
                "3: the test does not give the contents of 'unknown.txt': name them in files: of PolicyUnderTest",
                "4: there is no connection of which the expectation speaks: its parts exclude each other",
            ])
    }

    @Test func aPolicyWithErrorsFailsEachExpectation() {
        #expect(
            issues { PolicyUnderTest(BrokenPolicy.self).expectAllowed(tcp: 443) } == [
                """
                0: the policy does not compile:
                Policies.swift:35: error: '10.0.0.300' is no address: expected an IPv4 or IPv6 address, a network such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9 [bad-address]
                """
            ])
    }

    @Test func aPolicyCompilesOrSaysWhyNot() throws {
        try expectCompiles(TestHost.self, files: ["blocklist.txt": "192.0.2.1"])
        #expect(throws: PolicyTestFailure.self) { try expectCompiles(BrokenPolicy.self) }
    }
}
