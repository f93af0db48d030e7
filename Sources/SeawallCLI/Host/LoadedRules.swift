internal import Deployment
internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend
internal import PacketModel

/// What was loaded, or would be, in one place.
struct LoadedRules {
    var target: String
    var family: AddressFamily?
    var rules: Int
    var kept = 0
    var text: String
    var change: NFTTableChange?
    /// How many sets of addresses, whose entries are counted in the place of rules.
    var sets: Int?

    /// The form `iptables-legacy, DOCKER-USER: 13 rules`, and what of it changed.
    func line(of policy: String, dryRun: Bool) -> String {
        let count = rules == 1 ? "1 rule" : "\(rules) rules"
        if let sets {
            let verb = dryRun ? "would load" : "loaded"
            let entries = rules == 1 ? "1 entry" : "\(rules) entries"
            return "\(verb) \(policy) into \(target): \(sets == 1 ? "1 set" : "\(sets) sets") with \(entries)\n"
        }
        switch change {
        case .nothing: return "nothing to change for \(policy) in \(target): \(count)\n"
        case .elements(let sets):
            let verb = dryRun ? "would change" : "changed"
            return "\(verb) elements for \(policy) in \(target): \(count)\n"
                + sets.map { "  \($0)\n" }.joined()
        case .replacement, nil:
            let verb = dryRun ? "would load" : "loaded"
            return "\(verb) \(policy) into \(target): \(count)" + (kept == 0 ? "" : ", \(kept) of others kept")
                + "\n" + (change.map { "  \($0)\n" } ?? "")
        }
    }

    func json(withText: Bool) -> JSONValue {
        var members = [JSONMember("target", .string(target))]
        if let sets {
            members += [
                JSONMember("sets", .integer(Int64(sets))), JSONMember("entries", .integer(Int64(rules))),
            ]
        } else {
            members.append(JSONMember("rules", .integer(Int64(rules))))
        }
        if let family { members.insert(JSONMember("family", .string(family.rawValue)), at: 0) }
        if sets == nil { members.append(JSONMember("kept", .integer(Int64(kept)))) }
        if let change { members.append(JSONMember("change", change.json)) }
        if withText { members.append(JSONMember("text", .string(text))) }
        return .object(members)
    }
}
