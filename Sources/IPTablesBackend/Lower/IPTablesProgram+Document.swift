internal import PacketModel

/// In which chain the rules of a policy begin.
package enum IPTablesLayout: String, CaseIterable, Hashable, Sendable {
    /// In `DOCKER-USER` itself, whose content is replaced.
    case dockerUser = "docker-user"
    /// In a chain `SEAWALL`, with one jump at the top of `DOCKER-USER`, which stays as it is otherwise.
    case ownChain = "own-chain"
}

extension IPTablesProgram {
    /// The jump from `DOCKER-USER` into our own chain.
    package static let ownChainJump = IPTablesRule(
        [.comment(IPTablesNames.commentPrefix + "jump")], target: .jump(IPTablesNames.ownChain))

    /// The jump from INPUT into our chain for what docker-proxy accepts.
    package static let inputJump = IPTablesRule(
        [.comment(IPTablesNames.commentPrefix + "jump")], target: .jump(IPTablesNames.inputChain))

    /// The jump from FORWARD into `DOCKER-USER`, as Docker itself makes it.
    package static let forwardJump = IPTablesRule(target: .jump(IPTablesNames.dockerUser))

    /// The document that loads the program into a host of which nothing is known.
    ///
    /// - Parameters:
    ///   - layout: where the rules begin; a whole table begins in its built-in chains.
    ///   - header: comment lines at the top; that of a whole table says what loading it replaces.
    /// - Returns: the document.
    package func document(layout: IPTablesLayout, header: [String]) -> IPTablesDocument {
        guard !isWholeTable else { return tableDocument(header: header) }
        let first = layout == .dockerUser ? IPTablesNames.dockerUser : IPTablesNames.ownChain
        var lines: [IPTablesLine] = [.chain(first)] + ownChains.map { .chain($0) } + inputJumpLines
        if layout == .ownChain { lines.append(.insert(IPTablesNames.dockerUser, position: 1, Self.ownChainJump)) }
        return IPTablesDocument(family: family, header: header, lines: lines + ruleLines(entry: first))
    }

    /// The document that a boot service loads before Docker starts: `DOCKER-USER` and its jump are there from the beginning,
    /// and no policy of a built-in chain is changed (a `-` for the policy leaves it as it is).
    package func bootDocument(header: [String]) -> IPTablesDocument {
        guard !isWholeTable else { return tableDocument(header: header) }
        let chainNames = ["FORWARD", IPTablesNames.dockerUser] + ownChains
        return IPTablesDocument(
            family: family, header: header,
            lines: chainNames.map { .chain($0) } + [.append("FORWARD", Self.forwardJump)] + inputJumpLines
                + ruleLines(entry: IPTablesNames.dockerUser))
    }

    /// The document of a whole filter table, for `iptables-restore` without `--noflush`.
    private func tableDocument(header: [String]) -> IPTablesDocument {
        let missing = IPTablesNames.builtIn.filter { name in !builtIn.contains { $0.name == name } }
        var notes = ["a whole filter table: load it without --noflush; it takes the place of all that is there"]
        if !missing.isEmpty {
            notes.append("emptied by that, with their policies as they are: \(missing.joined(separator: ", "))")
        }
        return IPTablesDocument(
            family: family, header: header + notes,
            lines: builtIn.map { .policy($0.name, $0.policy) } + chains.map { .chain($0.name) }
                + builtIn.flatMap { chain in chain.rules.map { .append(chain.name, $0) } } + ruleLines(entry: ""))
    }

    private var inputJumpLines: [IPTablesLine] {
        input.isEmpty ? [] : [.insert("INPUT", position: 1, Self.inputJump)]
    }

    /// The chain for what docker-proxy accepts, if there is one.
    private var inputChains: [IPTablesChain] {
        input.isEmpty ? [] : [IPTablesChain(name: IPTablesNames.inputChain, rules: input)]
    }

    /// The names of all chains of ours besides the one in which the policy begins.
    package var ownChains: [String] { (inputChains + chains).map(\.name) }

    /// All rules, those of the entry chain under a given name first.
    package func ruleLines(entry name: String) -> [IPTablesLine] {
        entry.map { .append(name, $0) }
            + (inputChains + chains).flatMap { chain in chain.rules.map { .append(chain.name, $0) } }
    }
}
