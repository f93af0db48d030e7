internal import FirewallIR
internal import PacketModel

/// The ways to ask whether an address is in a set, one of which is chosen by its cost.
struct AddressLookup {
    /// The address: `ip saddr`, `ct original ip daddr`.
    let expression: NFTExpression
    let family: AddressFamily
    /// What the names of sets begin with: `drop-saddr4`.
    let name: String

    /// Alternatives, any of which has to hold; of disjoint parts a packet meets one at most.
    func alternatives(_ addresses: SourcedAddresses, _ sets: inout NFTSets) -> [[NFTStatement]] {
        let union = addresses.union.only(family)
        let own = union.ranges(of: family)
        if own.count == 1 { return [[.match(expression, .equal, own[0].value)]] }
        let missing = union.complement.ranges(of: family)
        guard missing.count >= own.count else { return [outside(missing, &sets)] }
        guard sets.isOptimized else {
            return [[.match(expression, .equal, sets.reference(own, family: family))]]
        }
        let networks = addresses.networks(family)
        let kept = NetworkLengths.kept(histogram(networks.values))
        let costs = (hash: cost(kept), interval: NFTCost.interval(own.count))
        guard costs.hash <= costs.interval else {
            let plan = NFTSetPlan(
                .interval, cost: costs.interval, instead: ("a set for each of \(kept.count) lengths", costs.hash))
            let set = sets.reference(
                kind, named: name, own.map(\.value), sources: intervalSources(own, addresses), plan: plan)
            return [[.match(expression, .equal, set)]]
        }
        let plan = NFTSetPlan(
            .hash, lookups: kept.count, cost: costs.hash, instead: ("a set of intervals", costs.interval))
        return sorted(networks, kept).map { length, members in [match(.equal, length, members, plan, &sets)] }
    }

    /// All addresses but some.
    private func outside(_ missing: [IPAddressRange], _ sets: inout NFTSets) -> [NFTStatement] {
        if missing.count == 1 { return [.match(expression, .notEqual, missing[0].value)] }
        var members = SetMembers<IPPrefix>()
        for network in missing.flatMap(\.prefixes) { members.add(network, from: []) }
        let kept = NetworkLengths.kept(histogram(members.values))
        let costs = (hash: cost(kept), interval: NFTCost.interval(missing.count))
        guard sets.isOptimized, costs.hash <= costs.interval else {
            return [.match(expression, .notEqual, sets.reference(missing, family: family))]
        }
        let plan = NFTSetPlan(
            .hash, lookups: kept.count, cost: costs.hash, instead: ("a set of intervals", costs.interval))
        return sorted(members, kept).map { match(.notEqual, $0.0, $0.1, plan, &sets) }
    }

    private func cost(_ lengths: [Int]) -> Double { NFTCost.hash * Double(lengths.count) }

    private func histogram(_ networks: [IPPrefix]) -> [Int: Int] {
        networks.reduce(into: [:]) { $0[$1.length, default: 0] += 1 }
    }

    private var kind: NFTSet.Kind { family == .ip ? .ipv4 : .ipv6 }

    /// The first addresses of the networks of each length that is kept.
    private func sorted(_ networks: SetMembers<IPPrefix>, _ lengths: [Int]) -> [(Int, SetMembers<IPAddress>)] {
        var found = [SetMembers<IPAddress>](repeating: SetMembers(), count: lengths.count)
        let places = zip(networks.values, networks.sources).sorted { $0.0.address < $1.0.address }
        for (network, sources) in places {
            guard let place = lengths.firstIndex(where: { $0 >= network.length }) else { continue }
            for address in network.split(to: lengths[place]) { found[place].add(address, from: sources) }
        }
        return zip(lengths, found).map { ($0, $1) }
    }

    private func match(
        _ op: NFTOperator, _ length: Int, _ members: SetMembers<IPAddress>, _ plan: NFTSetPlan, _ sets: inout NFTSets
    ) -> NFTStatement {
        let isWhole = length == family.addressBits
        if members.values.count == 1, let network = IPPrefix(members.values[0], length: length) {
            return .match(expression, op, isWhole ? .address(network.address) : .prefix(network))
        }
        let isSourced = members.sources.contains { !$0.isEmpty }
        let set = sets.reference(
            kind, named: "\(name)-\(length)", members.values.map(NFTValue.address),
            sources: isSourced ? members.sources : [], plan: plan)
        return .match(isWhole ? expression : .network(expression, length: length), op, set)
    }

    /// The rules that name a part of each interval.
    private func intervalSources(_ intervals: [IPAddressRange], _ addresses: SourcedAddresses) -> [[String]] {
        var found = [[String]](repeating: [], count: intervals.count)
        for part in addresses.parts where !part.sources.isEmpty {
            for range in part.set.ranges(of: family) {
                var (low, high) = (0, intervals.count)
                while low < high {
                    let middle = (low + high) / 2
                    if intervals[middle].last < range.first { low = middle + 1 } else { high = middle }
                }
                guard low < intervals.count else { continue }
                for id in part.sources where !found[low].contains(id) { found[low].append(id) }
            }
        }
        return found
    }
}
