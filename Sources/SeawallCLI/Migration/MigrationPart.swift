internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import Importing
internal import NFTablesBackend
internal import PacketModel

/// `DOCKER-USER` of one family, and what becomes of each of its rules.
struct MigrationPart {
    /// What becomes of a rule.
    enum Fate: Hashable {
        /// It is moved to nft.
        case moves
        /// It is in both places, and why.
        case both(String)
        /// It stays on iptables alone, and why.
        case stays(String)
    }

    /// The table as it is.
    let filter: IPTablesFilter
    /// What becomes of each rule of the chain.
    var fates: [Fate]
    /// The mark that a rule at the top has to accept, where nothing else on this host does.
    var markRule: AcceptMark?
    /// Where a dump is read and no host.
    var isOffline = false

    /// `iptables-legacy`.
    var name: String { filter.variant.name(filter.family) }
    var family: AddressFamily { filter.family }
    var rules: [SaveRule] { filter.table.rules(of: IPTablesNames.dockerUser) }
    var movedCount: Int { fates.count { $0 == .moves } }
    /// Whether nothing of anybody's stays but Docker's RETURN.
    var isWhole: Bool { left.isEmpty || left == [Self.dockersReturn] }

    /// What is taken out of the chain, and what is left.
    var taken: TakenRules {
        let mark = markRule.map { SaveRule(words: ["-m", "mark", "--mark", $0.text, "-j", "ACCEPT"]) }
        return TakenRules(
            variant: filter.variant, family: family, was: rules,
            left: (mark.map { [$0] } ?? []) + zip(rules, fates).filter { $0.1 != .moves }.map(\.0))
    }

    /// The rules that are left, without the one for the mark.
    private var left: [[String]] { zip(rules, fates).filter { $0.1 != .moves }.map(\.0.words) }

    /// The table when the rules are out of it, with the rule for the mark or without.
    func afterwards(withMark: Bool) -> IPTablesFilter {
        var filter = filter
        for index in filter.table.chains.indices where filter.table.chains[index].name == IPTablesNames.dockerUser {
            filter.table.chains[index].rules = taken.left.filter { rule in
                withMark || markRule == nil || rules.contains { $0.words == rule.words }
            }
        }
        return filter
    }

    /// What Docker 20.10 puts at the end of the chain.
    static let dockersReturn = ["-j", "RETURN"]
}

extension MigrationPart {
    /// The chain and what it leads to as a text that can be imported, without the RETURN that is Docker's.
    var text: ImportText {
        var lines = ["*filter"] + reached.map { IPTablesLine.chain($0.name).text }
        for chain in reached {
            lines += importedRules(of: chain).map { IPTablesLine.appendWords(chain.name, words: $0.words).text }
        }
        return ImportText(
            name: textName, bytes: Array((lines + ["COMMIT", ""]).joined(separator: "\n").utf8), format: .iptables,
            family: family)
    }

    /// By what messages call the text.
    var textName: String { "\(name) DOCKER-USER" }

    /// The line of that text with a rule of `DOCKER-USER`, by its position from 0.
    func line(ofRule index: Int) -> Int { 2 + reached.count + index }

    /// Where each rule of the text stands in the kernel, by its line.
    var places: [(line: Int, place: SourceLocation)] {
        let rules = reached.flatMap { chain in
            importedRules(of: chain).indices.map { SourceLocation(file: "\(name) \(chain.name)", line: $0 + 1) }
        }
        return rules.enumerated().map { (2 + reached.count + $0, $1) }
    }

    private var reached: [SaveChain] { filter.table.reached(from: IPTablesNames.dockerUser) }

    private func importedRules(of chain: SaveChain) -> [SaveRule] {
        guard chain.name == IPTablesNames.dockerUser, DockerUserRules(filter.table).owners.last == .docker else {
            return chain.rules
        }
        return chain.rules.dropLast()
    }

    /// What an import made of each rule.
    ///
    /// - Parameter rules: what was imported of the text.
    mutating func take(_ rules: ImportedRules) {
        let owners = DockerUserRules(filter.table).owners
        let remainder = rules.remainders.first { $0.family == family }
        fates = owners.enumerated().map { index, owner in
            if owner == .docker { return .stays("it is Docker's") }
            guard let remainder else { return .moves }
            let line = line(ofRule: index)
            if remainder.moved.contains(line) { return .moves }
            func reason(_ entries: [ImportAccount.Entry]) -> String? {
                entries.first { $0.place.file == textName && $0.place.line == line }.map {
                    String($0.text.dropFirst("stays on iptables: ".count))
                }
            }
            if let reason = reason(rules.account.inBothPlaces) { return .both(reason) }
            return .stays(reason(rules.account.refused) ?? "it stands behind a rule that stays")
        }
    }
}
