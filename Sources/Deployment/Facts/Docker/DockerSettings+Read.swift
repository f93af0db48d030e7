internal import JSONC

extension DockerSettings {
    /// What `docker info`, the daemon's command line, its file, and what runs say, in this order.
    init(_ answers: DockerAnswers, _ processes: DockerProcesses, _ rules: DockerRuleSigns, _ files: any HostFiles) {
        self.init()
        let daemon = processes.daemon
        let path = daemon?.option("config-file") ?? "/etc/docker/daemon.json"
        // The daemon may see other files than we do.
        let file = files.contents(of: (daemon.map { "/proc/\($0.pid)/root" } ?? "") + path)
        let reader = Reader(daemon: daemon, file: file.flatMap { try? JSONValue.parse($0) })
        userlandProxy = reader.flag("userland-proxy", true)
        liveRestore = reader.flag("live-restore", false)
        allowDirectRouting = reader.flag("allow-direct-routing", false)
        writesRules = reader.flag("iptables", true)
        writesRules6 = reader.flag("ip6tables", true)
        acceptMark = reader.word("bridge-accept-fwmark")
        firewallBackend = reader.word("firewall-backend")
        take(answers.info)
        if acceptMark.value == nil, let mark = rules.acceptMark { acceptMark = DockerSetting(mark, .rules) }
        if userlandProxy.source == .standard, !processes.proxies.isEmpty {
            userlandProxy = DockerSetting(true, .processes)
        }
    }

    private mutating func take(_ info: JSONValue?) {
        guard let info else { return }
        if let flag = info["LiveRestoreEnabled"]?.flag { liveRestore = DockerSetting(flag, .info) }
        for pair in info["FirewallBackend"]?["Info"]?.array ?? [] {
            guard let words = pair.array?.compactMap(\.string), words.count == 2 else { continue }
            if words[0] == "EnableUserlandProxy" { userlandProxy = DockerSetting(words[1] == "true", .info) }
        }
    }

    /// The command line first, then the file: Docker does not start with the same setting in both.
    private struct Reader {
        let daemon: DockerProcesses.Daemon?
        let file: JSONValue?

        func flag(_ name: String, _ standard: Bool) -> DockerSetting<Bool> {
            if let word = daemon?.option(name, isFlag: true) {
                return DockerSetting(["true", "1", "t", "T", "TRUE", "True"].contains(word), .commandLine)
            }
            return file?[name]?.flag.map { DockerSetting($0, .file) } ?? DockerSetting(standard)
        }

        func word(_ name: String) -> DockerSetting<String?> {
            if let word = daemon?.option(name) { return DockerSetting(word, .commandLine) }
            return file?[name]?.string.map { DockerSetting($0, .file) } ?? DockerSetting(nil)
        }
    }
}
