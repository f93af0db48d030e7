internal import ArgumentParser
internal import Deployment
internal import Diagnostics
internal import JSONC

/// A way of running Docker for which a host can be checked.
enum ReadinessGoal: String, ExpressibleByArgument, CaseIterable {
    /// Docker's own nft backend.
    case dockerNFTables = "docker-nftables"
}

/// What stands in the way of Docker's own nft backend on this host.
struct ReadinessReport {
    let findings: [Diagnostic]

    /// Looks at a host.
    ///
    /// - Parameter host: the host.
    /// - Returns: what was found.
    /// - Throws: `DiagnosticError` if nothing of it can be read.
    static func read(_ host: ManagedHost) async throws -> ReadinessReport {
        let view = try await HostView.read(host)
        var findings = DockerNFTablesReadiness.find(view.facts, files: LocalFiles())
        if let state = try host.store.current(), state.settings.backend == .iptables {
            findings.insert(.policyInIPTables(state), at: 0)
        }
        return ReadinessReport(findings: findings)
    }

    /// How many findings have to be dealt with first.
    var obstacles: Int { findings.count { $0.severity == .error } }

    /// The text behind the findings.
    var text: String {
        switch obstacles {
        case 0: "nothing stands in the way of `firewall-backend: nftables` on this host\n"
        case 1: "1 thing stands in the way of `firewall-backend: nftables` on this host\n"
        default: "\(obstacles) things stand in the way of `firewall-backend: nftables` on this host\n"
        }
    }

    /// The JSON.
    var json: JSONValue {
        [
            "outcome": .string(obstacles == 0 ? "ready" : "not-ready"), "obstacles": .integer(Int64(obstacles)),
            "diagnostics": Report.diagnostics(findings),
        ]
    }
}

extension Diagnostic {
    fileprivate static func policyInIPTables(_ state: AppliedState) -> Diagnostic {
        Diagnostic(
            "docker-nft-policy", .error, at: nil,
            "state \(state.number) (\(state.policy)) is in force in iptables, which Docker would no longer lead packets to",
            notes: [Note("`seawall migrate` moves it to nft first")])
    }
}
