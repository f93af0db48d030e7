// A web host: HTTPS for all, an administration page for one client, a database for the office, and nothing else.
//
//     seawall check FOLDER                                 says what is wrong, or may not be meant
//     seawall compile FOLDER --backend iptables -o rules/  or --backend nft -o seawall.nft.json
//     seawall apply FOLDER --backend iptables              on the Docker host, as root; or --backend nft
//
// Change eth0, the addresses and the ports to yours. blocklist.txt is read when the policy is compiled: one address, network
// or range a line. The addresses here and there are reserved for documentation and belong to nobody.
import Seawall

// A set may hold both families: each rule that names it becomes one for IPv4 and one for IPv6.
let office: AddressSet = ["192.0.2.0/24", "2001:db8:10::/48"]

@main
struct WebHost: Policy {
    var body: PolicyContent {
        Containers {  // DOCKER-USER: what Docker forwards
            // Connections that enter there. Replies and related ICMP errors are not judged, so they need no rule.
            Inbound(on: "eth0") {
                // The first rule that matches decides. This one drops running connections as well, at their next packet.
                Drop(from: AddressSet(contentsOf: "blocklist.txt"))

                // Ports are those that the client dials: for `docker run -p 443:8443` it is 443.
                Allow(.tcp(443), .udp(443))
                Allow(.tcp(8080), from: "192.168.0.1")
                Drop(.tcp(8080))
                Allow(.tcp(5432), from: office).comment("reporting")
                Reject(.tcp(113), with: .tcpReset)

                // The log line has a rate; the drop has none.
                Default(.drop).log(prefix: "seawall: ", limit: .perMinute(10))
            }
            // What containers of one network may not dial: here the metadata service of a cloud.
            Outbound(via: "eth0", from: .network("172.18.0.0/16")) { Drop(to: "169.254.169.254") }
        }

        // Not rules, but what is expected of them: for each packet that is meant, checked by `seawall check`.
        Expect(.allowed, .tcp(443), from: "198.51.100.7", on: "eth0")
        Expect(.dropped, .tcp(5432), from: .not(office), on: "eth0")
    }
}
