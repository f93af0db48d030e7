/// Rules for `DOCKER-USER` as people write them.
enum HandWritten {
    /// The stranger is kept from a port and from what a network sends out; others are answered.
    static let rules = [
        "-i eth0 -s 198.51.100.66/32 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP",
        "-i eth0 -s 198.51.100.66/32 -p tcp -m conntrack --ctorigdstport 5432 --ctdir ORIGINAL -j REJECT --reject-with icmp-host-unreachable",
        "! -s 198.51.100.10/32 ! -i docker0 -p tcp -m conntrack --ctorigdst 198.51.100.1 --ctorigdstport 8443 --ctdir ORIGINAL -j REJECT --reject-with tcp-reset",
        "-s 10.78.0.0/24 -d 198.51.100.66/32 -o eth0 -j DROP",
        "-j RETURN",
    ]
}

extension DockerHost {
    /// Puts rules into `DOCKER-USER`, in the place of what is there.
    func load(_ rules: [String]) async throws {
        let lines = ["*filter", ":DOCKER-USER - [0:0]"] + rules.map { "-A DOCKER-USER \($0)" } + ["COMMIT"]
        try await shell("\(iptables)-restore --noflush <<'END'\n\(lines.joined(separator: "\n"))\nEND")
    }

    /// The rules of `DOCKER-USER`, without its name.
    func dockerUser() async throws -> [String] {
        try await shell("\(iptables)-save -t filter").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("-A DOCKER-USER ") }.map { String($0.dropFirst("-A DOCKER-USER ".count)) }
    }
}
