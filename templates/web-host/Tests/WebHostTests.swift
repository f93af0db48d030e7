import SeawallTesting
import Testing

@testable import WebHost

// The policy is looked at for every packet that is meant, whatever is left out; nothing is sent. A failure shows a packet,
// and the rule that decided about it.
struct WebHostTests {
    let policy = PolicyUnderTest(WebHost.self, files: ["blocklist.txt": "203.0.113.5\n2001:db8:bad::/48"])

    @Test func `the web is open, but for those who are blocked`() {
        policy.expectAllowed(tcp: 443, from: .not(["203.0.113.5", "2001:db8:bad::/48"]), on: "eth0")
        policy.expectDropped(from: ["203.0.113.5", "2001:db8:bad::/48"], on: "eth0")
    }

    @Test func `one client administers`() {
        policy.expectAllowed(tcp: 8080, from: "192.168.0.1", on: "eth0")
        policy.provesNever(.allowed, .tcp(8080), from: .not("192.168.0.1"), on: "eth0")
    }

    @Test func `nobody but the office reaches the database`() {
        policy.expectAllowed(tcp: 5432, from: office, on: "eth0")
        policy.provesNever(.allowed, .tcp(5432), from: .not(office), on: "eth0")
    }

    @Test func `containers do not reach the metadata service`() {
        policy.provesAlways(.dropped, from: "172.18.0.0/16", to: "169.254.169.254", on: "br-*", via: "eth0")
    }
}
