internal import IPTablesBackend

/// The text for `iptables-restore --noflush` that brings what is ours in a filter table back to what it was.
///
/// Chains of ours get their former rules, or go. `DOCKER-USER` gets its former rules; where others have put in or taken out
/// rules of their own meanwhile, theirs stay as they are now, and only ours change. Everything else is not touched.
struct FilterRestoration {
    let former: IPTablesFilter
    let now: IPTablesFilter
    /// What a migration has taken out of `DOCKER-USER`, though it is not ours.
    var taken: TakenRules?
    /// What of the policy of FORWARD and of the jump to `DOCKER-USER` was changed; of others' doing nothing is undone.
    var readied: ReadiedPlace?

    /// The text; nothing, if all is as it was.
    var text: String? {
        var undo = IPTablesUndo()
        for chain in ownChains where !isSame(chain) { undo.restore(former.table.chain(chain), named: chain) }
        for chain in IPTablesFilter.builtIn { restoreJumps(chain, &undo) }
        restorePolicy(&undo)
        restoreDockerUser(&undo)
        return undo.isEmpty ? nil : undo.text
    }

    private var ownChains: [String] { Set((former.ownChains + now.ownChains).map(\.name)).sorted() }

    private func isSame(_ chain: String) -> Bool {
        former.table.chain(chain).map { $0.rules.map(\.words) } == now.table.chain(chain).map { $0.rules.map(\.words) }
    }

    /// Our jumps in a chain of the kernel: the present ones go, the former ones come back to their places.
    private func restoreJumps(_ chain: String, _ undo: inout IPTablesUndo) {
        let was = former.table.rules(of: chain)
        let present = now.table.rules(of: chain)
        let areSame =
            was.filter(IPTablesFilter.isOwn).map(\.words) == present.filter(IPTablesFilter.isOwn).map(\.words)
        guard !areSame else { return }
        for rule in present where IPTablesFilter.isOwn(rule) { undo.delete(chain, rule.words) }
        for (index, rule) in was.enumerated() where IPTablesFilter.isOwn(rule) {
            // Others may have taken rules out: a place behind the end does not exist.
            undo.insert(chain, min(index, present.count { !IPTablesFilter.isOwn($0) }) + 1, rule)
        }
    }

    // MARK: - The policy of FORWARD, and its jump to DOCKER-USER

    private func restorePolicy(_ undo: inout IPTablesUndo) {
        guard readied?.opensPolicy == true, let was = former.table.chain(ReadiedPlace.forward),
            let policy = was.policy, now.forwardPolicy != policy
        else { return }
        undo.setPolicy(ReadiedPlace.forward, policy, was.counters)
    }

    /// Puts the jump back to its former place, unless somebody else has made one.
    private func restoreJump(_ undo: inout IPTablesUndo) {
        guard readied?.dockerUser != nil, let position = former.jumpPosition, now.jumpPosition == nil else { return }
        let count = now.table.rules(of: ReadiedPlace.forward).count
        undo.insert(ReadiedPlace.forward, min(position, count) + 1, SaveRule(words: ReadiedPlace.jump))
    }

    // MARK: - DOCKER-USER

    private func restoreDockerUser(_ undo: inout IPTablesUndo) {
        let name = IPTablesNames.dockerUser
        defer { restoreJump(&undo) }
        guard let present = now.table.chain(name) else {
            if let was = former.table.chain(name) { undo.restore(was, named: name) }
            return
        }
        guard let was = former.table.chain(name) else { return removeDockerUser(&undo) }
        let rules = dockerUserRules
        if rules.map(\.words) != present.rules.map(\.words) {
            undo.restore(SaveChain(name: name, rules: rules), named: was.name)
        }
    }

    /// The chain was made by us; it goes with its jump, unless Docker has come meanwhile and uses it.
    private func removeDockerUser(_ undo: inout IPTablesUndo) {
        let name = IPTablesNames.dockerUser
        let contents = DockerUserRules(now.table)
        let others = readied?.dockerUser == nil ? contents.others : contents.rules(of: .foreign)
        let isDockersNow = now.table.chain("DOCKER") != nil && former.table.chain("DOCKER") == nil
        if isDockersNow || !others.isEmpty {
            return undo.restore(SaveChain(name: name, rules: others), named: name)
        }
        for rule in now.table.rules(of: "FORWARD") where rule.target?.name == name {
            undo.delete("FORWARD", rule.words)
        }
        undo.restore(nil, named: name)
    }

    private var dockerUserRules: [SaveRule] {
        if let taken { return taken.putBack(into: now.table.rules(of: IPTablesNames.dockerUser)) }
        let was = DockerUserRules(former.table)
        let present = DockerUserRules(now.table)
        if was.rules(of: .foreign).map(\.words) == present.rules(of: .foreign).map(\.words) { return was.rules }
        // What others put in front of ours stays there, and the rest stays behind.
        let own = was.rules(of: .seawall)
        let firstOwn = present.owners.firstIndex(of: .seawall) ?? 0
        let front = zip(present.rules, present.owners).prefix(firstOwn).filter { $0.1 != .seawall }.map(\.0)
        let back = zip(present.rules, present.owners).dropFirst(firstOwn).filter { $0.1 != .seawall }.map(\.0)
        return front + own + back
    }
}
