package import IPTablesBackend
package import PacketModel

/// What is taken out of one variant and family of iptables so that nothing of it is in the way of Docker's own nft backend.
package struct ReadiedPlace: Hashable, Sendable {
    /// The variant.
    package var variant: IPTablesVariant
    /// The family.
    package var family: AddressFamily
    /// Whether FORWARD gets the policy ACCEPT in the place of DROP.
    package var opensPolicy: Bool
    /// What is taken away of `DOCKER-USER`; nothing, if it stays.
    package var dockerUser: DockerUser?

    /// A chain that holds no rules of anybody's, and its jump.
    package struct DockerUser: Hashable, Sendable {
        /// The position of the jump in FORWARD, from 0; nothing without a jump.
        package var position: Int?
        /// The rules of the chain: none, or Docker's RETURN.
        package var rules: [SaveRule]

        /// A chain.
        package init(position: Int?, rules: [SaveRule]) {
            self.position = position
            self.rules = rules
        }
    }

    /// A place.
    package init(variant: IPTablesVariant, family: AddressFamily, opensPolicy: Bool, dockerUser: DockerUser?) {
        self.variant = variant
        self.family = family
        self.opensPolicy = opensPolicy
        self.dockerUser = dockerUser
    }

    /// `iptables-legacy`.
    package var name: String { variant.name(family) }
    /// The tool that does it.
    package var tool: String { variant.restoreTool(family) }

    /// Whether it is about a table.
    func isOf(_ filter: IPTablesFilter) -> Bool { variant == filter.variant && family == filter.family }
}

extension ReadiedPlace {
    /// The words of the jump.
    static let jump = ["-j", IPTablesNames.dockerUser]
    static let forward = "FORWARD"

    /// The text for `iptables-restore --noflush` that does it; one transaction.
    package var text: String {
        var undo = IPTablesUndo()
        if opensPolicy { undo.setPolicy(Self.forward, "ACCEPT", nil) }
        if let dockerUser {
            if dockerUser.position != nil { undo.delete(Self.forward, Self.jump) }
            undo.restore(nil, named: IPTablesNames.dockerUser)
        }
        return undo.text
    }

    /// Whether a table is as it was when it was decided what is done to it.
    func isUntouched(_ filter: IPTablesFilter) -> Bool {
        if opensPolicy, filter.forwardPolicy != "DROP" { return false }
        guard let dockerUser else { return true }
        return filter.table.chain(IPTablesNames.dockerUser)?.rules.map(\.words) == dockerUser.rules.map(\.words)
            && filter.jumpPosition == dockerUser.position
    }

    /// Whether it is done in a table.
    func isDone(_ filter: IPTablesFilter) -> Bool {
        if opensPolicy, filter.forwardPolicy != "ACCEPT" { return false }
        return dockerUser == nil || filter.table.chain(IPTablesNames.dockerUser) == nil && filter.jumpPosition == nil
    }

    /// The table before it, as far as it is about that, with all else as in a table.
    func undone(in filter: IPTablesFilter) -> IPTablesFilter {
        var former = filter
        for index in former.table.chains.indices where former.table.chains[index].name == Self.forward {
            if opensPolicy { former.table.chains[index].policy = "DROP" }
            guard let position = dockerUser?.position, filter.jumpPosition == nil else { continue }
            let rules = former.table.chains[index].rules
            former.table.chains[index].rules.insert(SaveRule(words: Self.jump), at: min(position, rules.count))
        }
        if let dockerUser, filter.table.chain(IPTablesNames.dockerUser) == nil {
            former.table.chains.append(SaveChain(name: IPTablesNames.dockerUser, rules: dockerUser.rules))
        }
        return former
    }
}

extension IPTablesFilter {
    /// The policy of FORWARD; nothing, if the kernel has no such table.
    var forwardPolicy: String? { table.chain(ReadiedPlace.forward)?.policy }

    /// The position of the jump from FORWARD to `DOCKER-USER`, from 0; nothing without one.
    var jumpPosition: Int? {
        table.rules(of: ReadiedPlace.forward).firstIndex { $0.words == ReadiedPlace.jump }
    }
}
