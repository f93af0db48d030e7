package import IPTablesBackend
package import PacketModel

/// What of Seawall's is loaded on a host now: all that it may have put there, whichever backend did.
package struct LoadedState: Hashable, Sendable {
    /// The table `inet seawall`.
    package var nftables: Part<NFTablesState>
    /// Both variants of iptables for both families, legacy and IPv4 first.
    package var iptables: [IPTables]
    /// The sets of addresses that rules of ours in iptables may ask.
    package var addressSets: [AddressSetState] = []

    /// A part of the host.
    package enum Part<State: Hashable & Sendable>: Hashable, Sendable {
        /// It cannot be looked at, for this reason.
        case unavailable(String)
        /// There is nothing.
        case absent
        /// This is there.
        case present(State)
    }

    /// The filter table of one variant and family.
    package struct IPTables: Hashable, Sendable {
        /// The variant.
        package var variant: IPTablesVariant
        /// The family.
        package var family: AddressFamily
        /// Its content; absent, if there is neither `DOCKER-USER` nor anything of ours.
        package var part: Part<IPTablesState>
    }
}

/// Our nftables table.
package struct NFTablesState: Hashable, Sendable {
    /// Chains in the order of the listing.
    package var chains: [Chain]
    /// Sets and maps in the order of the listing.
    package var sets: [Set]

    /// A chain.
    package struct Chain: Hashable, Sendable {
        /// The name.
        package var name: String
        /// `type filter hook forward priority -10; policy drop`; nothing for a chain without a hook.
        package var base: String?
        /// The rules.
        package var rules: [Rule]
    }

    /// A rule.
    package struct Rule: Hashable, Sendable {
        /// `sw:ID text`.
        package var comment: String
        /// Its counters, if it has any.
        package var counters: SaveCounters?
        /// The rule in nft's own language, if that was asked for.
        package var text: String?
    }

    /// A set.
    package struct Set: Hashable, Sendable {
        /// The name.
        package var name: String
        /// `ipv4_addr`.
        package var type: String
        /// The number of elements; an interval counts once.
        package var count: Int
    }
}

/// A set of addresses of ours in the kernel.
package struct AddressSetState: Hashable, Sendable {
    /// The name.
    package var name: String
    /// How many networks and addresses are in it.
    package var entries: Int

    /// Our sets in what `ipset list -terse` prints.
    static func read(_ text: String) -> [AddressSetState] {
        var found: [AddressSetState] = []
        var name = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Name: ") {
                name = String(line.dropFirst("Name: ".count))
            } else if line.hasPrefix("Number of entries: "), IPSetNames.isOwn(name) {
                let entries = Int(line.dropFirst("Number of entries: ".count)) ?? 0
                found.append(AddressSetState(name: name, entries: entries))
            }
        }
        return found.sorted { $0.name < $1.name }
    }
}

/// What of ours is in a filter table of iptables.
package struct IPTablesState: Hashable, Sendable {
    /// Where our rules begin; nothing, if there are none.
    package var layout: IPTablesLayout?
    /// Whether `DOCKER-USER` is reached.
    package var reach: ChainReach
    /// Our rules in `DOCKER-USER`.
    package var rules: [SaveRule]
    /// Our own chain and our further ones.
    package var chains: [SaveChain]
    /// The number of rules in `DOCKER-USER` that are somebody else's.
    package var foreignRules: Int
    /// Whether our chain for what docker-proxy accepts is reached from INPUT; nothing, if it is not there.
    package var inputReach: ChainReach?

    init(_ filter: IPTablesFilter) {
        let contents = DockerUserRules(filter.table)
        rules = contents.rules(of: .seawall)
        chains = filter.ownChains
        foreignRules = contents.rules(of: .foreign).count
        reach = filter.reach
        if chains.contains(where: { $0.name == IPTablesNames.inputChain }) {
            inputReach = filter.table.reach(of: IPTablesNames.inputChain, from: InputRules.chain)
        }
        layout =
            rules.contains { $0.target?.name == IPTablesNames.ownChain } ? .ownChain : rules.isEmpty ? nil : .dockerUser
    }

    /// Whether there is nothing of ours.
    package var isEmpty: Bool { rules.isEmpty && chains.isEmpty }
}
