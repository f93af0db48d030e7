// All containers for one client: what enters at eth0 for any container is dropped unless it comes from 192.168.0.1.
// What containers dial themselves goes on working.
//
//     seawall check FOLDER
//     seawall compile FOLDER --backend iptables -o rules/  or --backend nft -o seawall.nft.json
//     seawall apply FOLDER --backend iptables              on the Docker host, as root; or --backend nft
//
// In place of the command that is handed around for this:
//     iptables -I DOCKER-USER -i eth0 ! -s 192.168.0.1 -j DROP
// It drops the answers to connections that containers open, too, since these enter at eth0 like all else; and it is a rule for
// IPv4 alone, so that every IPv6 client stays where it was.
import Seawall

@main
struct AllButOneClient: Policy {
    var body: PolicyContent {
        Containers {
            // Answers are not judged in a scope. `direct:` is not needed: the rule names no port, so it judges packets that
            // are routed straight to a container like all others.
            Inbound(on: "eth0") {
                Drop(from: .not("192.168.0.1"))  // all other addresses of both families: all of IPv6, too
            }
        }

        // Not rules, but what is expected of them: for each packet that is meant, checked by `seawall check`.
        Expect(.allowed, from: "192.168.0.1", on: "eth0")
        Expect(.dropped, from: .not("192.168.0.1"), on: "eth0")
    }
}
