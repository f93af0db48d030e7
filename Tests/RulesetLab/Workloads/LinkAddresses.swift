internal import Diagnostics
package import FirewallIR
internal import PacketModel

extension Workloads {
    /// Rules that hand on each source only from its own address on the link, and drop all others.
    ///
    /// - Parameters:
    ///   - count: how many sources.
    ///   - isReversed: whether the last source stands first, which changes nothing.
    /// - Returns: a rule set for IPv4.
    package static func linkAddresses(rules count: Int, isReversed: Bool = false) -> Ruleset {
        let sources = (0..<count).map { number in
            let box = Box().with {
                $0.families = .ip
                $0.source = IPAddressSet([IPAddressRange(.v4(0x0a00_0000 + UInt32(number) * 3))])
                $0.numbers[.sourceMAC] = Presence(IntervalSet(UInt64(number) * 7919))
            }
            return FirewallRule(number: number, [box], .leave)
        }
        let all = Box().with { $0.families = .ip }
        return Ruleset(
            name: "LinkAddresses", families: .ip,
            rules: (isReversed ? sources.reversed() : sources) + [FirewallRule(number: count, [all], .drop)])
    }
}
