internal import Deployment
internal import Diagnostics

/// What is said of hosts that are made ready for Docker's own nft backend; in the order of the ids.
extension DiagnosticError {
    static func readyInForce(_ number: Int?) -> DiagnosticError {
        DiagnosticError(
            .host, "docker-nft-fixed",
            "this host was made ready for Docker's own nft backend (`migrate --check docker-nftables --fix`): without the table inet seawall\(number.map { " of state \($0)" } ?? ""), what the policy of FORWARD stopped would be open",
            notes: ["`seawall migrate --back` puts back what was there first"])
    }

    static func twoForwards(_ name: String) -> DiagnosticError {
        DiagnosticError(
            .refused, "docker-nft-fixed",
            "'\(name)' has rules for all of FORWARD, where our table stops what the policy of FORWARD stopped before `migrate --check docker-nftables --fix`",
            notes: ["`seawall migrate --back` puts back what was there first"])
    }

    static func noTableOfOurs(_ state: AppliedState?) -> DiagnosticError {
        let what =
            state.map { "state \($0.number) (\($0.policy)) is in force in iptables" }
            ?? "no policy of Seawall's is in force"
        return DiagnosticError(
            .host, "docker-nft-no-table",
            "\(what): without our nft table, what the policy DROP of FORWARD stops besides Docker's traffic would be open",
            notes: [
                "`seawall migrate` moves what is in DOCKER-USER to nft, `seawall apply --backend nft` loads a policy",
                "nothing was changed",
            ])
    }

    static func tableDrifted(_ state: AppliedState) -> DiagnosticError {
        DiagnosticError(
            .host, "docker-nft-no-table",
            "what is live is not state \(state.number) (\(state.policy)): our nft table has to be in force",
            notes: [
                "`seawall status` says what differs, `seawall apply --repair` puts it right", "nothing was changed",
            ])
    }

    static func notClosed(_ error: DiagnosticError) -> DiagnosticError {
        DiagnosticError(
            .refused, "docker-nft-not-closed",
            "rules of others in FORWARD have no exact form in our table, which has to stop what its policy DROP stops besides them",
            notes: error.diagnostics.map(\.message) + ["nothing was changed"])
    }

    static func dockerSwitched(_ place: ReadiedPlace) -> DiagnosticError {
        DiagnosticError(
            .host, "docker-nft-switched",
            "Docker has its rules in nft: with the former policy DROP of FORWARD of \(place.name), nothing that it forwards would pass",
            notes: ["switch the daemon back to iptables first", "nothing was changed"])
    }

    static func notTakenOver(_ part: DockerLeftovers.Part, _ packet: OpenedPacket, hasRules: Bool) -> DiagnosticError {
        let place = "FORWARD of \(part.place.name)"
        let what =
            if packet.isStopped {
                "\(place): rules of our table in the place of its policy DROP would stop what passes now"
            } else if hasRules {
                "\(place): its policy DROP stops what nothing else stops, and the rules of our table for all of FORWARD do not take its place"
            } else {
                "\(place): its policy DROP stops what nothing else stops, and rules of our table cannot take its place"
            }
        return DiagnosticError(
            .refused, "docker-nft-would-open", "\(what): \(packet.text)",
            notes: ["let a rule of FORWARD or the policy decide that", "nothing was changed"])
    }
}
