import SeawallTesting
import Testing

@testable import KeptOverAReboot

// The policy is looked at for every packet that is meant, whatever is left out; nothing is sent. A failure shows a packet,
// and the rule that decided about it.
struct KeptOverARebootTests {
    let policy = PolicyUnderTest(KeptOverAReboot.self)

    @Test func `nobody dials the port`() {
        policy.provesNever(.allowed, .tcp(8080), on: "eth0")
    }

    @Test func `other published ports stay open`() {
        policy.expectAllowed(.tcp(.not(8080)), .udp, on: "eth0", published: true)
    }
}
