import FoundationEssentials
import PacketLab
import PacketModel
import TestSupport
import Testing

/// The router of the lab as a host that Seawall manages: with rules of others, an old policy in force, and a new one at hand.
///
/// Both policies let `client` come to port 8080, and neither lets `stranger`; they differ in what becomes of port 9090.
struct TrialHost {
    enum Backend: String, CaseIterable, CustomStringConvertible {
        case iptables, nft

        var description: String { rawValue }
    }

    let lab: Lab
    let folder: TestFolder
    let backend: Backend
    /// A folder of programs that are found before those of the host.
    var tools: String?

    /// A fresh host.
    static func with<T>(_ backend: Backend, _ body: (TrialHost) async throws -> T) async throws -> T {
        let lab = try #require(HostLabTrait.lab)
        return try await withFolder { folder in
            let host = TrialHost(lab: lab, folder: folder, backend: backend)
            try host.reset()
            return try await body(host)
        }
    }

    /// The rules of Docker alone, and those of others: fail2ban's in `DOCKER-USER`, and an nft table.
    private func reset() throws {
        try lab.resetFirewall()
        for (program, address) in [
            ("iptables-legacy-restore", "203.0.113.9"), ("ip6tables-legacy-restore", "2001:db8::9"),
        ] {
            let text = """
                *filter
                :f2b - [0:0]
                -A f2b -s \(address) -j REJECT
                -A f2b -j RETURN
                -A DOCKER-USER -p tcp -m multiport --dports 22,2222 -j f2b
                COMMIT

                """
            try Program.demand([program, "--noflush"], in: lab[.router], input: text)
        }
        try lab.loadNFT(
            "table inet others {\n chain guard {\n type filter hook input priority 5; policy accept;\n tcp dport 23 drop\n }\n}\n"
        )
    }

    // MARK: - Commands

    /// Runs `seawall` on the host.
    ///
    /// - Parameters:
    ///   - arguments: its arguments, but for the namespace.
    ///   - faults: `kill:STEP` and the like.
    /// - Returns: how it ended.
    /// - Throws: what the start of a program throws.
    @discardableResult
    func seawall(_ arguments: String..., faults: String = "") async throws -> ShellOutcome {
        try await run(Executable.path, arguments + ["--netns", lab[.router].name], environment: variables(faults))
    }

    /// The variables that its commands are run with.
    func variables(_ faults: String = "") -> [String: String] {
        var variables = ["SEAWALL_STATE_DIR": folder.path + "/state", "SEAWALL_FAULT": faults]
        if let tools { variables["PATH"] = tools + ":/usr/sbin:/usr/bin:/sbin:/bin" }
        return variables
    }

    /// Runs `seawall`, which has to succeed.
    @discardableResult
    func must(_ arguments: String...) async throws -> String {
        let outcome = try await run(
            Executable.path, arguments + ["--netns", lab[.router].name], environment: variables())
        try #require(outcome.status == 0, "\(arguments): \(outcome.status) \(outcome.errors)")
        return outcome.output
    }

    /// The policy that is in force at first.
    var old: String { get async throws { try await Policies.shared.path(\.old) } }
    /// The policy that takes its place.
    var new: String { get async throws { try await Policies.shared.path(\.new) } }

    func apply(_ policy: String, _ options: String..., faults: String = "") async throws -> ShellOutcome {
        try await run(
            Executable.path,
            ["apply", policy, "--backend", backend.rawValue, "--netns", lab[.router].name] + backend.options + options,
            environment: variables(faults))
    }

    // MARK: - What is there

    /// Everything of the firewall, without counters.
    func state() async throws -> String {
        let script = """
            for tool in iptables-legacy-save ip6tables-legacy-save iptables-nft-save ip6tables-nft-save; do
                echo "== $tool"; $tool 2>/dev/null | grep -v '^#' | sed 's/\\[[0-9]*:[0-9]*\\]//'
            done
            echo "== ipset"; ipset save
            echo "== nft"; nft list ruleset | sed 's/counter packets [0-9]* bytes [0-9]*/counter/'
            """
        return try Program.demand(["sh", "-c", script], in: lab[.router])
    }

    // MARK: - Packets

    /// Begins to send packets that have to pass, and packets that must not.
    func patrol() throws -> Patrol {
        func syn(_ host: Host, _ family: AddressFamily) -> Probe {
            let packet = Packet(
                from: host.address(family), to: Host.router.address(family), .tcp(destination: 8080))
            return Probe(packet, from: host, reaches: .web)
        }
        return try Patrol(
            in: lab, allowed: AddressFamily.allCases.map { syn(.client, $0) },
            forbidden: AddressFamily.allCases.map { syn(.stranger, $0) })
    }
}

extension TrialHost.Backend {
    /// The sets of ipset are part of what is changed.
    fileprivate var options: [String] { self == .iptables ? ["--ipset"] : [] }
}
