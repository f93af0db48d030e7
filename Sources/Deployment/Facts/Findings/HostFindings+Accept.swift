internal import Diagnostics
internal import FirewallIR
internal import NFTablesBackend
internal import PacketModel

extension HostFindings {
    /// An `Accept` under nft, where Docker has to be told which packets it is to accept.
    var accepts: [Diagnostic] {
        guard target == .nft, let rule = rules.first(where: { $0.verdict == .accept }) else { return [] }
        guard let mark = acceptMark else {
            return [
                Diagnostic(
                    "accept-needs-mark", .warning, at: rule.origin,
                    "'Accept' needs a mark under nft: `--accept-mark 0x1/0x1`, and Docker has to be told of it",
                    notes: remedy(mark: "0x1/0x1").map { Diagnostic.Note($0) })
            ]
        }
        let word = "0x\(String(mark.value, radix: 16))/0x\(String(mark.mask, radix: 16))"
        if isAccepted(mark) { return fragile(rule) }
        return [
            Diagnostic(
                "accept-needs-mark", .warning, at: rule.origin,
                "'Accept' sets the mark \(word), and nothing of this host's Docker accepts it: the rule opens nothing",
                notes: remedy(mark: word).map { Diagnostic.Note($0) })
        ]
    }

    /// Whether Docker's own rules, or one in `DOCKER-USER`, accept the mark.
    private func isAccepted(_ mark: AcceptMark) -> Bool {
        if let configured = facts.docker.settings.acceptMark.value {
            return Self.mark(configured) == mark
        }
        guard let variant = facts.docker.backend.backend?.variant else { return false }
        return families.families.allSatisfy { family in
            let rules = facts.iptables.first { $0.variant == variant && $0.family == family }?.rules.value
            return (rules?.foreignRules ?? []).contains { text in
                let words = text.split(separator: " ").map(String.init)
                guard words.count == 8, Array(words[2...4]) == ["-m", "mark", "--mark"],
                    Array(words[6...]) == ["-j", "ACCEPT"]
                else { return false }
                return Self.mark(words[5]) == mark
            }
        }
    }

    /// What has to be done on this host.
    private func remedy(mark: String) -> [String] {
        let docker = facts.docker
        if let major = docker.version?.major, major >= 29 {
            var notes = ["start dockerd with `--bridge-accept-fwmark=\(mark)`"]
            if let configured = docker.settings.acceptMark.value {
                notes = ["its daemon accepts the mark \(configured): use that, or start it with another"]
            }
            return notes + (docker.settings.allowDirectRouting.value ? [] : [Self.direct])
        }
        guard let variant = docker.backend.backend?.variant ?? docker.version.map({ _ in IPTablesVariant.legacy })
        else { return ["Docker 29 takes `--bridge-accept-fwmark=\(mark)`; older engines need a rule in DOCKER-USER"] }
        let tools = families.families.map { variant.name($0) }
        let version = docker.version.map { "Docker \($0)" } ?? "this engine"
        return ["\(version) has no option for it, and needs a rule:"]
            + tools.map { "`\($0) -I DOCKER-USER -m mark --mark \(mark) -j ACCEPT`" }
    }

    /// What Docker 29 does with its own rule in iptables.
    private func fragile(_ rule: FirewallRule) -> [Diagnostic] {
        guard facts.docker.version?.major == 29, facts.docker.backend.backend?.variant != nil,
            facts.docker.settings.acceptMark.value != nil
        else { return [] }
        return [
            Diagnostic(
                "accept-mark-fragile", .warning, at: rule.origin,
                "'Accept' depends on one rule that Docker 29 has in iptables for the mark, and that `docker network rm` of "
                    + "any network takes away until the daemon starts again")
        ]
    }

    private static let direct =
        "Docker 28 and later drop what is routed to a container before that, unless `--allow-direct-routing` is set"

    /// The mark of `0x1/0x1`, or of `0x1`.
    static func mark(_ text: String) -> AcceptMark? {
        let numbers = text.split(separator: "/").map { word -> UInt32? in
            word.hasPrefix("0x") ? UInt32(word.dropFirst(2), radix: 16) : UInt32(word)
        }
        guard let first = numbers.first, let value = first else { return nil }
        return AcceptMark(value: value, mask: numbers.count > 1 ? numbers[1] ?? 0 : .max)
    }
}
