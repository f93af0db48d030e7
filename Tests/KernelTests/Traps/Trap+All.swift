import PacketLab
import PacketModel

extension Trap {
    /// All traps that a lab without Docker can show.
    static var all: [Trap] { ports + connections + order + places + verdicts }

    private static let stranger = "a stranger → published port 8080"

    private static let ports = [
        Trap(
            title: "A published port, closed in INPUT", commands: ["iptables -A INPUT -p tcp --dport 8080 -j DROP"],
            sightings: [Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .passed)],
            findings: nil),
        Trap(
            title: "The dialled port, asked of the packet",
            commands: ["iptables -A DOCKER-USER -i eth0 -p tcp --dport 8080 -j DROP"],
            sightings: [Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .passed)],
            findings: ["cuts-replies"]),
        Trap(
            title: "The port of the container",
            commands: ["iptables -A DOCKER-USER -i eth0 -p tcp --dport 80 -j DROP"],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(
                    "a stranger → published port 9090, of another service on port 80",
                    .tcp(9090, .ip, from: .stranger), meant: .passed, happens: .dropped),
            ], findings: ["cuts-replies"]),
        Trap(
            title: "A published port, reached by its container's address",
            commands: [
                "iptables -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP"
            ],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(
                    "a stranger on the link → 172.18.0.2:80, by a route through the host",
                    .direct(.tcp(destination: 80), .ip, from: .stranger), meant: .dropped, happens: .passed),
            ], findings: []),
        Trap(
            title: "Published, so it was translated",
            commands: ["iptables -A DOCKER-USER -i eth0 -m conntrack --ctstate DNAT --ctdir ORIGINAL -j DROP"],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(
                    "a stranger on the link → 172.18.0.2:80, by a route through the host",
                    .direct(.tcp(destination: 80), .ip, from: .stranger), meant: .dropped, happens: .passed),
            ], findings: []),
    ]

    /// The question of a container to a machine outside, and the answer, which is addressed to the host.
    private static let question = Probe.direct(
        .tcp(source: 40_100, destination: 443), .ip, from: .web, to: .stranger)
    private static let answer = Probe(
        Packet(
            from: Host.stranger.address(.ip), to: Host.router.address(.ip),
            .tcp(source: 443, destination: 40_100, flags: [.syn, .ack])), from: .stranger, reaches: .web)
    private static let outbound = "the answer to what a container dialled at port 443"

    private static let connections = [
        Trap(
            title: "A dialled port without a direction",
            commands: ["iptables -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 443 -j DROP"],
            before: [question],
            sightings: [
                Sighting(
                    "a stranger → published port 443", .tcp(443, .ip, from: .stranger), meant: .dropped,
                    happens: .dropped),
                Sighting(outbound, answer, meant: .passed, happens: .dropped),
            ], findings: ["cuts-replies"]),
        Trap(
            title: "Everything that enters, dropped", commands: ["iptables -A DOCKER-USER -i eth0 -j DROP"],
            before: [question],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(outbound, answer, meant: .passed, happens: .dropped),
            ], findings: ["cuts-replies"]),
        Trap(
            title: "All but one, from Docker's own pages",
            commands: ["iptables -I DOCKER-USER -i eth0 ! -s 192.168.0.1 -j DROP"], before: [question],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(outbound, answer, meant: .passed, happens: .dropped),
            ], findings: ["cuts-replies"]),
        Trap(
            title: "Two questions in one match",
            commands: [
                "iptables -A DOCKER-USER -i eth0 -m conntrack ! --ctstate RELATED,ESTABLISHED --ctorigdstport 8080 -j DROP"
            ],
            sightings: [
                Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .dropped),
                Sighting(
                    "a packet to port 22 of a container that conntrack calls invalid",
                    .direct(.tcp(destination: 22), .ip, from: .stranger).invalid, meant: .passed, happens: .dropped),
            ], findings: []),
        Trap(
            title: "Established connections first",
            commands: [
                "iptables -A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
                "iptables -A DOCKER-USER -i eth0 -p udp -m conntrack --ctorigdstport 5353 -j DROP",
            ],
            before: [
                .published(.udp(source: 40_200, destination: 5353), .ip),
                Probe(
                    Packet(
                        from: Host.web.address(.ip), to: Host.client.address(.ip),
                        .udp(source: 53, destination: 40_200)), from: .web, reaches: .client),
            ],
            sightings: [
                Sighting(
                    "a client → published port 5353, new", .udp(5353, .ip, from: .stranger), meant: .dropped,
                    happens: .dropped),
                Sighting(
                    "the next packet of a client that was connected when the rules came",
                    .published(.udp(source: 40_200, destination: 5353), .ip), meant: .dropped, happens: .passed),
            ], findings: []),
    ]

    private static let order = [
        Trap(
            title: "Behind the RETURN that Docker 20.10 keeps at the end",
            commands: [
                "iptables -A DOCKER-USER -j RETURN   # was there already",
                "iptables -A DOCKER-USER -s 192.168.0.99 -j DROP",
            ],
            sightings: [Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .passed)],
            findings: ["shadowed"]),
        Trap(
            title: "Inserted one after the other",
            commands: [
                "iptables -I DOCKER-USER -i eth0 -s 192.168.0.1 -j RETURN",
                "iptables -I DOCKER-USER -i eth0 -m conntrack --ctdir ORIGINAL -j DROP",
            ],
            sightings: [
                Sighting(
                    "192.168.0.1 → published port 8080", .tcp(8080, .ip), meant: .passed, happens: .dropped)
            ], findings: ["redundant"]),
        Trap(
            title: "A limit that nothing stands behind",
            commands: [
                "iptables -A DOCKER-USER -i eth0 -p tcp --syn -m limit --limit 1/hour --limit-burst 1 -j ACCEPT"
            ], before: [],
            sightings: [
                Sighting("the first connection", .tcp(8080, .ip), meant: .passed, happens: .passed),
                Sighting("the second", .tcp(8080, .ip), meant: .dropped, happens: .passed),
            ], findings: []),
    ]

    private static let places = [
        Trap(
            title: "The address of the host",
            commands: ["iptables -A DOCKER-USER -d 192.168.0.254 -p tcp -j DROP"],
            sightings: [
                Sighting(
                    "a stranger → 192.168.0.254:8080, published", .tcp(8080, .ip, from: .stranger), meant: .dropped,
                    happens: .passed)
            ], findings: ["cuts-replies"]),
        Trap(
            title: "An interface for an address",
            commands: [
                "iptables -A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP"
            ],
            sightings: [
                Sighting(
                    "a machine beyond eth1 → 192.168.0.254:8080, the address of eth0",
                    .tcp(8080, .ip, from: .neighbour), meant: .dropped, happens: .passed)
            ], findings: []),
        Trap(
            title: "One family of two",
            commands: [
                "iptables -A DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP"
            ],
            sightings: [
                Sighting(
                    "an IPv6 stranger → published port 8080", .tcp(8080, .ip6, from: .stranger), meant: .dropped,
                    happens: .passed)
            ], findings: []),
        Trap(
            title: "The other iptables",
            commands: [
                "iptables-nft -N DOCKER-USER",
                "iptables-nft -A DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP",
            ],
            sightings: [Sighting(stranger, .tcp(8080, .ip, from: .stranger), meant: .dropped, happens: .passed)],
            findings: nil),
    ]

    private static let isolation = ["-i docker0 -o br-db -j DROP"]

    private static let verdicts = [
        Trap(
            title: "ACCEPT where RETURN was meant", commands: ["iptables -A DOCKER-USER -i docker0 -j ACCEPT"],
            docker: isolation,
            sightings: [
                Sighting(
                    "a container → a container of another network, which Docker keeps apart",
                    .direct(.tcp(destination: 5432), .ip, from: .web, to: .database), meant: .dropped,
                    happens: .passed)
            ], findings: []),
        Trap(
            title: "accept of nft, which is not ACCEPT",
            commands: [
                "nft add table inet mine",
                "nft 'add chain inet mine docker-user { type filter hook forward priority -10; }'",
                "nft add rule inet mine docker-user iifname docker0 oifname br-db accept",
            ], docker: isolation,
            sightings: [
                Sighting(
                    "a container → a container of another network, which is to be let through",
                    .direct(.tcp(destination: 5432), .ip, from: .web, to: .database), meant: .passed,
                    happens: .dropped)
            ], findings: nil),
        Trap(
            title: "The standard translator",
            commands: [
                "iptables -A DOCKER-USER -p tcp -m tcp -j RETURN", "iptables -A DOCKER-USER -j DROP",
                "iptables-save -t filter | iptables-restore-translate -f /dev/stdin | nft -f -",
                "iptables -F DOCKER-USER",
            ],
            sightings: [
                Sighting(
                    "a stranger → published port 5353 of UDP", .udp(5353, .ip, from: .stranger), meant: .dropped,
                    happens: .passed)
            ], findings: nil),
    ]
}
