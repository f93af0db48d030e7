internal import FirewallIR
internal import Glibc
internal import Importing
internal import JSONC
internal import PacketLab
internal import PacketModel
internal import Semantics

/// One rule set on a host of its own: judged by packets, migrated, judged, moved back, judged again.
struct Trial {
    let file: RulesetFile
    let seawall: String

    /// What was found.
    struct Result {
        let file: RulesetFile
        /// Why nothing was tried.
        var unread: String?
        /// Whether every rule has a form in nft.
        var isWhole = false
        var packets = 0
        var classes = 0
        var rules = (met: 0, all: 0)
        /// Packets that the kernel treats otherwise than the reference interpreter says, before anything was migrated.
        var unexpected: [String] = []
        var runs: [Migration] = []

        /// Whether nothing speaks against it.
        var isGood: Bool { runs.allSatisfy { $0.differences.isEmpty && $0.failure == nil } }
    }

    /// What became of it with one thing behind it in FORWARD.
    struct Migration {
        let behind: RulesetFile.Behind
        /// How many rules moved, and of how many.
        var moved: (Int, Int)?
        /// Why it was refused.
        var refusal: String?
        /// What went wrong.
        var failure: String?
        /// Packets that fared otherwise than before.
        var differences: [String] = []
        /// How many packets fared how, before.
        var fates: [String: Int] = [:]
    }

    /// Tries it.
    func run() throws -> Result {
        var result = Result(file: file)
        let scope: Scope
        do {
            (scope, result.isWhole) = try imported()
        } catch {
            result.unread = "\(error)"
            return result
        }
        guard scope.chains.contains(where: { !$0.rules.isEmpty }) else {
            result.unread = "DOCKER-USER holds no rules"
            return result
        }
        let packets = TrialPackets(scope, file.family)
        (result.packets, result.classes, result.rules) = (packets.packets.count, packets.classes, packets.rules)
        let interfaces = packets.packets.flatMap { [$0.crossing.entry, $0.crossing.exit] } + ["eth0", "docker0"]
        for behind in RulesetFile.Behind.allCases {
            let crossroads = try Crossroads("migration", interfaces: interfaces)
            defer { crossroads.close() }
            let host = TrialRouter(crossroads: crossroads, file: file, packets: packets)
            do {
                try host.load(behind)
            } catch {
                result.unread = "\(error)"
                return result
            }
            do {
                result.runs.append(try migrate(host, behind, &result))
            } catch {
                result.runs.append(Migration(behind: behind, failure: "\(error)"))
            }
        }
        return result
    }

    private func imported() throws -> (Scope, isWhole: Bool) {
        var options = ImportOptions()
        (options.keepsUnsupported, options.passesOver) = (true, true)
        let text = ImportText(
            name: file.name, bytes: Array(file.text(.passes).utf8), format: .iptables, family: file.family)
        let rules = try ImportRules.read([text], options)
        guard let scope = rules.ruleset.scopes.first(where: { $0.families.contains(FamilySet(file.family)) }) else {
            throw LabError("none of its rules has a form in nft")
        }
        return (scope, rules.account.refused.isEmpty)
    }

    private func migrate(_ host: TrialRouter, _ behind: RulesetFile.Behind, _ result: inout Result) throws -> Migration
    {
        var migration = Migration(behind: behind)
        let text = try host.rules()
        let before = try host.fates()
        for fate in before { migration.fates["\(fate)".prefix { $0 != "(" }.description, default: 0] += 1 }
        if behind == .passes, result.isWhole { result.unexpected = host.unexpected(before) }
        // Nobody fills any chain here.
        let options =
            file.chainNames.flatMap { ["--move", $0] }
            + (behind == .stops ? ["--accept-mark", "\(RulesetFile.acceptMark)/\(RulesetFile.acceptMark)"] : [])
        let there = try command(["migrate", "--observe", "0", "--json"] + options, host)
        guard there.status == 0 else {
            if [3, 4].contains(there.status), try host.rules() == text {
                migration.refusal = try refusal(there.output)
            } else {
                migration.failure = "exit \(there.status): \(there.complaint)"
            }
            return migration
        }
        migration.moved = try moved(there.output)
        migration.differences = try host.differences(before, "after")
        let back = try command(["migrate", "--back"], host)
        guard back.status == 0 else {
            migration.failure = "back: exit \(back.status): \(back.complaint)"
            return migration
        }
        migration.differences += try host.differences(before, "after --back")
        if try host.rules() != text { migration.failure = "the rules are others after --back" }
        return migration
    }

    private func command(_ words: [String], _ host: TrialRouter) throws -> Program {
        try Program.run(
            [seawall] + words + ["--netns", host.crossroads.router.name], in: host.crossroads.router,
            environment: ["DOCKER_HOST": "unix:///none", "SEAWALL_STATE_DIR": host.stateFolder])
    }

    /// The first of the reasons.
    private func refusal(_ text: String) throws -> String {
        try JSONValue.parse(text.utf8)["diagnostics"]?.array?.first?["message"]?.string ?? "for no reason"
    }

    private func moved(_ text: String) throws -> (Int, Int)? {
        let json = try JSONValue.parse(text.utf8)
        let rules = (json["places"]?.array ?? []).flatMap { $0["rules"]?.array ?? [] }
        return (rules.count { $0["fate"]?.string == "moves" }, rules.count)
    }
}
