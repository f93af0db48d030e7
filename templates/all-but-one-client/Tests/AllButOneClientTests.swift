import SeawallTesting
import Testing

@testable import AllButOneClient

// The policy is looked at for every packet that is meant, whatever is left out; nothing is sent. A failure shows a packet,
// and the rule that decided about it.
struct AllButOneClientTests {
    let policy = PolicyUnderTest(AllButOneClient.self)

    @Test func `one client reaches all`() {
        policy.expectAllowed(from: "192.168.0.1", on: "eth0")
    }

    @Test func `nobody else reaches anything`() {
        policy.provesNever(.allowed, from: .not("192.168.0.1"), on: "eth0")
    }

    @Test func `containers dial whom they like`() {
        policy.provesAlways(.allowed, on: ["docker0", "br-*"])
    }
}
