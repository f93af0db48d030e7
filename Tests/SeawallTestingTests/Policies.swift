import Seawall
import SeawallTesting

let office: AddressSet = ["192.0.2.0/24", "2001:db8:10::/48"]

struct TestHost: Policy {
    var body: PolicyContent {
        Containers {
            Inbound(on: "eth0") {
                Drop(from: AddressSet(contentsOf: "blocklist.txt"))
                Allow(.tcp([443, 8443]), .udp(443))
                Allow(.tcp(5432), from: office).comment("reporting")
                Reject(.tcp(113), with: .tcpReset)
                Allow(.icmp(.echoRequest)).limit(.perSecond(5))
                Allow(.tcp(22), from: "198.51.100.7").until("2020-01-31")
                Default(.drop).log(prefix: "seawall: ", limit: .perMinute(10))
            }
            Inbound(on: "eth1", direct: .drop) {
                Allow(.tcp(8080), from: "192.168.0.1")
                Drop(.tcp(8080))
            }
            Between("br-app", "br-db") {
                Allow(containerAddress: "172.18.0.2")
                Default(.drop)
            }
        }
    }

    /// The policy with its block list.
    static let tested = PolicyUnderTest(TestHost.self, files: ["blocklist.txt": "203.0.113.66\n2001:db8:bad::/48\n"])
}

struct BrokenPolicy: Policy {
    var body: PolicyContent {
        Containers { Inbound(on: "eth0") { Allow(.tcp(443), from: "10.0.0.300") } }
    }
}

struct LenientPolicy: Policy {
    var body: PolicyContent {
        Containers {
            Rule(.allow) { Match.state(.established) }
            Inbound(on: "eth0") { Default(.drop) }
        }
    }
}
