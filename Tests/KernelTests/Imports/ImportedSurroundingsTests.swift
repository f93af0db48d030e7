import Glibc
import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// Rules of iptables about addresses, links, marks, lengths, rates and times.
    @Suite struct ImportedSurroundingsTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ imported: ImportedCase, under backend: Backend) throws { try imported.judge(under: backend) }

        static let cases = addresses + interfaces + marks + headers + rates + times

        static let addresses = [
            ImportedCase("a mask with a gap", ["-s 192.168.0.1/255.255.0.255 -j DROP"]) { family in
                [
                    .drops(.tcp(8080, family)), .drops(.tcp(8080, family, from: .neighbour)),
                    .passes(.tcp(8080, family, from: .stranger)), .drops(.tcp(8080, family, source: "192.168.77.1")),
                    .passes(.tcp(8080, family, source: "192.167.0.1")),
                ]
            },
            ImportedCase("all but a mask with a gap", ["! -s 192.168.0.1/255.255.0.255 -j DROP"]) { family in
                [
                    .passes(.tcp(8080, family)), .passes(.tcp(8080, family, from: .neighbour)),
                    .drops(.tcp(8080, family, from: .stranger)), .drops(.tcp(8080, family, source: "192.167.0.1")),
                ]
            },
            ImportedCase(
                "host bits behind the prefix, and a range",
                [
                    "-s 192.168.0.199/26 -j DROP",
                    "-m iprange --src-range 192.168.0.90-192.168.0.99 ! --dst-range 172.18.0.3-172.18.0.9 -j DROP",
                ]
            ) { family in
                [
                    .drops(.tcp(8080, family, source: "192.168.0.192")),
                    .passes(.tcp(8080, family, source: "192.168.0.191")),
                    .drops(.tcp(8080, family, from: .stranger)), .passes(.ping(family, from: .stranger, to: .peer)),
                    .passes(.tcp(8080, family)),
                ]
            },
        ]

        static let interfaces = [
            ImportedCase("all interfaces but any", ["! -i + -j DROP"]) { family in
                [.passes(.tcp(8080, family)), .passes(.tcp(8080, family, from: .neighbour))]
            },
            ImportedCase("any interface", ["-i + -p tcp -j DROP"]) { family in
                [.drops(.tcp(8080, family)), .passes(.udp(5353, family))]
            },
            ImportedCase("interfaces by their first letters", ["! -o docker+ -i eth+ -j DROP"]) { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(5432, family)),
                    .drops(.tcp(5432, family, from: .neighbour)),
                    .passes(.ping(family, from: .web, to: .database)),
                ]
            }.forBoth,
            ImportedCase("a name that is the beginning of another", ["-i eth -j DROP"]) { family in
                [.passes(.tcp(8080, family))]
            },
            ImportedCase(
                "hardware addresses", after: { _ in [] },
                writing: { _, lab in
                    ["-m mac --mac-source \(try lab.hardwareAddress(of: .client)) -p tcp -j DROP"]
                }
            ) { family in
                [
                    .drops(.tcp(8080, family)), .passes(.tcp(8080, family, from: .stranger)),
                    .passes(.udp(5353, family)),
                    .drops(.tcp(8080, family, source: "192.168.0.99")),
                ]
            },
            ImportedCase(
                "all hardware addresses but one", after: { _ in [] },
                writing: { _, lab in
                    ["-m mac ! --mac-source \(try lab.hardwareAddress(of: .client)) -j DROP"]
                }
            ) { family in
                [.passes(.tcp(8080, family)), .drops(.tcp(8080, family, from: .stranger))]
            },
        ]

        static let marks = [
            ImportedCase("bits of the mark turned over", ["-j MARK --xor-mark 0x5", "-m mark --mark 0x4 -j DROP"]) {
                family in
                [
                    .drops(.tcp(8080, family).marked(1)), .passes(.tcp(8080, family)),
                    .passes(.tcp(443, family).marked(2)),
                ]
            }.forBoth,
            ImportedCase(
                "bits of the mark taken and given",
                [
                    "-p tcp -j MARK --and-mark 0x1", "-p udp -j MARK --or-mark 0x8", "-m mark --mark 0x1/0x9 -j DROP",
                    "-p udp -m mark --mark 0xa -j DROP",
                ]
            ) { family in
                [
                    .drops(.tcp(8080, family).marked(3)), .passes(.tcp(8080, family).marked(2)),
                    .drops(.tcp(443, family).marked(17)), .drops(.udp(443, family).marked(2)),
                    .passes(.udp(443, family).marked(1)), .passes(.udp(5353, family)),
                ]
            },
            ImportedCase(
                "a part of the mark set", ["-p tcp -j MARK --set-xmark 0x10/0x1", "-m mark --mark 0x12 -j DROP"]
            ) { family in
                [
                    .drops(.tcp(8080, family).marked(3)), .drops(.tcp(443, family).marked(2)),
                    .passes(.tcp(22, family)),
                    .passes(.udp(5353, family).marked(3)),
                ]
            },
            ImportedCase(
                "a value outside of its mask",
                ["-m mark --mark 0x101/0xff -j DROP", "-p udp -m mark ! --mark 0x101/0xff -j DROP"]
            ) { family in
                [
                    .passes(.tcp(8080, family).marked(1)), .passes(.tcp(8080, family)),
                    .drops(.udp(5353, family).marked(1)),
                ]
            },
        ]

        static let headers = [
            ImportedCase(
                "time to live",
                ["-m ttl --ttl-lt 10 -j DROP", "-m ttl --ttl-gt 100 -j DROP", "-p udp -m ttl ! --ttl-eq 63 -j DROP"]
            ) { family in
                [
                    .drops(limited(.tcp(8080, family), 10)), .passes(limited(.tcp(8080, family), 11)),
                    .passes(limited(.tcp(8080, family), 101)), .drops(limited(.tcp(8080, family), 102)),
                    .passes(.udp(5353, family)), .drops(limited(.udp(443, family), 63)),
                ]
            },
            ImportedCase("hop limit", ["-m hl --hl-lt 10 -j DROP", "-m hl --hl-gt 100 -j DROP"]) { family in
                [
                    .drops(limited(.tcp(8080, family), 10)), .passes(limited(.tcp(8080, family), 11)),
                    .passes(limited(.tcp(8080, family), 101)), .drops(limited(.tcp(8080, family), 102)),
                ]
            }.with { $0.families = [.ip6] },
            // TCP of the lab has 52 bytes, UDP 40; IPv6 has 20 more.
            ImportedCase(
                "length", after: { _ in [] },
                writing: { family, _ in
                    ["-m length --length \(family == .ip ? "41:52" : "61:72") -j DROP"]
                }
            ) { family in
                [.drops(.tcp(8080, family)), .passes(.udp(5353, family))]
            }.forBoth,
            ImportedCase(
                "another length", after: { _ in [] },
                writing: { family, _ in
                    ["-m length ! --length \(family == .ip ? 52 : 72) -j DROP"]
                }
            ) { family in
                [.passes(.tcp(8080, family)), .drops(.udp(5353, family))]
            }.forBoth,
            ImportedCase("differentiated services", ["-m dscp --dscp 10 -j DROP", "-p udp -m dscp ! --dscp 0 -j DROP"])
            { family in
                [
                    .drops(.tcp(8080, family).marked(10)), .passes(.tcp(8080, family).marked(11)),
                    .passes(.tcp(8080, family)),
                    .passes(.udp(5353, family)), .drops(.udp(5353, family).marked(12)),
                ]
            }.forBoth,
        ]

        /// UDP that comes in from outside, so that no answer takes a token.
        static let rates = [
            ImportedCase(
                "a limit in front of a match that fails has taken its token",
                [
                    "-i eth0 -p udp -m limit --limit 1/hour --limit-burst 2 -m conntrack --ctorigdstport 443 -j DROP"
                ]
            ) { family in
                [
                    .passes(.udp(5353, family)), .drops(.udp(443, family)), .passes(.udp(443, family)),
                    .passes(.udp(443, family)),
                ]
            }.with { $0.isSentOneByOne = true },
            ImportedCase(
                "what stands in front of all matches takes no token, wherever it is written",
                [
                    "-m limit --limit 1/hour --limit-burst 2 -p udp -i eth0 -s 192.168.0.1 -j DROP"
                ]
            ) { family in
                [
                    .passes(.ping(family)), .passes(.udp(443, family, from: .stranger)), .drops(.udp(443, family)),
                    .passes(.udp(443, family, from: .neighbour)), .drops(.udp(443, family)), .passes(.udp(443, family)),
                ]
            }.with { $0.isSentOneByOne = true },
            ImportedCase(
                "the burst that is not written",
                ["-i eth0 -p udp -m limit --limit 1/hour -j RETURN", "-i eth0 -p udp -j DROP"]
            ) { family in
                Array(repeating: .passes(.udp(443, family)), count: 5) + [
                    .drops(.udp(443, family)), .passes(.tcp(8080, family)),
                ]
            }.with { $0.isSentOneByOne = true },
        ]

        /// A moment is one of UTC, wherever the rules are loaded.
        static let times = ["UTC", "Asia/Tokyo", "Pacific/Honolulu"].map { zone in
            ImportedCase(
                "a date in \(zone)", after: { _ in [] },
                writing: { _, _ in
                    [
                        "-p tcp --dport 80 -m time --datestop \(moment(in: 1800)) -j DROP",
                        "-p tcp --dport 443 -m time --datestop \(moment(in: -1800)) -j DROP",
                    ]
                }
            ) { family in
                [.drops(.tcp(8080, family)), .passes(.tcp(443, family))]
            }.with { $0.zone = zone }
        }

        private static func limited(_ probe: Probe, _ hops: UInt8) -> Probe { probe.with { $0.hopLimit = hops } }

        /// So many seconds from now, as iptables writes it.
        private static func moment(in seconds: Int) -> String {
            var moment = time(nil) + seconds
            var parts = tm()
            gmtime_r(&moment, &parts)
            var buffer = [CChar](repeating: 0, count: 32)
            let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
            return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

extension Lab {
    /// The hardware address of a machine's `eth0`: `aa:bb:cc:dd:ee:ff`.
    fileprivate func hardwareAddress(of host: Host) throws -> String {
        let line = try Program.demand(["ip", "-br", "link", "show", "eth0"], in: self[host])
        let words = line.split(separator: " ")
        try #require(words.count >= 3, "\(line)")
        return String(words[2])
    }
}
