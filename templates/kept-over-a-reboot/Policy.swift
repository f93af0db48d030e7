// A published port that is closed to the outside, also after a reboot: nobody dials TCP port 8080 at eth0.
//
//     seawall check FOLDER
//     seawall apply FOLDER --backend iptables              now, on the Docker host, as root; or --backend nft
// and for the next boot the file that the host's own service loads, one of:
//     seawall compile FOLDER --for sysconfig -o /etc/sysconfig/             iptables.service, ip6tables.service
//     seawall compile FOLDER --for netfilter-persistent -o /etc/iptables/   Debian's netfilter-persistent
//     seawall compile FOLDER --for nftables-service -o /etc/seawall.nft     to be included from /etc/nftables.conf
//
// In place of these lines in /etc/sysconfig/iptables:
//     -N DOCKER-USER
//     -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP
// There is no *filter above them and no COMMIT below, so the service loads nothing; and nothing jumps to the chain before
// Docker has started.
import Seawall

@main
struct KeptOverAReboot: Policy {
    var body: PolicyContent {
        Containers {
            // direct: .drop, as in one-port-one-client: no way around the published port by routing.
            Inbound(on: "eth0", direct: .drop) {
                Drop(.tcp(8080))
            }
        }

        // Not a rule, but what is expected of it: for each packet that is meant, checked by `seawall check`.
        Expect(.dropped, .tcp(8080), on: "eth0")
    }
}
