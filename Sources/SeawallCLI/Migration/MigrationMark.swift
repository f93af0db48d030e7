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
        _ mark: AcceptMark, _ parts: inout [MigrationPart], _ view: HostView?, _ options: MigrationOptions
    ) throws {
        for use in options.markUses {
            if let what = use.conflict(value: mark.value, mask: mark.mask) {
                throw DiagnosticError.markInUse(mark, use.table, what)
            }
        }
        for table in options.tables + parts.map(\.filter.table) {
            if let rule = table.firstRule(about: mark) { throw DiagnosticError.markInUse(mark, table.name, rule) }
        }
        // Where something stays, ACCEPT stays with it.
        for index in parts.indices where parts[index].isWhole {
            guard view?.facts.docker.backend.backend != .nftables else { continue }
            parts[index].markRule = mark
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
    /// Whether a packet may bear the mark by this rule, or is asked for it.
    ///
    /// What clears bits does so before the forward hook, where ours are set, or behind it, where nobody asks any more.
    fileprivate func isAbout(_ mark: AcceptMark) -> Bool {
        if target?.name == "ACCEPT", words.contains(mark.text) { return false }
        for (index, word) in words.enumerated() where index + 1 < words.count {
            let bits: UInt32?
            switch word {
            case "--mark": bits = MarkArgument(argument: words[index + 1]).map(\.mark.mask)
            case "--set-xmark", "--set-mark", "--or-mark", "--xor-mark", "--tproxy-mark":
                bits = Self.value(words[index + 1])
            default: continue
            }
            if (bits ?? .max) & mark.mask != 0 { return true }
        }
        return !words.allSatisfy { !["--restore-mark", "--save-mark", "--map-mark"].contains($0) }
    }

    /// The value of `VALUE/MASK`; a mask of no bits, or a value of none, is no mark that is accepted.
    private static func value(_ text: String) -> UInt32? {
        let word = text.prefix { $0 != "/" }
        return word.hasPrefix("0x") ? UInt32(word.dropFirst(2), radix: 16) : UInt32(word)
    }
}
