import PacketLab
import PacketModel
import Testing

extension KernelTests {
    /// Rules of iptables about connections.
    ///
    /// The options of one `-m conntrack` belong together: behind `--ctstate`, packets without an entry are not asked for the
    /// rest.
    @Suite struct ImportedConnectionTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ imported: ImportedCase, under backend: Backend) throws { try imported.judge(under: backend) }

        static let cases = states + instances + tuples

        static let states = [
            dropping("a state or a translation", "-m conntrack --ctstate NEW,DNAT") { family in
                [
                    .drops(stray(family)), .drops(.tcp(8080, family)), .drops(again(family)),
                    .drops(.answer(to: 40_001, family)),
                    .passes(untranslated(family)), .passes(stray(family).invalid), .passes(stray(family).untracked),
                ]
            },
            dropping("no translation", "-m conntrack ! --ctstate DNAT") { family in
                [
                    .passes(.tcp(8080, family)), .passes(again(family)), .drops(stray(family)),
                    .drops(untranslated(family)), .drops(stray(family).invalid), .drops(stray(family).untracked),
                ]
            },
            dropping("no translation, and a state", "-m conntrack ! --ctstate DNAT,INVALID") { family in
                [
                    .passes(.tcp(8080, family)), .drops(stray(family)), .passes(stray(family).invalid),
                    .drops(stray(family).untracked),
                ]
            },
            dropping("states in any order", "-m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED") { family in
                [
                    .drops(again(family)), .drops(.complaint(about: 40_001, family)), .drops(stray(family).untracked),
                    .passes(stray(family)), .passes(stray(family).invalid),
                ]
            },
            dropping("none of some states", "-m conntrack ! --ctstate ESTABLISHED,RELATED") { family in
                [
                    .passes(again(family)), .passes(.complaint(about: 40_001, family)), .drops(stray(family)),
                    .drops(stray(family).invalid), .drops(stray(family).untracked),
                ]
            },
            dropping("two matches of states side by side", "-m state --state NEW,INVALID -m conntrack ! --ctstate NEW")
            { family in
                [.drops(stray(family).invalid), .passes(stray(family)), .passes(stray(family).untracked)]
            },
            dropping("no status at all", "-m conntrack --ctstatus NONE") { family in
                [.passes(stray(family)), .passes(again(family)), .passes(stray(family).invalid)]
            },
            dropping("another status", "-m conntrack ! --ctstatus SEEN_REPLY,EXPECTED") { family in
                [.passes(again(family)), .drops(stray(family)), .passes(stray(family).invalid)]
            },
        ]

        static let instances = [
            dropping(
                "a state that hides a port", "-m conntrack ! --ctstate ESTABLISHED,RELATED --ctorigdstport 80"
            ) { family in
                [
                    .drops(stray(family)), .passes(other(family)), .passes(.tcp(8080, family)),
                    .drops(other(family).invalid), .drops(other(family).untracked), .passes(again(family)),
                ]
            },
            dropping(
                "the same as two matches",
                "-m conntrack ! --ctstate ESTABLISHED,RELATED -m conntrack --ctorigdstport 80"
            ) { family in
                [
                    .drops(stray(family)), .passes(other(family)), .passes(stray(family).invalid),
                    .passes(other(family).invalid), .passes(other(family).untracked),
                ]
            },
            dropping("the state without an entry, and a port", "-m conntrack --ctstate INVALID --ctorigdstport 80") {
                family in
                [
                    .drops(other(family).invalid), .passes(other(family).untracked), .passes(stray(family)),
                    .passes(other(family)),
                ]
            },
            dropping(
                "all that one match can hold",
                { family in
                    let address = family == .ip ? "192.168.0.254/32" : "fd00:0:0:1::fe/128"
                    return
                        "-m conntrack --ctstate NEW,ESTABLISHED --ctproto 17 --ctorigdst \(address) --ctorigdstport 5353 --ctdir ORIGINAL"
                }
            ) { family in
                [
                    .drops(again(family)), .drops(.udp(5353, family)), .passes(.answer(to: 40_001, family)),
                    .passes(.tcp(8080, family)), .passes(.complaint(about: 40_001, family)),
                    .passes(untranslated(family)),
                    .passes(stray(family).invalid),
                ]
            },
        ]

        static let tuples = [
            dropping("the port that was dialled, of any protocol", "-m conntrack --ctorigdstport 5353") { family in
                [
                    .drops(again(family)), .drops(.answer(to: 40_001, family)),
                    .drops(.complaint(about: 40_001, family)),
                    .drops(.containerComplaint(about: 40_001, family)), .drops(.udp(5353, family)),
                    .drops(.direct(.tcp(destination: 5353), family)), .passes(.tcp(8080, family)),
                    .passes(.direct(.udp(destination: 5353), family).invalid), .passes(untranslated(family)),
                ]
            },
            dropping("the same in the original direction", "-m conntrack --ctdir ORIGINAL --ctorigdstport 5353") {
                family in
                [
                    .drops(again(family)), .drops(.complaint(about: 40_001, family)),
                    .passes(.answer(to: 40_001, family)),
                    .passes(.containerComplaint(about: 40_001, family)),
                    .passes(.direct(.udp(destination: 5353), family).untracked),
                ]
            },
            ImportedCase("the port that a ping has", ["-m conntrack --ctorigdstport 2048 -j DROP"]) { family in
                [
                    .drops(.ping(family)), .passes(.direct(.icmp(type: 13), family)),
                    .drops(.direct(.tcp(destination: 2048), family)),
                    .passes(.tcp(8080, family)),
                ]
            },
            dropping("another port than was dialled", "-m conntrack ! --ctorigdstport 8080") { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .drops(again(family)),
                    .passes(stray(family).invalid), .passes(stray(family).untracked),
                ]
            },
            dropping("a range of ports that were dialled", "-p udp -m conntrack --ctorigdstport 5171:5353") { family in
                [
                    .drops(again(family)), .passes(.complaint(about: 40_001, family)), .passes(untranslated(family)),
                    .passes(.direct(.udp(destination: 5354), family)), .drops(.direct(.udp(destination: 5171), family)),
                ]
            },
            dropping("a range of such ports that is empty", "-m conntrack --ctorigdstport 60000:29") { family in
                [.passes(again(family)), .passes(stray(family)), .passes(stray(family).invalid)]
            },
            dropping("all but a range that is empty", "-m conntrack ! --ctorigdstport 60000:29") { family in
                [.drops(again(family)), .drops(stray(family)), .passes(stray(family).invalid)]
            },
            dropping("the protocol of the connection", "-m conntrack --ctproto 17") { family in
                [
                    .drops(again(family)), .drops(.complaint(about: 40_001, family)), .passes(.tcp(8080, family)),
                    .passes(.direct(.udp(destination: 53), family).invalid),
                ]
            },
            ImportedCase(
                "addresses of the connection",
                [
                    "-m conntrack --ctorigsrc 192.168.0.0/255.255.255.128 ! --ctorigdst 192.168.0.254/32 -j DROP"
                ], after: standing
            ) { family in
                [
                    .drops(stray(family)), .passes(.tcp(8080, family)), .drops(untranslated(family)),
                    .passes(.direct(.tcp(destination: 80), family, from: .neighbour)), .passes(stray(family).invalid),
                ]
            },
        ]

        /// A rule that drops, after questions over UDP were asked and answered, one of them translated.
        private static func dropping(
            _ name: String, _ matches: String, sees: @escaping @Sendable (AddressFamily) -> [Expectation]
        ) -> ImportedCase {
            dropping(name, { _ in matches }, sees: sees)
        }

        private static func dropping(
            _ name: String, _ matches: @escaping @Sendable (AddressFamily) -> String,
            sees: @escaping @Sendable (AddressFamily) -> [Expectation]
        ) -> ImportedCase {
            ImportedCase(name, after: standing, writing: { family, _ in [matches(family) + " -j DROP"] }, sees: sees)
                .forBoth
        }

        @Sendable private static func standing(_ family: AddressFamily) -> [Probe] {
            [again(family), .answer(to: 40_001, family), untranslated(family), .answer(to: 40_002, family)]
        }

        /// The question, once more.
        @Sendable private static func again(_ family: AddressFamily) -> Probe {
            .published(.udp(source: 40_001, destination: 5353), family)
        }

        /// One that goes straight to the container, once more.
        @Sendable private static func untranslated(_ family: AddressFamily) -> Probe {
            .direct(.udp(source: 40_002, destination: 53), family)
        }

        /// A segment that goes straight to a container.
        @Sendable private static func stray(_ family: AddressFamily) -> Probe { .direct(.tcp(destination: 80), family) }

        /// One that goes to another port.
        @Sendable private static func other(_ family: AddressFamily) -> Probe {
            .direct(.tcp(destination: 443), family)
        }
    }
}
