import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// Chains of iptables: where packets go on, and what chains may be called.
    @Suite struct ImportedChainTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ imported: ImportedCase, under backend: Backend) throws { try imported.judge(under: backend) }

        static let cases = ways + names + tables + accepting

        static let ways = [
            ImportedCase(
                "a return goes on behind the jump",
                [
                    ":first - [0:0]", "-j first", "-s 192.168.0.99 -j DROP", "-A first -p tcp --dport 80 -j RETURN",
                    "-A first -p tcp -j DROP",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .stranger)), .drops(.tcp(443, family)),
                    .passes(.udp(5353, family)), .drops(.udp(5353, family, from: .stranger)),
                ]
            },
            ImportedCase(
                "a return behind a goto leaves both chains",
                [
                    ":first - [0:0]", "-p tcp -g first", "-j DROP", "-A first -p tcp --dport 80 -j RETURN",
                    "-A first -p tcp --dport 443 -j DROP",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(.tcp(22, family)),
                    .drops(.udp(5353, family)), .drops(.ping(family)),
                ]
            }.forBoth,
            ImportedCase(
                "a goto in a chain returns to where the chain was called",
                [
                    ":first - [0:0]", ":second - [0:0]", "-j first", "-p tcp --dport 80 -j RETURN", "-j DROP",
                    "-A first -p tcp -g second", "-A first -p udp --dport 53 -j RETURN", "-A first -p udp -j DROP",
                    "-A second -p tcp --dport 443 -j DROP", "-A second -j RETURN", "-A second -p tcp -j DROP",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .drops(.tcp(22, family)),
                    .drops(.udp(5353, family)), .drops(.ping(family)),
                ]
            }.forBoth,
            ImportedCase(
                "a chain that is empty, and rules behind one that decides all",
                [
                    ":empty - [0:0]", "-j empty", "-p udp -g empty", "-p tcp --dport 443 -j DROP", "-j RETURN",
                    "-j DROP",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(.udp(443, family)),
                    .passes(.ping(family)),
                ]
            },
            ImportedCase(
                "rules that were put in front, one after the other",
                [
                    "iptables-legacy -I DOCKER-USER -p tcp --dport 80 -j DROP",
                    "iptables-legacy -I DOCKER-USER -s 192.168.0.1,192.168.1.1 -j RETURN",
                    "iptables-legacy -I DOCKER-USER 2 -p tcp --dport 443 -j DROP",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .stranger)),
                    .passes(.tcp(8080, family, from: .neighbour)), .drops(.tcp(443, family, from: .stranger)),
                    .passes(.tcp(22, family, from: .stranger)),
                    // Of the two addresses the second comes to stand first, and the third rule between them.
                    .drops(.tcp(443, family)), .passes(.tcp(443, family, from: .neighbour)),
                ]
            }.with { $0.form = .commands },
            ImportedCase(
                "a target in front of its matches",
                [
                    "-j RETURN -s 192.168.0.1", "-j DROP -p tcp --dport 80",
                    "-j DROP -m comment --comment \"-j ACCEPT, 'all'\" -p udp",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .stranger)),
                    .passes(.tcp(443, family, from: .stranger)), .drops(.udp(443, family, from: .stranger)),
                ]
            },
            ImportedCase(
                "answers",
                [
                    "-p tcp --dport 80 -j REJECT --reject-with tcp-reset", "-p tcp --dport 443 -j REJECT",
                    "-p udp --dport 53 -j REJECT --reject-with icmp-host-prohibited", "-j LOG --log-prefix \"[x] \"",
                    "-p icmp -j REJECT --reject-with icmp-admin-prohibited",
                ]
            ) { family in
                [
                    .resets(.tcp(8080, family)), .rejects(.tcp(443, family), 3, 3), .rejects(.udp(5353, family), 3, 10),
                    .rejects(.ping(family), 3, 13), .passes(.udp(443, family)),
                ]
            },
        ]

        static let names = ["reject", "dynamic", "input", "accept", "1st", "DOS~Pro-t_ect"].map { name in
            ImportedCase(
                "a chain called \(name)",
                [
                    ":\(name) - [0:0]", "-p tcp -j \(name)", "-A \(name) -p tcp --dport 80 -j DROP",
                ]
            ) { family in
                [.drops(.tcp(8080, family)), .passes(.tcp(443, family)), .passes(.udp(5353, family))]
            }
        }

        static let tables = [
            ImportedCase("a built-in chain that is not declared", ["-A FORWARD -p udp -j DROP"]) { family in
                [.drops(.udp(5353, family)), .passes(.tcp(8080, family))]
            },
            ImportedCase(
                "policies, and what returns to them",
                [
                    ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ":forward - [0:0]",
                    ":last - [0:0]",
                    "-A FORWARD -p tcp -j forward", "-A FORWARD -p udp --dport 53 -j ACCEPT",
                    "-A FORWARD -p icmp -g last",
                    "-A FORWARD -p udp -j RETURN", "-A FORWARD -j ACCEPT", "-A forward -p tcp --dport 80 -j ACCEPT",
                    "-A forward -p tcp --dport 443 -j RETURN", "-A forward -p tcp --dport 22 -g last",
                    "-A last -p tcp -j RETURN",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .passes(.udp(5353, family)), .drops(.udp(443, family)),
                    .drops(.ping(family)),
                    // What returns from the chain that was jumped to is accepted by the last rule.
                    .passes(.tcp(443, family)), .passes(.tcp(22, family)),
                    .passes(.direct(.other(protocol: 47), family)),
                ]
            },
            ImportedCase(
                "a policy that drops, and states",
                [
                    ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]",
                    "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
                    "-A FORWARD -m conntrack --ctstate DNAT -p tcp -j ACCEPT",
                ], after: { [.published(.udp(source: 40_001, destination: 5353), $0), .answer(to: 40_001, $0)] }
            ) { family in
                [
                    .passes(.answer(to: 40_001, family)), .passes(.complaint(about: 40_001, family)),
                    .passes(.tcp(8080, family)), .drops(.udp(5353, family)),
                    .drops(.direct(.tcp(destination: 80), family)),
                    .drops(.direct(.tcp(destination: 80), family).invalid),
                ]
            },
        ].map { $0.with { $0.form = .table } }

        /// `ACCEPT` ends the table under iptables; in nft it takes a mark that Docker accepts.
        static let accepting = [
            ImportedCase(
                "acceptance that Docker cannot take back",
                [
                    ":late - [0:0]", "-p tcp --dport 80 -j ACCEPT", "-p tcp --dport 443 -j RETURN", "-p tcp -j late",
                    "-A late -p tcp --dport 22 -j ACCEPT", "-A late -m mark --mark 0x2 -j ACCEPT",
                ]
            ) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(.tcp(22, family)),
                    .drops(.udp(5353, family)),
                    .drops(.tcp(113, family)), .passes(.tcp(113, family).marked(2)),
                    .drops(.tcp(113, family).marked(1)),
                ]
            }.with {
                $0.docker = ["-m mark --mark 0x1000/0x1000 -j ACCEPT", "-o docker0 -j DROP"]
                $0.options = ["--accept-mark", "0x1000/0x1000"]
            }.forBoth
        ]
    }
}
