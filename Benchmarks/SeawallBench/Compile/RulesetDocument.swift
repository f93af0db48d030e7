internal import Diagnostics
internal import FirewallIR
internal import PacketModel

/// The policy-shaped rule sets of `RulesetLab` as documents: what a generator of policies would write.
enum RulesetDocument {
    /// A document with the rules of a rule set, without those that every scope adds by itself.
    static func text(_ ruleset: Ruleset) -> String {
        let rules = ruleset.scopes.flatMap(\.chains).flatMap(\.rules).dropFirst(2)
        let content = rules.map { "{\"rule\": {\"id\": \"\($0.id)\", \(members($0))}}" }
        let locations = rules.map { "\"\($0.id)\": \"Policy.swift:\($0.origin.line ?? 1)\"" }
        return """
            {"seawall": {"document": 1, "generator": "seawall-bench"}, "policy": "Measured", "files": [],
             "content": [{"scope": {"id": "5c0pe000", "kind": "inbound", "in": [\(interfaces(of: ruleset))], "related": "pass",
             "invalid": "judge", "untracked": "judge", "direct": "judge", "content": [
            \(content.joined(separator: ",\n"))]}}],
             "locations": {"5c0pe000": "Policy.swift:1", \(locations.joined(separator: ",\n"))}}
            """
    }

    /// Where all packets enter, as the first rule says it.
    private static func interfaces(of ruleset: Ruleset) -> String {
        let first = ruleset.scopes.flatMap(\.chains).flatMap(\.rules).first?.condition.first
        return (first?.inInterface?.patterns ?? []).map { "\"\($0)\"" }.joined(separator: ", ")
    }

    private static func members(_ rule: FirewallRule) -> String {
        var members = ["\"verdict\": \"\(rule.verdict == .drop ? "drop" : "allow")\""]
        let box = rule.condition[0]
        if let proto = box.protocols?.single, let ports = box.originalDestinationPort {
            let list = ports.values.intervals.map {
                $0.count == 1 ? "\($0.lowerBound)" : "\"\($0.lowerBound)-\($0.upperBound)\""
            }
            members.append(
                "\"services\": [{\"protocol\": \"\(IPProtocol(rawValue: proto).name)\", \"ports\": [\(list.joined(separator: ", "))]}]"
            )
        }
        if let source = box.source {
            let list = (source.ranges(of: .ip) + source.ranges(of: .ip6)).map { "\"\($0)\"" }
            members.append("\"from\": [\(list.joined(separator: ", "))]")
        }
        return members.joined(separator: ", ")
    }
}
