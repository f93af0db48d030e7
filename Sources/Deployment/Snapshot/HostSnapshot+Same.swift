internal import IPTablesBackend
internal import JSONC
internal import NFTablesBackend

extension HostSnapshot {
    /// What is not as it was in another snapshot, in words; nothing, if all that Seawall may change is the same.
    ///
    /// Rules of others in `DOCKER-USER` may have come or gone meanwhile: their order among themselves and ours among
    /// themselves is compared then. Counters are no part of it.
    package func differences(from former: HostSnapshot) throws -> [String] {
        var result: [String] = []
        for part in former.iptables {
            guard let now = iptables.first(where: { $0.variant == part.variant && $0.family == part.family }) else {
                result.append("\(part.variant.name(part.family)) can no longer be read")
                continue
            }
            let filter = try part.filter()
            let present = try now.filter()
            result += present.differences(from: filter, former.taken.first { $0.isOf(filter) })
            if let place = former.readied.first(where: { $0.isOf(filter) }) {
                result += present.differences(from: filter, place)
            }
        }
        if !Self.isSame(table, former.table) { result.append("the table inet seawall is not as it was") }
        let missing = former.setNames.subtracting(setNames)
        if !missing.isEmpty { result.append("sets are missing: \(missing.sorted().joined(separator: ", "))") }
        return result
    }

    /// Whether two listings of our table are the same, counters and handles apart.
    static func isSame(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        if a == b { return true }
        do throws(NFTIncomparable) {
            return try NFTTableImage(a).isSame(as: try NFTTableImage(b))
        } catch {
            return false
        }
    }

    /// The names of our sets.
    var setNames: Set<String> {
        Set(
            sets.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ", maxSplits: 2)
                return words.count > 1 && words[0] == "create" ? String(words[1]) : nil
            })
    }
}

extension IPTablesFilter {
    fileprivate func differences(from former: IPTablesFilter, _ taken: TakenRules?) -> [String] {
        let place = variant.name(family)
        var result: [String] = []
        let names = Set((former.ownChains + ownChains).map(\.name))
        for name in names.sorted() where !hasSame(name, as: former) {
            result.append("the chain \(name) of \(place) is not as it was")
        }
        let was = DockerUserRules(former.table)
        let now = DockerUserRules(table)
        let areSame =
            taken.map { $0.putBack(into: now.rules).map(\.words) == now.rules.map(\.words) }
            ?? (was.rules(of: .foreign).map(\.words) == now.rules(of: .foreign).map(\.words)
                ? was.rules.map(\.words) == now.rules.map(\.words)
                : was.rules(of: .seawall).map(\.words) == now.rules(of: .seawall).map(\.words))
        if !areSame { result.append("DOCKER-USER of \(place) is not as it was") }
        for chain in Self.builtIn where ownRules(chain) != former.ownRules(chain) {
            result.append("our rules in \(chain) of \(place) are not as they were")
        }
        return result
    }

    /// What of the policy of FORWARD and its jump to `DOCKER-USER` is not as it was, where it was changed.
    fileprivate func differences(from former: IPTablesFilter, _ place: ReadiedPlace) -> [String] {
        var result: [String] = []
        if place.opensPolicy, forwardPolicy != former.forwardPolicy {
            result.append("FORWARD of \(place.name) has not the policy that it had")
        }
        if place.dockerUser != nil, (jumpPosition == nil) != (former.jumpPosition == nil) {
            result.append("the jump from FORWARD to DOCKER-USER of \(place.name) is not as it was")
        }
        return result
    }

    private func hasSame(_ chain: String, as former: IPTablesFilter) -> Bool {
        table.chain(chain)?.rules.map(\.words) == former.table.chain(chain)?.rules.map(\.words)
    }

    private func ownRules(_ chain: String) -> [[String]] {
        table.rules(of: chain).filter(Self.isOwn).map(\.words)
    }

    /// The chains of the kernel in which jumps of ours may stand.
    static let builtIn = ["INPUT", "FORWARD"]

    /// Whether a rule of a built-in chain is ours: it leads to a chain of ours.
    static func isOwn(_ rule: SaveRule) -> Bool { rule.target.map { isOwn($0.name) } == true }
}
