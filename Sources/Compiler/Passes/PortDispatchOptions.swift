/// How far rules are sorted by the port that was dialled.
package struct PortDispatchOptions: Hashable, Sendable {
    /// As many rules have to be moved together as make it worth while.
    package var minimumRules: Int
    /// Into as many chains one chain leads at most, where the engine asks line by line; `nil` where one look-up finds the
    /// chain, however many there are.
    package var fanout: Int?
    /// Up to so many rules stand in one chain though they name different ports.
    package var rulesInOneChain: Int
    /// Whether a packet can leave the policy from a chain that was jumped to, as in nft; RETURN of iptables comes back.
    package var leavesFromJumps: Bool
    /// How many chains a packet may go through; every run of rules that are moved takes some of them.
    package var maximumDepth: Int

    /// For rules that are asked line by line: a tree of ranges of ports.
    package static let iptables = PortDispatchOptions(
        minimumRules: 32, fanout: 8, rulesInOneChain: 8, leavesFromJumps: false, maximumDepth: 10)

    /// For maps: a chain for each port, and one look-up.
    package static let nft = PortDispatchOptions(
        minimumRules: 8, fanout: nil, rulesInOneChain: 0, leavesFromJumps: true, maximumDepth: 10)

    /// Options.
    package init(
        minimumRules: Int, fanout: Int?, rulesInOneChain: Int, leavesFromJumps: Bool, maximumDepth: Int
    ) {
        self.minimumRules = minimumRules
        self.fanout = fanout
        self.rulesInOneChain = rulesInOneChain
        self.leavesFromJumps = leavesFromJumps
        self.maximumDepth = maximumDepth
    }
}
