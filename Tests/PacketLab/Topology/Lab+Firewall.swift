package import PacketModel

extension Lab {
    /// Puts the router's rules back to those of Docker alone, and forgets all connections.
    package func resetFirewall() throws {
        for family in AddressFamily.allCases {
            let rules = DockerRules(published: published, family: family)
            try Program.demand([rules.program], in: self[.router], input: rules.text)
        }
        // Of the lab's own namespace, where nobody else keeps tables.
        try Program.demand(["nft", "flush", "ruleset"], in: self[.router])
        try forgetConnections()
    }

    /// Puts rules into `DOCKER-USER` of a family, in the place of those that are there: `-i eth0 -j DROP`.
    package func loadDockerUser(_ rules: [String], _ family: AddressFamily) throws {
        let lines = ["*filter", ":DOCKER-USER - [0:0]"] + rules.map { "-A DOCKER-USER " + $0 } + ["COMMIT", ""]
        let program = family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore"
        try Program.demand([program, "--noflush"], in: self[.router], input: lines.joined(separator: "\n"))
    }

    /// Puts further rules of Docker behind those of `DOCKER-USER`.
    package func appendToForward(_ rules: [String], _ family: AddressFamily) throws {
        let lines = ["*filter"] + rules.map { "-A FORWARD " + $0 } + ["COMMIT", ""]
        let program = family == .ip ? "iptables-legacy-restore" : "ip6tables-legacy-restore"
        try Program.demand([program, "--noflush"], in: self[.router], input: lines.joined(separator: "\n"))
    }

    /// Loads nft commands in the router.
    package func loadNFT(_ text: String) throws {
        try Program.demand(["nft", "-f", "-"], in: self[.router], input: text)
    }
}
