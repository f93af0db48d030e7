internal import IPTablesBackend
internal import PacketModel

extension LoadedState {
    /// The state for people: a headline for each part of the host, and below it what of ours is there.
    package var text: String {
        ([nftablesLines] + iptables.map(\.lines) + [setLines]).flatMap { $0 }.joined(separator: "\n") + "\n"
    }

    private var setLines: [String] {
        guard !addressSets.isEmpty else { return [] }
        return ["ipset: \(counted(addressSets.count, "set")) of addresses"]
            + addressSets.map { "  set \($0.name): \($0.entries == 1 ? "1 entry" : "\($0.entries) entries")" }
    }

    private var nftablesLines: [String] {
        switch nftables {
        case .unavailable(let reason): ["nftables: cannot be looked at: \(reason)"]
        case .absent: ["nftables: there is no table inet seawall"]
        case .present(let state): ["nftables: table inet seawall"] + state.lines
        }
    }
}

extension NFTablesState {
    fileprivate var lines: [String] {
        var lines: [String] = []
        for chain in chains {
            let base = chain.base.map { ": \($0)" } ?? ""
            lines.append("  chain \(chain.name)\(base), \(counted(chain.rules.count, "rule"))")
            for rule in chain.rules {
                let text =
                    rule.text ?? (rule.comment.isEmpty ? "(no comment)" : rule.comment) + counterText(rule.counters)
                lines.append("    " + text)
            }
        }
        for set in sets { lines.append("  set \(set.name): \(set.type), \(counted(set.count, "element"))") }
        return lines
    }
}

extension LoadedState.IPTables {
    fileprivate var lines: [String] {
        let name = variant.name(family)
        switch part {
        case .unavailable(let reason): return ["\(name): cannot be looked at: \(reason)"]
        case .absent: return ["\(name): nothing of Seawall's, and no chain DOCKER-USER"]
        case .present(let state): return ["\(name): " + state.headline] + state.ruleLines
        }
    }
}

extension IPTablesState {
    fileprivate var headline: String {
        let others = foreignRules == 0 ? nil : "\(counted(foreignRules, "rule")) of others in DOCKER-USER"
        return [ownText, reachText, inputText, others].compactMap { $0 }.joined(separator: "; ")
    }

    private var ownText: String {
        switch layout {
        case .dockerUser: "\(counted(rules.count, "rule")) in DOCKER-USER"
        case .ownChain:
            "\(counted(chains.first { $0.name == IPTablesNames.ownChain }?.rules.count ?? 0, "rule")) in the chain "
                + "SEAWALL"
        case nil: chains.isEmpty ? "nothing of Seawall's" : "chains of Seawall's that nothing leads to"
        }
    }

    private var reachText: String {
        switch reach {
        case .reached: "DOCKER-USER is reached"
        case .missing: "there is no chain DOCKER-USER"
        case .unreached: "DOCKER-USER is not reached: no rule leads there from FORWARD"
        case .conditional(let rule): "DOCKER-USER is reached only under a condition: \(rule)"
        case .blocked(let rule): "DOCKER-USER is not reached: before it stands \(rule)"
        }
    }

    private var inputText: String? {
        switch inputReach {
        case nil: nil
        case .reached: "SEAWALL-INPUT is reached"
        case .missing, .unreached: "SEAWALL-INPUT is not reached: no rule leads there from INPUT"
        case .conditional(let rule): "SEAWALL-INPUT is reached only under a condition: \(rule)"
        case .blocked(let rule): "SEAWALL-INPUT is not reached: before it stands \(rule)"
        }
    }

    fileprivate var ruleLines: [String] {
        let direct = rules.map { line(IPTablesNames.dockerUser, $0) }
        return direct
            + chains.flatMap { chain in
                ["  chain \(chain.name), \(counted(chain.rules.count, "rule"))"]
                    + chain.rules.map { "  " + line(chain.name, $0) }
            }
    }

    private func line(_ chain: String, _ rule: SaveRule) -> String {
        "  " + IPTablesLine.appendWords(chain, words: rule.words).text + counterText(rule.counters)
    }
}

private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

private func counterText(_ counters: SaveCounters?) -> String {
    counters.map { "  (\(counted(Int(clamping: $0.packets), "packet")), \(counted(Int(clamping: $0.bytes), "byte")))" }
        ?? ""
}
