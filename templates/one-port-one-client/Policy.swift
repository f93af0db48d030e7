// One published port for one client: 192.168.0.1 may dial TCP port 8080 at eth0, nobody else, over IPv4 or IPv6.
// Other published ports, and what containers dial themselves, stay as Docker has them.
//
//     seawall check FOLDER
//     seawall compile FOLDER --backend iptables -o rules/  or --backend nft -o seawall.nft.json
//     seawall apply FOLDER --backend iptables              on the Docker host, as root; or --backend nft
//
// In place of the two commands that are handed around for this, which shut the client out as well:
//     iptables -A DOCKER-USER -i eth0 -s 192.168.0.1 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j ACCEPT
//     iptables -I DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP
// The second is inserted above the first; and where the chain ends with Docker's RETURN, the first is never asked at all.
import Seawall

@main
struct OnePortOneClient: Policy {
    var body: PolicyContent {
        Containers {
            // direct: .drop shuts the way around the published port: a neighbour that routes packets straight to the
            // container's address dials the container's own port, which the rules below do not name. It shuts out everything
            // that enters at eth0 and is forwarded without having dialled a published port. If the host routes other things as
            // well, say where containers are with toward: ["docker0", "br-*"].
            Inbound(on: "eth0", direct: .drop) {
                Allow(.tcp(8080), from: "192.168.0.1")  // in the order written: the exception first
                Drop(.tcp(8080))  // no address, so both families
            }
        }

        // Not rules, but what is expected of them: for each packet that is meant, checked by `seawall check`.
        Expect(.allowed, .tcp(8080), from: "192.168.0.1", on: "eth0", published: true)
        Expect(.dropped, .tcp(8080), from: .not("192.168.0.1"), on: "eth0")
    }
}
