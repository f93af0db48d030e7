internal import FirewallIR
internal import PacketModel

extension HostFacts {
    /// The facts for people, in sections.
    package var text: String {
        let sections = [
            FactSection("Kernel and tools", toolRows), FactSection("Docker", docker.rows),
            FactSection("Networks", docker.networkTable), FactSection("Published ports", portTable),
            FactSection("docker-proxy listens on", proxyTable), FactSection("Forwarding", forwardingRows),
            FactSection("At the forward and input hooks", hookTable),
            FactSection("Rules of others in DOCKER-USER", lines: foreignLines),
        ]
        return sections.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var toolRows: [[String]] {
        var rows = [["kernel", kernel.word], ["nft", nftables.command.word]]
        let library = nftables.library.map { "\($0), with JSON" }
        rows.append(["libnftables", library.word])
        for facts in iptables { rows.append([facts.name, facts.version.word]) }
        return rows
    }

    private var forwardingRows: [[String]] {
        forwarding.named.map { name, value in [name, value.map { $0 ? "1" : "0" } ?? "not there"] }
    }

    private var foreignLines: [String] {
        iptables.flatMap { facts in
            (facts.rules.value?.foreignRules ?? []).map { "\(facts.name): \($0)" }
        }
    }

    // MARK: - Ports

    private var portTable: [[String]] {
        docker.publishedPorts.map { port in
            let network = docker.containers.first { $0.name == port.container }?.endpoints.map(\.network)
            return [
                port.hostPort.map { "\(port.transport.name) \($0)" } ?? "\(port.transport.name), by routing",
                port.hostAddress?.description ?? "any \(port.family.displayName)",
                "\(port.container):\(port.containerPort)", (network ?? []).joined(separator: ", "),
                port.isLoopback ? "loopback only" : "",
            ]
        }
    }

    private var proxyTable: [[String]] {
        proxyListeners.map { listener in
            let target = listener.container
            let address = target.address.family == .ip ? "\(target.address)" : "[\(target.address)]"
            return [
                "\(listener.transport.name) \(listener.port)",
                listener.address?.description ?? "any \(listener.family.displayName)",
                "\(address):\(target.port) via \(target.interface)",
            ]
        } + proxyNotes.map { ["note: \($0)"] }
    }

    // MARK: - Hooks

    private var hookTable: [[String]] {
        var rows: [[String]] = []
        for facts in iptables {
            guard let rules = facts.rules.value else {
                if case .unknown(let reason) = facts.rules, facts.version.value != nil {
                    rows.append([facts.name, "cannot be read: \(reason)"])
                }
                continue
            }
            for chain in rules.builtIns where chain.table == "filter" || chain.rules > 0 || chain.policy != "ACCEPT" {
                let count = chain.rules == 1 ? "1 rule" : "\(chain.rules) rules"
                let others = chain.otherRules == 0 ? "" : ", \(chain.otherRules) of others"
                rows.append([facts.name, "\(chain.table) \(chain.chain)", "policy \(chain.policy)", count + others])
            }
            if let reach = rules.reachText { rows.append([facts.name, "DOCKER-USER", reach]) }
        }
        switch nftables.chains {
        case .unknown(let reason): rows.append(["nftables", "cannot be read: \(reason)"])
        case .known(let chains):
            for chain in chains where chain.owner != .iptables {
                rows.append([
                    "nft \(chain.family) \(chain.table)", chain.name, "policy \(chain.policy)",
                    "\(chain.hook.rawValue), priority \(chain.priority)" + chain.ownerText,
                ])
            }
        }
        return rows
    }
}

extension IPTablesRuleFacts {
    /// Whether packets come to `DOCKER-USER`; nothing, if there is no such chain.
    fileprivate var reachText: String? {
        switch dockerUser {
        case .missing: nil
        case .reached: "is reached"
        case .unreached: "is not reached from FORWARD"
        case .conditional(let rule): "is reached only by \(rule)"
        case .blocked(let rule): "is not reached: before it stands \(rule)"
        }
    }
}

extension HookChain {
    fileprivate var ownerText: String {
        switch owner {
        case .docker: ", Docker's"
        case .seawall: ", Seawall's"
        case .iptables, .other: ""
        }
    }
}

extension Fact where Value == String {
    /// The value, or the reason in brackets.
    fileprivate var word: String {
        switch self {
        case .known(let value): value
        case .unknown(let reason): "(\(reason))"
        }
    }
}

extension DockerFacts {
    fileprivate var rows: [[String]] {
        switch engine {
        case .absent where backend.signs.isEmpty: return [["not installed"]]
        case .absent: return [["engine", "not installed"]] + backendRows
        case .unreachable(let reason): return [["engine", "does not answer: \(reason)"]] + backendRows + settingRows
        case .running(let version): return [["engine", version.text]] + backendRows + settingRows + noteRows
        }
    }

    private var backendRows: [[String]] {
        let outcome =
            switch backend.outcome {
            case .decided(let backend): backend.description
            case .ambiguous: "ambiguous: the signs contradict each other"
            case .unknown: backend.signs.isEmpty ? "unknown: there is no sign of it" : "unknown: no sign tells"
            }
        return [["backend", outcome]] + backend.signs.map { ["", "- \($0.text)"] }
    }

    private var settingRows: [[String]] {
        func flag(_ setting: DockerSetting<Bool>) -> String {
            "\(setting.value ? "on" : "off") (\(setting.source.rawValue))"
        }
        func word(_ setting: DockerSetting<String?>) -> String {
            "\(setting.value ?? "none") (\(setting.source.rawValue))"
        }
        // Defaults say nothing where no daemon is.
        if version == nil, !settings.isTold { return [] }
        var rows = [
            ["userland proxy", flag(settings.userlandProxy)], ["live restore", flag(settings.liveRestore)],
            ["direct routing", flag(settings.allowDirectRouting)], ["accept mark", word(settings.acceptMark)],
        ]
        if !settings.writesRules.value { rows.append(["iptables", flag(settings.writesRules)]) }
        if !settings.writesRules6.value { rows.append(["ip6tables", flag(settings.writesRules6)]) }
        return rows
    }

    private var noteRows: [[String]] { notes.map { ["note", $0] } }

    fileprivate var networkTable: [[String]] {
        networks.filter { $0.bridge != nil }.map { network in
            let count = containers.count { $0.endpoints.contains { $0.network == network.name } }
            var remarks = [count == 1 ? "1 container" : "\(count) containers"]
            if network.isInternal { remarks.append("internal") }
            if network.gatewayMode != .nat { remarks.append("IPv4 \(network.gatewayMode)") }
            if network.gatewayMode6 != .nat { remarks.append("IPv6 \(network.gatewayMode6)") }
            return [
                network.name, network.bridge ?? "", network.subnets.map(\.description).joined(separator: ", "),
                remarks.joined(separator: ", "),
            ]
        }
    }
}
