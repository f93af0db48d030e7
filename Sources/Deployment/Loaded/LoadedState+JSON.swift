internal import IPTablesBackend
package import JSONC
internal import PacketModel

extension LoadedState {
    /// The state for programs.
    package var json: JSONValue {
        let sets = addressSets.map { set -> JSONValue in
            ["name": .string(set.name), "entries": .integer(Int64(set.entries))]
        }
        let members = [
            JSONMember("nftables", nftables.json { $0.members }),
            JSONMember("iptables", .array(iptables.map(\.json))),
        ]
        return .object(members + (sets.isEmpty ? [] : [JSONMember("addressSets", .array(sets))]))
    }
}

extension LoadedState.Part {
    /// `{"status": "unavailable", "reason": …}`, `{"status": "absent"}`, or `{"status": "present", …}`.
    fileprivate func json(_ members: (State) -> [JSONMember]) -> JSONValue {
        switch self {
        case .unavailable(let reason): ["status": "unavailable", "reason": .string(reason)]
        case .absent: ["status": "absent"]
        case .present(let state): .object([JSONMember("status", "present")] + members(state))
        }
    }
}

extension LoadedState.IPTables {
    fileprivate var json: JSONValue {
        guard case .object(let members) = part.json({ $0.members }) else { return .null }
        return .object(
            [JSONMember("variant", .string(variant.rawValue)), JSONMember("family", .string(family.rawValue))] + members
        )
    }
}

extension NFTablesState {
    fileprivate var members: [JSONMember] {
        [
            JSONMember("chains", .array(chains.map(\.json))),
            JSONMember(
                "sets",
                .array(
                    sets.map {
                        ["name": .string($0.name), "type": .string($0.type), "elements": .integer(Int64($0.count))]
                    })),
        ]
    }
}

extension NFTablesState.Chain {
    fileprivate var json: JSONValue {
        var members = [JSONMember("name", .string(name))]
        if let base { members.append(JSONMember("base", .string(base))) }
        members.append(
            JSONMember(
                "rules",
                .array(
                    rules.map { .object([JSONMember("comment", .string($0.comment))] + counterMembers($0.counters)) })))
        return .object(members)
    }
}

extension IPTablesState {
    fileprivate var members: [JSONMember] {
        var members: [JSONMember] = []
        if let layout { members.append(JSONMember("layout", .string(layout.rawValue))) }
        return members + reachMembers + [
            JSONMember("foreignRules", .integer(Int64(foreignRules))), JSONMember("rules", .array(rules.map(json))),
            JSONMember(
                "chains", .array(chains.map { ["name": .string($0.name), "rules": .array($0.rules.map(json))] })),
        ]
    }

    private var reachMembers: [JSONMember] {
        reach.members("dockerUser") + (inputReach?.members("inputChain") ?? [])
    }

    private func json(_ rule: SaveRule) -> JSONValue {
        .object([JSONMember("words", .array(rule.words.map { .string($0) }))] + counterMembers(rule.counters))
    }
}

extension ChainReach {
    /// `"NAME": "blocked", "NAMERule": …`.
    fileprivate func members(_ name: String) -> [JSONMember] {
        switch self {
        case .reached: [JSONMember(name, "reached")]
        case .missing: [JSONMember(name, "missing")]
        case .unreached: [JSONMember(name, "unreached")]
        case .conditional(let rule): [JSONMember(name, "conditional"), JSONMember(name + "Rule", .string(rule))]
        case .blocked(let rule): [JSONMember(name, "blocked"), JSONMember(name + "Rule", .string(rule))]
        }
    }
}

private func counterMembers(_ counters: SaveCounters?) -> [JSONMember] {
    guard let counters else { return [] }
    return [
        JSONMember("packets", .integer(Int64(clamping: counters.packets))),
        JSONMember("bytes", .integer(Int64(clamping: counters.bytes))),
    ]
}
