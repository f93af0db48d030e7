internal import Deployment
internal import IPTablesBackend
internal import PacketModel

/// Something about the rules of a host that is not as Seawall left it.
struct StatusProblem: Hashable {
    /// A stable name for programs.
    var id: String
    /// What it is.
    var text: String
    /// The command that puts it right, or what else does.
    var repair: String
}

extension StatusProblem {
    /// What is not as it was left in the places of iptables.
    ///
    /// - Parameters:
    ///   - live: what is live, and what is meant.
    ///   - reapply: the command that loads the policy again.
    ///   - prefix: what stands before a command that is to run on the host.
    static func all(_ live: LivePlan, reapply: String, prefix: String) -> [StatusProblem] {
        zip(live.before.places, live.after.places).flatMap { place, meant -> [StatusProblem] in
            guard let filter = place.filter else { return table(live, reapply: reapply) }
            return [reach(place, filter, reapply: reapply, prefix: prefix)].compactMap { $0 }
                + rules(place, meant, filter, reapply: reapply)
        }
    }

    private static func table(_ live: LivePlan, reapply: String) -> [StatusProblem] {
        guard !live.changesNothing else { return [] }
        if live.before.places.allSatisfy({ $0.table == nil }) {
            return [StatusProblem(id: "table-missing", text: "nft: there is no table inet seawall", repair: reapply)]
        }
        return [
            StatusProblem(
                id: "rules-changed", text: "nft: the table inet seawall is not as it was loaded", repair: reapply)
        ]
    }

    private static func reach(
        _ place: LivePlace, _ filter: IPTablesFilter, reapply: String, prefix: String
    ) -> StatusProblem? {
        let jump = "\(prefix)\(filter.variant.name(filter.family)) -I FORWARD 1 -j \(IPTablesNames.dockerUser)"
        let text: String
        switch filter.table.reach(of: IPTablesNames.dockerUser) {
        case .reached: return nil
        case .missing:
            return StatusProblem(
                id: "docker-user-missing", text: "\(place.name): there is no chain DOCKER-USER",
                repair: "restart Docker, then \(reapply)")
        case .unreached: text = "Docker's jump is gone, no rule leads there from FORWARD"
        case .conditional(let rule): text = "only a rule with conditions leads there: \(rule)"
        case .blocked(let rule): text = "a rule before it ends every packet's way: \(rule)"
        }
        return StatusProblem(
            id: "docker-user-not-reached", text: "\(place.name): DOCKER-USER is not reached: \(text)", repair: jump)
    }

    private static func rules(
        _ place: LivePlace, _ meant: LivePlace, _ filter: IPTablesFilter, reapply: String
    ) -> [StatusProblem] {
        let contents = DockerUserRules(filter.table)
        let isOwn = meant.filter?.table.chain(IPTablesNames.ownChain) != nil
        var problems: [StatusProblem] = []
        if !place.holdsOwnRules(of: meant) {
            problems.append(
                StatusProblem(
                    id: "rules-changed", text: "\(place.name): the rules of Seawall's are not as they were loaded",
                    repair: reapply))
        }
        if isOwn, !contents.hasJumpAtTop {
            let before = contents.beforeJump.first.map {
                ": before it stands " + IPTablesLine.appendWords(IPTablesNames.dockerUser, words: $0.words).text
            }
            problems.append(
                StatusProblem(
                    id: "jump-not-first",
                    text: "\(place.name): the jump to SEAWALL is not the first rule of DOCKER-USER\(before ?? "")",
                    repair: reapply))
        } else if !isOwn, let other = place.others.first {
            let more = place.others.count == 1 ? "" : " and \(place.others.count - 1) more"
            problems.append(
                StatusProblem(
                    id: "foreign-rules",
                    text: "\(place.name): others have put rules among Seawall's: \(other.text)\(more)",
                    repair: reapply))
        }
        return problems
    }
}

extension LivePlace {
    /// Whether our own rules are those of another state, under the same names.
    fileprivate func holdsOwnRules(of other: LivePlace) -> Bool {
        guard case .known(let scopes) = own, case .known(let others) = other.own else { return false }
        return scopes.map(\.withoutOrigins) == others.map(\.withoutOrigins)
    }
}
