internal import Diagnostics
internal import IPTablesBackend
internal import PacketModel

/// What is said when the tables of iptables are not as they have to be; in the order of the ids.
extension DiagnosticError {
    static func ambiguousVariant() -> DiagnosticError {
        DiagnosticError(
            .host, "ambiguous-variant",
            "DOCKER-USER is reached both in iptables-legacy and in iptables-nft: it is not known which of them "
                + "Docker uses",
            notes: [
                "pass `--variant legacy` or `--variant nft`; Docker uses what its own `iptables --version` names",
                "an engine that was moved from one to the other leaves its old chains behind",
            ])
    }

    static func concurrentChange(_ filter: IPTablesFilter) -> DiagnosticError {
        DiagnosticError(
            .host, "changed-meanwhile",
            "\(filter.label): DOCKER-USER or a chain of Seawall's was changed by somebody else after it was read; "
                + "nothing was written",
            notes: ["run the command again"])
    }

    static func foreignFilterTable(_ tool: String, _ family: AddressFamily) -> DiagnosticError {
        DiagnosticError(
            .host, "foreign-filter-table",
            "'\(tool)' cannot read the table '\(family.rawValue) filter': somebody has put rules of nft's own into it",
            notes: ["`nft list table \(family.rawValue) filter` shows them; they have to go into a table of their own"])
    }

    static func foreignRulesLost(_ rules: [SaveRule], _ filter: IPTablesFilter) -> DiagnosticError {
        DiagnosticError(
            .host, "foreign-rules",
            "\(filter.label): DOCKER-USER holds \(rules.count) rules that are not Seawall's and that the layout "
                + "'docker-user' would remove",
            notes: shown(rules) + ["without `--layout` they are kept, behind a jump to the chain SEAWALL"])
    }

    static func ipsetMissing() -> DiagnosticError {
        DiagnosticError(
            .host, "tool-missing",
            "'ipset' is neither in PATH nor in /usr/sbin or /sbin: install the Debian package 'ipset', or leave out '--ipset'"
        )
    }

    static func ipsetReadBack(_ names: [String]) -> DiagnosticError {
        DiagnosticError(
            .host, "ipset-read-back",
            "sets of ipset do not hold what was sent: \(names.prefix(5).joined(separator: ", "))"
                + (names.count > 5 ? " and \(names.count - 5) more" : ""),
            notes: ["the rules were not changed, and the new sets were taken away again"])
    }

    static func ipsetRefused(_ result: HostToolResult) -> DiagnosticError {
        DiagnosticError(
            .host, "ipset-refused",
            "'ipset restore' refuses the sets (exit code \(result.code)); the rules were not changed",
            notes: lines(result.errors))
    }

    static func missingVariants(_ tools: [String]) -> DiagnosticError {
        DiagnosticError(
            .host, "tool-missing",
            "no iptables was found: neither '\(tools.joined(separator: "' nor '"))' is in PATH, /usr/sbin or /sbin",
            notes: ["install the Debian package 'iptables', or use `--backend nft`"])
    }

    static func notRestored(
        _ failure: DiagnosticError, _ putBack: [String]
    ) -> DiagnosticError {
        guard let first = failure.diagnostics.first else { return failure }
        var diagnostic = first
        diagnostic.notes += putBack.map { Diagnostic.Note($0) }
        return DiagnosticError(failure.outcome, [diagnostic] + failure.diagnostics.dropFirst())
    }

    static func readBack(_ filter: IPTablesFilter, _ differences: [String]) -> DiagnosticError {
        DiagnosticError(
            .host, "iptables-read-back", "\(filter.label): what the kernel holds is not what was sent",
            notes: differences)
    }

    static func restoreRefused(_ tool: String, _ result: HostToolResult) -> DiagnosticError {
        DiagnosticError(
            .host, "iptables-refused",
            "'\(tool)' refuses the rules (exit code \(result.code)); nothing of them was loaded",
            notes: lines(result.errors))
    }

    static func rulesGone(_ filter: IPTablesFilter) -> DiagnosticError {
        DiagnosticError(
            .host, "rules-gone",
            "\(filter.label): somebody else has changed DOCKER-USER meanwhile: a rule that moves is not there any more")
    }

    static func toolFailed(_ tool: String, _ result: HostToolResult) -> DiagnosticError {
        DiagnosticError(
            .host, "tool-failed", "'\(tool)' failed (exit code \(result.code))", notes: lines(result.errors))
    }

    static func unreadableListing(_ tool: String, _ reason: String) -> DiagnosticError {
        DiagnosticError(.host, "unreadable-listing", "the listing of '\(tool)' cannot be read: \(reason)")
    }

    static func wholeTable(_ filter: IPTablesFilter) -> DiagnosticError {
        DiagnosticError(
            .refused, "whole-table",
            "\(filter.label): the policy is a whole filter table, and only what Docker forwards can be applied to a host",
            notes: ["`seawall compile --backend iptables` writes the table for iptables-restore"])
    }

    static func shown(_ rules: [SaveRule]) -> [String] {
        rules.prefix(5).map { IPTablesLine.appendWords(IPTablesNames.dockerUser, words: $0.words).text }
            + (rules.count > 5 ? ["… and \(rules.count - 5) more"] : [])
    }
}

// MARK: - DOCKER-USER

extension DiagnosticError {
    static func dockerUser(_ reach: ChainReach, _ filter: IPTablesFilter, other: ChainReach? = nil) -> DiagnosticError {
        let found =
            switch reach {
            case .reached: "DOCKER-USER is reached"
            case .missing: "there is no chain DOCKER-USER"
            case .unreached: "the chain DOCKER-USER exists, but no rule leads there from FORWARD"
            case .conditional(let rule): "DOCKER-USER is reached only by a rule with conditions: \(rule)"
            case .blocked(let rule): "DOCKER-USER is not reached: a rule before it ends every packet's way: \(rule)"
            }
        return DiagnosticError(
            .host, reach == .missing ? "docker-user-missing" : "docker-user-not-reached",
            "\(filter.label): \(found); rules put there would do nothing, so nothing was written",
            notes: dockerUserNotes(reach, filter, other: other))
    }

    private static func dockerUserNotes(_ reach: ChainReach, _ filter: IPTablesFilter, other: ChainReach?) -> [String] {
        var notes: [String] = []
        if let other, other != .missing {
            let variant = filter.variant.other
            notes.append(
                other == .reached
                    ? "it is reached in \(variant.name(filter.family)): `--variant \(variant.rawValue)` writes there"
                    : "it exists in \(variant.name(filter.family)) as well, and is not reached there either")
        }
        if filter.family == .ip6 {
            notes.append("Docker 20.10 makes no DOCKER-USER for IPv6: `--family ip` writes IPv4 alone")
        }
        notes.append(
            reach == .missing
                ? "is Docker running, and does it manage iptables?"
                : "restarting Docker puts its jump at the top of FORWARD again")
        notes.append(
            "`--without-docker` makes \(reach == .missing ? "the chain and its jump" : "the jump") at the top of "
                + "FORWARD; `--backend nft` needs neither"
        )
        return notes
    }

    static func noVariant(_ filters: [IPTablesFilter]) -> DiagnosticError {
        DiagnosticError(
            .host, "docker-user-missing",
            "there is no chain DOCKER-USER, neither in iptables-legacy nor in iptables-nft: rules would not stand in "
                + "front of Docker's; nothing was written",
            notes: [
                "is Docker running, and does it manage iptables?",
                "`--without-docker`, with `--variant`, makes the chain and its jump at the top of FORWARD; "
                    + "`--backend nft` needs neither",
            ])
    }
}

extension Diagnostic {
    static func rulesInFront(_ rules: [SaveRule], _ filter: IPTablesFilter) -> Diagnostic {
        let texts = rules.prefix(5).map { Note(IPTablesLine.appendWords("FORWARD", words: $0.words).text) }
        return Diagnostic(
            "rules-in-front", .warning, at: nil,
            "\(filter.label): \(rules.count == 1 ? "a rule of FORWARD stands" : "\(rules.count) rules of FORWARD stand") before the jump to "
                + "DOCKER-USER; packets that are decided there never come to Seawall's rules",
            notes: texts + (rules.count > 5 ? [Note("… and \(rules.count - 5) more")] : []))
    }

    static func staleChainKept(_ chain: String, _ rule: String, _ filter: IPTablesFilter) -> Diagnostic {
        Diagnostic(
            "stale-chain", .warning, at: nil,
            "\(filter.label): the chain '\(chain)' is no longer used, but is left as it is: \(rule) leads there")
    }
}

extension IPTablesFilter {
    /// `iptables-legacy`, `ip6tables-nft`: with which messages begin.
    var label: String { variant.name(family) }
}
