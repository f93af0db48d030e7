internal import Deployment
internal import Diagnostics
internal import FirewallIR
internal import IPTablesBackend
internal import NFTablesBackend
internal import PacketModel

extension MigrationPlan {
    /// Sees to it that a mark is accepted where rules accept: by a rule at the top of what is left in `DOCKER-USER`.
    ///
    /// Where Docker was told of the mark and has its rules in nft, it accepts by itself. In iptables it has one rule for it,
    /// which is lost with any network that is removed, so that ours is there all the same.
    ///
    /// - Throws: `DiagnosticError` of the kind `refused` if other rules ask for bits of the mark, or set them.
    static func arrange(
        _ mark: AcceptMark, _ parts: inout [MigrationPart], _ view: HostView?, _ tables: [SaveTable],
        _ warnings: inout [Diagnostic]
    ) throws {
        for table in tables + parts.map(\.filter.table) {
            if let rule = table.firstRule(about: mark) { throw DiagnosticError.markInUse(mark, table.name, rule) }
        }
        // Where something stays, ACCEPT stays with it.
        for index in parts.indices where parts[index].isWhole {
            guard view?.facts.docker.backend.backend != .nftables else { continue }
            parts[index].markRule = mark
            warnings.append(.markRuleNotKept(mark, parts[index]))
        }
    }
}

extension SaveTable {
    /// The first rule that asks for bits of a mark, or sets them, other than the one that accepts it.
    fileprivate func firstRule(about mark: AcceptMark) -> String? {
        for chain in chains {
            for rule in chain.rules where rule.isAbout(mark) {
                return IPTablesLine.appendWords(chain.name, words: rule.words).text
            }
        }
        return nil
    }
}

extension SaveRule {
    fileprivate func isAbout(_ mark: AcceptMark) -> Bool {
        if target?.name == "ACCEPT", words.contains(mark.text) { return false }
        for (index, word) in words.enumerated() where Self.options.contains(word) && index + 1 < words.count {
            guard let other = MarkArgument(argument: words[index + 1])?.mark else { return true }
            if other.mask & mark.mask != 0 { return true }
        }
        return words.contains("--restore-mark") || words.contains("--save-mark")
    }

    private static let options: Set<String> = [
        "--mark", "--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark",
    ]
}
