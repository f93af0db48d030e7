internal import Deployment
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// What would be loaded in one place, and how that differs from what is there.
struct PlannedTarget {
    /// `iptables-legacy, DOCKER-USER`, `nft, table inet seawall`, `ipset`.
    var name: String
    /// The family, if it is of one.
    var family: AddressFamily?
    /// What would be done, as a sentence without its place: `load 13 rules`.
    var action: String
    /// What would be handed to the tool.
    var text: String
    /// The lines that would go and come; nothing, if that was not asked for.
    var difference: [String] = []
    /// Of nft: what would be done to the table.
    var change: NFTTableChange?

    /// The form `load 13 rules into iptables-legacy, DOCKER-USER`.
    var line: String { "\(action) \(change == nil || isReplacement ? "into" : "of") \(name)" }

    private var isReplacement: Bool { if case .replacement? = change { true } else { false } }

    /// The target for programs.
    func json(withText: Bool) -> JSONValue {
        var members = [JSONMember("target", .string(name)), JSONMember("action", .string(action))]
        if let family { members.append(JSONMember("family", .string(family.rawValue))) }
        if let change { members.append(JSONMember("change", change.json)) }
        if withText {
            members += [
                JSONMember("difference", .array(difference.map { .string($0) })), JSONMember("text", .string(text)),
            ]
        }
        return .object(members)
    }
}

extension [PlannedTarget] {
    /// The targets of a plan for iptables, sets first.
    static func iptables(_ plan: IPTablesPlan, _ live: LivePlan, comparesLines: Bool) -> [PlannedTarget] {
        let families = zip(plan.families, zip(live.before.places, live.after.places)).map { family, places in
            let rules = family.document.lines.count { if case .append = $0 { true } else { false } }
            let kept = family.keptRules.count
            let others = kept == 0 ? "" : kept == 1 ? " (1 rule of others stays)" : " (\(kept) rules of others stay)"
            let chain = family.layout == .dockerUser ? IPTablesNames.dockerUser : IPTablesNames.ownChain
            return PlannedTarget(
                name: "\(plan.variant.name(family.family)), \(chain)\(others)", family: family.family,
                action: "load \(counted(rules, "rule"))", text: family.document.text,
                difference: comparesLines ? LineDifference.lines(places.0.lines, places.1.lines) : [])
        }
        return sets(plan.sets) + families
    }

    private static func sets(_ plan: IPSetPlan) -> [PlannedTarget] {
        guard !plan.made.isEmpty || !plan.obsolete.isEmpty else { return [] }
        let entries = plan.made.reduce(0) { $0 + $1.entries.count }
        let made =
            plan.made.isEmpty
            ? nil : "load \(counted(plan.made.count, "set")) with \(counted(entries, "entry", "entries"))"
        let gone = plan.obsolete.isEmpty ? nil : "take away \(counted(plan.obsolete.count, "set"))"
        return [
            PlannedTarget(
                name: "ipset", action: [made, gone].compactMap { $0 }.joined(separator: " and "),
                text: IPSetDocument(making: plan.made).text + IPSetDocument(destroying: plan.obsolete).text)
        ]
    }

}

extension PlannedTarget {
    /// The target of a plan for nft.
    static func nft(_ document: NFTDocument, _ live: LivePlan, header: [String], comparesLines: Bool) -> PlannedTarget {
        let rules = document.table.chains.reduce(0) { $0 + $1.rules.count }
        let action: String
        let text: String
        switch live.change {
        case .elements(let sets):
            action = "change " + sets.map { "\($0)" }.joined(separator: ", ")
            text = NFTTableChange.commands(sets).text(.pretty) + "\n"
        default:
            action = "load \(counted(rules, "rule"))"
            text = document.text(header: header)
        }
        return PlannedTarget(
            name: "nft, table inet \(document.table.name)", action: action, text: text,
            difference: comparesLines
                ? LineDifference.lines(live.before.places[0].lines, live.after.places[0].lines) : [],
            change: live.change)
    }
}

/// `1 rule`, `2 rules`, `2 entries`.
func counted(_ count: Int, _ one: String, _ several: String? = nil) -> String {
    "\(count) \(count == 1 ? one : several ?? one + "s")"
}
