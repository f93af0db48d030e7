import SeawallTesting
import Testing

@testable import OnePortOneClient

// The policy is looked at for every packet that is meant, whatever is left out; nothing is sent. A failure shows a packet,
// and the rule that decided about it.
struct OnePortOneClientTests {
    let policy = PolicyUnderTest(OnePortOneClient.self)

    @Test func `one client dials the port`() {
        policy.expectAllowed(tcp: 8080, from: "192.168.0.1", on: "eth0", published: true)
    }

    @Test func `nobody else does, nor anybody around the published port`() {
        policy.provesNever(.allowed, .tcp(8080), from: .not("192.168.0.1"), on: "eth0")
        policy.provesNever(.allowed, on: "eth0", published: false)
    }
}
