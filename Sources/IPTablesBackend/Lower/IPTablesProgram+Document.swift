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
        var lines: [IPTablesLine] = [.chain(first)] + chains.map { .chain($0.name) }
        if layout == .ownChain { lines.append(.insert(IPTablesNames.dockerUser, position: 1, Self.ownChainJump)) }
        return IPTablesDocument(family: family, header: header, lines: lines + ruleLines(entry: first))
    }

    /// The document that a boot service loads before Docker starts: `DOCKER-USER` and its jump are there from the beginning,
    /// and no policy of a built-in chain is changed (a `-` for the policy leaves it as it is).
    package func bootDocument(header: [String]) -> IPTablesDocument {
        guard !isWholeTable else { return tableDocument(header: header) }
        let chainNames = ["FORWARD", IPTablesNames.dockerUser] + chains.map(\.name)
        return IPTablesDocument(
            family: family, header: header,
            lines: chainNames.map { .chain($0) } + [.append("FORWARD", Self.forwardJump)]
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

    /// All rules, those of the entry chain under a given name first.
    package func ruleLines(entry name: String) -> [IPTablesLine] {
        entry.map { .append(name, $0) } + chains.flatMap { chain in chain.rules.map { .append(chain.name, $0) } }
    }
}
