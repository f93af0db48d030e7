internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel
internal import Semantics

/// What is said of migrations; in the order of the ids.
extension DiagnosticError {
    static func reachedUnderCondition(_ part: MigrationPart, _ rule: String) -> DiagnosticError {
        DiagnosticError(
            .refused, "docker-user-not-reached",
            "\(part.name): only some packets come to DOCKER-USER, by a rule with conditions: \(rule)",
            notes: [
                "nft would ask its rules for all packets; let FORWARD lead to DOCKER-USER without a condition first"
            ])
    }

    static func markInUse(_ mark: AcceptMark, _ table: String, _ rule: String) -> DiagnosticError {
        DiagnosticError(
            .refused, "mark-in-use", "other rules use bits of the mark \(mark.text): \(rule) (table \(table))",
            notes: ["choose bits with `--accept-mark` that nothing on this host uses"])
    }

    static func acceptNeedsMark(_ view: HostView?, _ packet: CounterexampleText?) -> DiagnosticError {
        var notes =
            (packet?.lines ?? []) + [
                "`--accept-mark 0x2/0x2` keeps it: nft sets that mark, and one rule in DOCKER-USER accepts it",
                "or write RETURN for ACCEPT in DOCKER-USER where Docker's own rules may decide",
            ]
        if let major = view?.facts.docker.version?.major, major >= 29 {
            notes.append("where Docker has its rules in nft, start dockerd with `--bridge-accept-fwmark=0x2/0x2`")
        }
        let reason = packet.map { ", and on this host that is not what RETURN does: \($0.sentence)" } ?? ""
        return DiagnosticError(
            .refused, "migration-accept",
            "ACCEPT overrides the rules behind DOCKER-USER, which nft's accept does not\(reason)", notes: notes)
    }

    static func bothDisagree(_ place: String, _ rule: String, _ packets: UInt64) -> DiagnosticError {
        DiagnosticError(
            .host, "migration-disagrees",
            "\(place): a rule stopped \(packets == 1 ? "a packet" : "\(packets) packets") that nft had let pass: \(rule)",
            notes: ["this is a mistake in Seawall: please report it with the rules"])
    }

    static func migrationInForce(_ state: AppliedState) -> DiagnosticError {
        DiagnosticError(
            .host, "migration-in-force",
            "the rules of DOCKER-USER were moved to nft (state \(state.number)): without the table nothing would take their place",
            notes: ["`seawall migrate --back` puts them back first"])
    }

    static func nftInForce(_ state: AppliedState) -> DiagnosticError {
        DiagnosticError(
            .host, "migration-nft-in-force",
            "state \(state.number) (\(state.policy)) is in force in nft, and rules from iptables would take its place",
            notes: ["add them to its policy: `seawall import --host` says what they are in the language"])
    }

    static func notTheSame(_ part: MigrationPart, _ words: CounterexampleText, accepts: Bool) -> DiagnosticError {
        if accepts { return .acceptNeedsMark(nil, words) }
        return DiagnosticError(
            .refused, "migration-not-proved",
            "\(part.name): moved to nft, the rules would not mean the same: \(words.sentence)",
            notes: words.lines + [
                "rules of FORWARD that stand before DOCKER-USER are asked behind nft then: put its jump first"
            ])
    }

    static func notProved(_ what: String, _ why: [Diagnostic]) -> DiagnosticError {
        DiagnosticError(
            .refused, "migration-not-proved",
            "it cannot be proved that nothing would change: \(what)",
            notes: why.map(\.message) + ["nothing was changed"])
    }

    static func ownRulesWithoutState(_ part: MigrationPart) -> DiagnosticError {
        DiagnosticError(
            .host, "migration-own-rules",
            "\(part.name): DOCKER-USER holds rules of Seawall's, and no state of it is in force here",
            notes: [
                "apply their policy once more, or take them out with `seawall uninstall --rules`",
                "SEAWALL_STATE_DIR names another folder for what Seawall keeps of this host",
            ])
    }

    static func nothingMoves(_ parts: [MigrationPart]) -> DiagnosticError {
        let filled = parts.flatMap { $0.filter.table.reached(from: IPTablesNames.dockerUser).map(\.name) }.filter {
            $0 != IPTablesNames.dockerUser && OthersChains.owner(of: $0) != nil
        }
        let hint = Set(filled).sorted().map { "`--move \($0)` moves the chain, if nobody fills it any more" }
        let rules = parts.flatMap { part in
            zip(part.rules, part.fates).map { rule, fate in
                let text = IPTablesLine.appendWords(IPTablesNames.dockerUser, words: rule.words).text
                return "\(part.name): \(text): \(fate.reason)"
            }
        }
        return DiagnosticError(
            .refused, "nothing-to-migrate", "no rule of DOCKER-USER can be moved to nft", notes: rules + hint)
    }

    static func nothingToMigrate() -> DiagnosticError {
        DiagnosticError(
            .host, "nothing-to-migrate", "there is nothing to migrate: DOCKER-USER holds no rules, or is not reached",
            notes: ["`--variant legacy` and `--variant nft` name the iptables that is meant"])
    }

    static func nothingToMoveBack() -> DiagnosticError {
        DiagnosticError(
            .host, "nothing-to-move-back",
            "there is no migration to go back from: `seawall history` lists what was done to this host")
    }
}

extension Diagnostic {
    static func deadRules(_ part: MigrationPart) -> Diagnostic {
        Diagnostic(
            "dead-rules", .warning, at: nil,
            "\(part.name): no packet comes to DOCKER-USER, so its \(part.rules.count == 1 ? "rule does" : "\(part.rules.count) rules do") nothing, and stays as it is"
        )
    }

    static func bootFilesNotWritten(_ reason: Diagnostic) -> Diagnostic {
        Diagnostic(
            "boot-files-not-written", .warning, at: nil,
            "the rules have moved, and a start of the host does not load them: \(reason.message)",
            notes: [Diagnostic.Note("`seawall install` writes the systemd units, once that is mended")])
    }

    static func familyLeftOut(_ family: AddressFamily) -> Diagnostic {
        Diagnostic(
            "family-left-out", .warning, at: nil,
            "no packet of \(family.displayName) comes to the policy under iptables, and under nft none will: migrating changes nothing",
            notes: [
                Diagnostic.Note("`seawall apply --backend nft` with the policy judges both families")
            ])
    }
}

extension MigrationPart.Fate {
    /// Why a rule does not leave iptables.
    var reason: String {
        switch self {
        case .moves: "it moves"
        case .both(let reason), .stays(let reason): reason
        }
    }
}
