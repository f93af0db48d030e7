internal import Diagnostics
internal import IPTablesBackend
internal import JSONC
package import NFTablesBackend
internal import PacketModel

extension LoadedState {
    /// Reads the host, or one of its network namespaces, and leaves no trace there.
    ///
    /// - Throws: `DiagnosticError` without the privilege to read, or without the namespace; a tool that is missing
    ///   or fails is part of the state.
    package static func read(
        tools: any HostToolRunner, nft: any NFTRunner, namespace: NetworkNamespace? = nil
    ) async throws -> LoadedState {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("reading the firewall") }
        let (iptables, asksSets) = try await iptables(tools: tools, in: namespace)
        let sets = asksSets ? try await addressSets(tools, namespace) : []
        return LoadedState(nftables: try await nftables(nft), iptables: iptables, addressSets: sets)
    }

    /// Both variants of iptables, and whether a rule asks a set of ours.
    static func iptables(
        tools: any HostToolRunner, in namespace: NetworkNamespace?
    ) async throws -> (parts: [IPTables], asksSets: Bool) {
        guard tools.isPrivileged else { throw DiagnosticError.notPrivileged("reading the firewall") }
        var iptables: [IPTables] = []
        var asksSets = false
        for variant in IPTablesVariant.allCases {
            for family in AddressFamily.allCases {
                let part = try await part {
                    let filter = try await IPTablesFilter.read(variant, family, tools: tools, in: namespace)
                    let state = IPTablesState(filter)
                    asksSets = asksSets || filter.asksOwnSets
                    return state.isEmpty && state.reach == .missing ? nil : state
                }
                iptables.append(IPTables(variant: variant, family: family, part: part))
            }
        }
        return (iptables, asksSets)
    }

    /// Our nft table; without the texts of rules and the elements of sets it is read more quickly.
    static func nftables(_ nft: any NFTRunner, isBrief: Bool = false) async throws -> Part<NFTablesState> {
        try await part {
            guard var state = try await nft.list(.seawall, terse: isBrief).map({ NFTablesState($0) }) else {
                return nil
            }
            if !isBrief, let text = try await nft.listText() { state.takeTexts(from: text) }
            return state
        }
    }

    private static func addressSets(
        _ tools: any HostToolRunner, _ namespace: NetworkNamespace?
    ) async throws -> [AddressSetState] {
        guard tools.path(of: "ipset") != nil else { return [] }
        let result = try await tools.run(HostToolCall("ipset", ["list", "-terse"], in: namespace))
        return result.code == 0 ? AddressSetState.read(String(decoding: result.output, as: UTF8.self)) : []
    }

    private static func part<State>(_ read: () async throws -> State?) async throws -> Part<State> {
        do {
            return try await read().map { .present($0) } ?? .absent
        } catch let error as DiagnosticError {
            let ids = error.diagnostics.map(\.id)
            if ids.contains("not-privileged") || ids.contains("bad-namespace") { throw error }
            return .unavailable(error.diagnostics.map(\.message).joined(separator: "; "))
        }
    }
}

extension NFTablesState {
    /// The objects of a listing.
    init(_ listing: JSONValue) {
        self.init(chains: [], sets: [])
        for object in listing["nftables"]?.array ?? [] {
            if let chain = object["chain"], let name = chain["name"]?.string {
                chains.append(Chain(name: name, base: NFTChainShape(chain, name: name).base, rules: []))
            } else if let rule = object["rule"],
                let place = chains.firstIndex(where: { $0.name == rule["chain"]?.string })
            {
                chains[place].rules.append(Rule(rule))
            } else if let set = object["set"] ?? object["map"] {
                let type = set["type"]?.string ?? set["type"]?.array?.compactMap(\.string).joined(separator: " . ")
                sets.append(
                    Set(name: set["name"]?.string ?? "", type: type ?? "", count: set["elem"]?.array?.count ?? 0))
            }
        }
    }
}

extension NFTablesState {
    /// Adds the text of each rule from nft's own listing of the table; a chain that has changed in between stays without.
    mutating func takeTexts(from listing: String) {
        var texts: [String: [String]] = [:]
        var chain: String?
        for line in listing.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.first == "chain", words.last == "{", words.count == 3 {
                chain = String(words[1])
            } else if words == ["}"] {
                chain = nil
            } else if let chain, words.first != "type" || !words.contains("hook") {
                texts[chain, default: []].append(String(line.drop(while: \.isWhitespace)))
            }
        }
        for index in chains.indices {
            guard let own = texts[chains[index].name], own.count == chains[index].rules.count else { continue }
            for (place, text) in own.enumerated() { chains[index].rules[place].text = text }
        }
    }
}

extension NFTablesState.Rule {
    fileprivate init(_ rule: JSONValue) {
        let counter = rule["expr"]?.array?.lazy.compactMap { $0["counter"] }.first
        let numbers = counter.flatMap { counter in
            counter["packets"]?.integer.map { ($0, counter["bytes"]?.integer ?? 0) }
        }
        self.init(
            comment: rule["comment"]?.string ?? "",
            counters: numbers.map { SaveCounters(packets: UInt64(clamping: $0.0), bytes: UInt64(clamping: $0.1)) })
    }
}
