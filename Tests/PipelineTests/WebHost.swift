import Seawall

let office: AddressSet = ["192.0.2.0/24", "2001:db8:10::/48"]

/// The example of the guide.
struct WebHost: Policy {
    var body: PolicyContent {
        Containers {
            Inbound(on: "eth0") {
                Drop(from: AddressSet(contentsOf: "blocklist.txt"))
                Allow(.tcp(443), .udp(443))
                Allow(.tcp(8080), from: "192.168.0.1")
                Drop(.tcp(8080))
                Allow(.tcp(5432), from: office).comment("reporting")
                Reject(.tcp(113), with: .tcpReset)
                Default(.drop).log(prefix: "seawall: ", limit: .perMinute(10))
            }
            Outbound(via: "eth0", from: .network("172.18.0.0/16")) { Drop(to: "169.254.169.254") }
        }
    }
}
