import PacketLab
import Seawall
import Testing

extension KernelTests {
    /// Conditions on what conntrack knows of the packet.
    @Suite struct ConnectionMatchTests {
        @Test(arguments: cases, Backend.allCases)
        func judges(_ kernelCase: KernelCase, under backend: Backend) throws { try kernelCase.judge(under: backend) }

        static let cases = states + tuples

        static let states = [
            dropping("new connections") {
                Match.state(.new)
            } sees: { family in
                [.drops(.tcp(8080, family)), .passes(again(family)), .passes(stray(family).invalid)]
            },
            dropping("connections that stand") {
                Match.state(.established)
            } sees: { family in
                [.drops(again(family)), .drops(.answer(to: 40_001, family)), .passes(.tcp(8080, family))]
            },
            dropping("what is related to a connection") {
                Match.state(.related)
            } sees: { family in
                [
                    .drops(.complaint(about: 40_001, family)), .drops(.containerComplaint(about: 40_001, family)),
                    .passes(again(family)),
                ]
            },
            dropping("invalid packets") {
                Match.state(.invalid)
            } sees: { family in
                [.drops(stray(family).invalid), .passes(stray(family).untracked), .passes(stray(family))]
            },
            dropping("untracked packets") {
                Match.state(.untracked)
            } sees: { family in
                [.drops(stray(family).untracked), .passes(stray(family).invalid), .passes(stray(family))]
            },
            dropping("several states") {
                Match.state([.new, .invalid])
            } sees: { family in
                [
                    .drops(stray(family)), .drops(stray(family).invalid), .passes(stray(family).untracked),
                    .passes(again(family)),
                ]
            },
            dropping("none of several states") {
                Match.not(.state([.established, .related]))
            } sees: { family in
                [
                    .drops(stray(family)), .drops(stray(family).invalid), .drops(stray(family).untracked),
                    .passes(again(family)), .passes(.answer(to: 40_001, family)),
                    .passes(.complaint(about: 40_001, family)),
                ]
            },
            dropping("the original direction") {
                Match.direction(.original)
            } sees: { family in
                [
                    .drops(again(family)), .drops(stray(family)), .drops(.complaint(about: 40_001, family)),
                    .passes(.answer(to: 40_001, family)), .passes(stray(family).invalid),
                    .passes(stray(family).untracked),
                ]
            },
            dropping("the reply direction") {
                Match.direction(.reply)
            } sees: { family in
                [
                    .passes(again(family)), .drops(.answer(to: 40_001, family)),
                    .drops(.containerComplaint(about: 40_001, family)), .passes(stray(family).invalid),
                ]
            },
            dropping("translated destinations") {
                Match.status(.dnat)
            } sees: { family in
                [
                    .drops(.tcp(8080, family)), .drops(.answer(to: 40_001, family)), .passes(stray(family)),
                    .passes(stray(family).invalid),
                ]
            },
            dropping("no translated destinations") {
                Match.not(.status(.dnat))
            } sees: { family in
                [.passes(.tcp(8080, family)), .drops(stray(family)), .passes(stray(family).invalid)]
            },
            dropping("connections that were answered") {
                Match.status([.seenReply, .expected])
            } sees: { family in
                [.drops(again(family)), .passes(.tcp(8080, family)), .passes(stray(family).untracked)]
            },
        ]

        static let tuples = [
            dropping("the port that was dialled, whatever the protocol") {
                Match.originalDestinationPort([5353, 8080])
            } sees: { family in
                [
                    .drops(again(family)), .drops(.answer(to: 40_001, family)), .drops(.tcp(8080, family)),
                    .drops(.complaint(about: 40_001, family)), .passes(.tcp(443, family)),
                    .passes(stray(family).invalid),
                ]
            },
            dropping("the port that was dialled, in the original direction") {
                Match.protocol("udp")
                Match.originalDestinationPort(5353)
                Match.direction(.original)
            } sees: { family in
                [
                    .drops(again(family)), .passes(.answer(to: 40_001, family)),
                    .passes(.complaint(about: 40_001, family)),
                    .passes(.udp(443, family)), .passes(.tcp(8080, family)),
                ]
            },
            dropping("another port than the one that was dialled") {
                Match.protocol("tcp")
                Match.not(.originalDestinationPort(8080))
            } sees: { family in
                [
                    .passes(.tcp(8080, family)), .drops(.tcp(443, family)), .passes(stray(family).invalid),
                    .passes(.udp(443, family)),
                ]
            },
            dropping("the source port of the connection") {
                Match.protocol("udp")
                Match.originalSourcePort(40_000...40_010)
            } sees: { family in
                [.drops(again(family)), .drops(.answer(to: 40_001, family)), .passes(.udp(443, family))]
            },
            dropping("the source of the connection") {
                Match.originalSource(["192.168.0.1", "fd00:0:0:1::1"])
            } sees: { family in
                [
                    .drops(again(family)), .drops(.answer(to: 40_001, family)),
                    .passes(.tcp(8080, family, from: .stranger)),
                    .passes(stray(family).invalid),
                ]
            },
            dropping("the address that was dialled") {
                Match.originalDestination(["192.168.0.254", "fd00:0:0:1::fe"])
            } sees: { family in
                [
                    .drops(again(family)), .drops(.answer(to: 40_001, family)), .passes(stray(family)),
                    .passes(stray(family).untracked),
                ]
            },
            dropping("another address than the one that was dialled") {
                Match.not(.originalDestination(["192.168.0.254", "fd00:0:0:1::fe"]))
            } sees: { family in
                [.passes(again(family)), .drops(stray(family)), .passes(stray(family).untracked)]
            },
            dropping("the protocol of the connection") {
                Match.originalProtocol("udp")
            } sees: { family in
                [
                    .drops(again(family)), .drops(.complaint(about: 40_001, family)), .passes(.tcp(8080, family)),
                    .passes(.direct(.udp(destination: 53), family).invalid),
                ]
            },
        ]

        /// A rule directly in `Containers`, which sees every packet, after a question over UDP was asked and answered.
        private static func dropping(
            _ name: String, @MatchBuilder _ matches: () -> [Match],
            sees: @escaping @Sendable (AddressFamily) -> [Expectation]
        ) -> KernelCase {
            let rule = Rule(.drop, matches)
            return KernelCase(name, after: { [again($0), .answer(to: 40_001, $0)] }) {
                Containers { rule }
            } sees: {
                sees($0)
            }
        }

        /// The question, once more.
        @Sendable private static func again(_ family: AddressFamily) -> Probe {
            .published(.udp(source: 40_001, destination: 5353), family)
        }

        /// A segment that goes straight to a container.
        @Sendable private static func stray(_ family: AddressFamily) -> Probe { .direct(.tcp(destination: 80), family) }
    }
}
