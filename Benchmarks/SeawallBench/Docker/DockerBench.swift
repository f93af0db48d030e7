internal import BenchReport
internal import Glibc
internal import PacketLab
internal import PacketModel

/// Forbidden connections, one every millisecond, while something happens on a host with a real engine of Docker's: how many
/// pass with rules in `DOCKER-USER`, and with our table and its twin at input.
struct DockerBench {
    let rounds: Int
    let seawall: String
    let folder: String

    init(_ arguments: Arguments, seawall: String, folder: String) {
        (rounds, self.seawall, self.folder) = (arguments.dockerRounds, seawall, folder)
    }

    /// What passed, for each event and each place of the rules.
    func counts() throws -> [EventCount] {
        try TextFile.write(Self.rules, to: folder + "/docker.v4")
        return try DockerDaemon.Variant.allCases.flatMap { variant in
            let lab = try DockerLab(variant)
            defer { lab.close() }
            return try counts(DockerHost(lab: lab, seawall: seawall, rules: folder + "/docker.v4"))
        }
    }

    /// One client must not come to one port.
    private static let rules = """
        *filter
        :DOCKER-USER - [0:0]
        -A DOCKER-USER -i eth0 -s 198.51.100.66/32 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP
        COMMIT

        """

    private func counts(_ host: DockerHost) throws -> [EventCount] {
        let isLegacy = host.lab.daemon.variant == .legacy
        try host.run("apply", host.rules, "--backend", "iptables", "--family", "ip")
        var counts = try events(host, isLegacy ? .dockerUserLegacy : .dockerUserNFT)
        let table = isLegacy ? EventCount.Way.tableLegacy : .tableNFT
        counts.append(
            try count(.migration, table, host) {
                try host.run("migrate", "--observe", "0")
                try host.run("migrate", "--back")
            })
        try host.run("migrate", "--observe", "0")
        return counts + (try events(host, table))
    }

    private func events(_ host: DockerHost, _ way: EventCount.Way) throws -> [EventCount] {
        try DockerEvent.allCases.map { event in
            guard let named = EventCount.Event(rawValue: event.rawValue) else { throw BenchError("no \(event)") }
            return try count(named, way, host) { try event.run(host.lab) }
        }
    }

    private func count(
        _ event: EventCount.Event, _ way: EventCount.Way, _ host: DockerHost, _ happen: () throws -> Void
    ) throws -> EventCount {
        var count = EventCount(event, way, passed: [], sent: [])
        for _ in 0..<rounds {
            var order = KnockPatrol.Order(.stranger, to: host.address, 8080, every: 1)
            order.greetingPatience = 500
            let patrol = try KnockPatrol(in: host.lab, order)
            usleep(100_000)
            let result = Result { try happen() }
            usleep(100_000)
            let report = try patrol.end()
            try result.get()
            count.passed.append(report.answered)
            count.sent.append(report.sent)
        }
        Progress.say("\(event.title), \(way.title): \(count.text)")
        return count
    }
}

/// The host of a lab, with the commands that change it.
private struct DockerHost {
    let lab: DockerLab
    let seawall: String
    let rules: String

    /// The address at which ports are published.
    var address: IPAddress { IPAddress(DockerLab.Outside.stranger.hostText(.ip)) ?? .v4(0) }

    /// Runs a command, which has to succeed.
    func run(_ arguments: String...) throws {
        _ = try Measurement.run(
            seawall, arguments + ["--netns", lab.daemon.host.name], environment: lab.daemon.environment)
    }
}
