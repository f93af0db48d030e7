import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// Rules of iptables that nft has no exact form for: the one is named, and nothing is written.
    @Suite struct ImportedRefusalTests {
        /// A rule between two others.
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String { rule }
            let rule: String
            /// The word that the message has to hold.
            let word: String
            /// Whether iptables-legacy takes it, in the filter table of any host.
            let isTaken: Bool

            init(_ rule: String, _ word: String, isTaken: Bool = true) {
                self.rule = rule
                self.word = word
                self.isTaken = isTaken
            }
        }

        static let cases = [
            Case("-m recent --name a --set", "recent"),
            Case("-m recent --name a --rcheck --seconds 60 --hitcount 3 -j DROP", "recent"),
            Case("-p tcp -m string --string \"GET /\" --algo bm -j DROP", "string"),
            Case("-m physdev --physdev-is-bridged -j DROP", "physdev"),
            Case("-m u32 --u32 \"0x0&0xf=0x5\" -j DROP", "u32"),
            Case(
                "-m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name a -j RETURN", "hashlimit"),
            Case("-p tcp -m connlimit --connlimit-above 5 -j DROP", "connlimit"),
            Case("-m statistic --mode nth --every 2 --packet 0 -j DROP", "statistic"),
            Case("-m time --timestart 09:00 --timestop 17:00 -j DROP", "time"),
            Case("-m time --weekdays Mon,Tue -j DROP", "time"),
            Case("-m policy --dir in --pol ipsec -j DROP", "policy"),
            // iptables 1.8.9 loads it as the one address.
            Case("-m conntrack --ctorigsrc 192.168.0.1/255.255.0.255 -j DROP", "gaps"),
            Case("-j NFQUEUE --queue-num 1", "NFQUEUE"),
            Case("-j ACCEPT", "--accept-mark"),
            Case("-m set --match-set absent src -j DROP", "set", isTaken: false),
            Case("-m geoip --src-cc DE -j DROP", "geoip", isTaken: false),
            Case("-m bpf --bytecode \"1,6 0 0 1\" -j DROP", "bpf", isTaken: false),
            Case("-j TTL --ttl-set 5", "TTL", isTaken: false),
            Case("-p tcp -m tcp --dport 60000:29 -j DROP", "60000:29", isTaken: false),
            Case("-s ntp.example.net -j DROP", "ntp.example.net", isTaken: false),
        ]

        @Test(arguments: cases) func isRefusedByName(_ one: Case) throws {
            let lab = try #require(LabTrait.lab)
            let text = ImportedText(["-p udp -j DROP", one.rule, "-p tcp --dport 80 -j DROP"], .dockerUser, .ip)
            if one.isTaken {
                try lab.resetFirewall()
                try text.loadByIPTables(in: lab)
            }
            let compiled = try text.compile(in: lab)
            #expect(compiled.status == 3 && compiled.output == "", "\(compiled)")
            let lines = compiled.complaint.split(separator: "\n").filter { $0.contains("error: ") }
            let line = try #require(text.line(of: one.rule))
            #expect(lines.count == 1, "\(compiled.complaint)")
            #expect(
                lines.allSatisfy { $0.contains("\(text.fileName):\(line):") && $0.contains(one.word) },
                "\(compiled.complaint)")
        }

        /// Why a mask with gaps is refused in a match of connections: it is none to iptables 1.8.9, and `-s` takes it.
        @Test func iptablesForgetsAMaskWithGaps() throws {
            let lab = try #require(LabTrait.lab)
            for (rule, isForgotten) in [("-m conntrack --ctorigsrc", true), ("-s", false)] {
                try lab.resetFirewall()
                try ImportedText([rule + " 192.168.0.1/255.255.0.255 -j DROP"], .dockerUser, .ip).loadByIPTables(
                    in: lab)
                let fates = try lab.send([.tcp(8080, .ip), .tcp(8080, .ip, from: .neighbour)])
                #expect(fates == [.dropped, isForgotten ? .passed : .dropped], "\(rule)")
            }
        }

        /// Three in one text are three messages, in the order of their lines.
        @Test func allAreFoundAtOnce() throws {
            let lab = try #require(LabTrait.lab)
            let rules = [
                "-m recent --name a --set", "-p udp -j DROP", "-j NFQUEUE --queue-num 1",
                "-m u32 --u32 \"0x0=0x5\" -j DROP",
            ]
            let compiled = try ImportedText(rules, .dockerUser, .ip).compile(in: lab)
            #expect(compiled.status == 3)
            let lines = compiled.complaint.split(separator: "\n").filter { $0.contains("error: ") }
            #expect(lines.count == 3)
            for (line, number) in zip(lines, [3, 5, 6]) { #expect(line.contains("rules.v4:\(number):"), "\(line)") }
        }
    }
}
