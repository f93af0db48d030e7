internal import Diagnostics
internal import PacketModel

extension HostFindings {
    /// Forwarding that is switched off.
    var forwarding: [Diagnostic] {
        var found: [Diagnostic] = []
        if facts.forwarding.ip == false {
            let notes =
                facts.docker.backend.backend == .nftables
                ? ["Docker's daemon does not start so with its nft tables, and loses its own networks: set it first"]
                : []
            found.append(
                Diagnostic(
                    "forwarding-off", .warning, at: nil,
                    "net.ipv4.ip_forward is 0: no IPv4 packet comes to a container from outside",
                    notes: notes.map { Diagnostic.Note($0) }))
        }
        let hasIPv6 = facts.docker.networks.contains { $0.hasIPv6 && $0.bridge != nil }
        if facts.forwarding.ip6 == false, hasIPv6 {
            found.append(
                Diagnostic(
                    "forwarding-off", .warning, at: nil,
                    "net.ipv6.conf.all.forwarding is 0, and a network of Docker's has IPv6: no IPv6 packet comes to it "
                        + "from outside"))
        }
        return found
    }

    /// What a variant of iptables that Docker no longer uses still decides.
    var leftBehind: [Diagnostic] {
        guard let backend = facts.docker.backend.backend else { return [] }
        return facts.iptables.filter { $0.variant != backend.variant }.flatMap { other -> [Diagnostic] in
            guard let rules = other.rules.value else { return [] }
            var found: [Diagnostic] = []
            if rules.forwardPolicy == "DROP" {
                found.append(
                    Diagnostic(
                        "forward-policy-left", .warning, at: nil,
                        "FORWARD of \(other.name) has the policy DROP, and Docker's rules stand in \(backend): what "
                            + "Docker forwards is dropped there",
                        notes: [
                            Diagnostic.Note(
                                "`seawall migrate --check docker-nftables --fix` takes it back, and our nft table stops then what it stops besides"
                            ), Diagnostic.Note("`\(other.name) -P FORWARD ACCEPT` takes it back alone"),
                        ]))
            }
            if rules.hasDockerUserJump, !rules.foreignRules.isEmpty {
                let count = rules.foreignRules.count
                found.append(
                    Diagnostic(
                        "docker-user-left", .warning, at: nil,
                        "DOCKER-USER of \(other.name) still decides, and Docker's rules stand in \(backend): it has "
                            + (count == 1 ? "a rule of somebody else's" : "\(count) rules of somebody else's"),
                        notes: HostFindings.shortened(rules.foreignRules).map { Diagnostic.Note($0) }))
            }
            return found
        }
    }
}
