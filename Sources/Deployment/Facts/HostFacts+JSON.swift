internal import FirewallIR
package import JSONC
internal import PacketModel

extension HostFacts {
    /// The facts for programs: the same host, the same bytes.
    package var json: JSONValue {
        [
            "kernel": kernel.json { .string($0) }, "nftables": nftables.json,
            "iptables": .array(iptables.map(\.json)), "docker": docker.json,
            "forwarding": .object(forwarding.named.map { JSONMember($0.name, $0.value.map { .bool($0) } ?? .null) }),
            "proxyListeners": .array(proxyListeners.map(\.json)), "proxyNotes": .array(proxyNotes.map { .string($0) }),
        ]
    }
}

extension Fact {
    /// The value, or `{"unknown": REASON}`.
    fileprivate func json(_ value: (Value) -> JSONValue) -> JSONValue {
        switch self {
        case .known(let known): value(known)
        case .unknown(let reason): ["unknown": .string(reason)]
        }
    }
}

private func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

private func number(_ value: UInt16?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }

extension NFTablesFacts {
    fileprivate var json: JSONValue {
        [
            "command": command.json { .string($0) }, "library": library.json { .string($0) },
            "chains": chains.json { .array($0.map(\.json)) },
        ]
    }
}

extension HookChain {
    fileprivate var json: JSONValue {
        [
            "hook": .string(hook.rawValue), "family": .string(family), "table": .string(table), "chain": .string(name),
            "type": .string(type), "priority": .integer(Int64(priority)), "policy": .string(policy),
            "owner": .string(owner.rawValue),
        ]
    }
}

extension IPTablesFacts {
    fileprivate var json: JSONValue {
        [
            "variant": .string(variant.rawValue), "family": .string(family.rawValue),
            "version": version.json { .string($0) }, "rules": rules.json(\.json),
        ]
    }
}

extension IPTablesRuleFacts {
    fileprivate var json: JSONValue {
        [
            "tables": .array(tables.map { .string($0) }), "dockerUser": .string(dockerUser.word),
            "foreignRules": .array(foreignRules.map { .string($0) }),
            "dockerTranslations": .integer(Int64(dockerTranslations)),
            "chains": .array(
                builtIns.map {
                    [
                        "table": .string($0.table), "chain": .string($0.chain), "policy": .string($0.policy),
                        "rules": .integer(Int64($0.rules)), "otherRules": .integer(Int64($0.otherRules)),
                    ]
                }),
        ]
    }
}

extension ChainReach {
    /// One word for it.
    var word: String {
        switch self {
        case .reached: "reached"
        case .missing: "missing"
        case .unreached: "unreached"
        case .conditional: "conditional"
        case .blocked: "blocked"
        }
    }
}

extension DockerFacts {
    fileprivate var json: JSONValue {
        var members: [JSONMember]
        switch engine {
        case .absent: members = [JSONMember("status", "absent")]
        case .unreachable(let reason):
            members = [JSONMember("status", "unreachable"), JSONMember("reason", .string(reason))]
        case .running(let version):
            members = [JSONMember("status", "running"), JSONMember("version", .string(version.text))]
        }
        return .object(
            members + [
                JSONMember("kernel", optional(kernel)), JSONMember("backend", backend.json),
                JSONMember("settings", settings.json), JSONMember("networks", .array(networks.map(\.json))),
                JSONMember("containers", .array(containers.map(\.json))),
                JSONMember("notes", .array(notes.map { .string($0) })),
            ])
    }
}

extension DockerBackendFinding {
    /// `legacy`, `nft`, `nftables`, `ambiguous` or `unknown`.
    package var word: String {
        switch outcome {
        case .decided(let backend): backend.rawValue
        case .ambiguous: "ambiguous"
        case .unknown: "unknown"
        }
    }

    fileprivate var json: JSONValue {
        [
            "outcome": .string(word),
            "signs": .array(
                signs.map {
                    [
                        "kind": .string($0.kind.rawValue),
                        "backends": .array($0.backends.map(\.rawValue).sorted().map { .string($0) }),
                        "text": .string($0.text),
                    ]
                }),
        ]
    }
}

extension DockerSettings {
    fileprivate var json: JSONValue {
        [
            "userlandProxy": userlandProxy.json { .bool($0) }, "liveRestore": liveRestore.json { .bool($0) },
            "allowDirectRouting": allowDirectRouting.json { .bool($0) }, "acceptMark": acceptMark.json(optional),
            "iptables": writesRules.json { .bool($0) }, "ip6tables": writesRules6.json { .bool($0) },
            "firewallBackend": firewallBackend.json(optional),
        ]
    }
}

extension DockerSetting {
    fileprivate func json(_ value: (Value) -> JSONValue) -> JSONValue {
        ["value": value(self.value), "source": .string(source.rawValue)]
    }
}

extension DockerNetwork {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "id": .string(id), "driver": .string(driver), "bridge": optional(bridge),
            "subnets": .array(subnets.map { .string($0.description) }), "ipv6": .bool(hasIPv6),
            "internal": .bool(isInternal), "gatewayMode": .string(gatewayMode.description),
            "gatewayMode6": .string(gatewayMode6.description),
        ]
    }
}

extension DockerContainer {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "id": .string(id), "networkMode": .string(networkMode),
            "endpoints": .array(
                endpoints.map {
                    [
                        "network": .string($0.network), "bridge": optional($0.bridge),
                        "address": optional($0.address?.description), "address6": optional($0.address6?.description),
                    ]
                }),
            "ports": .array(ports.map(\.json)),
        ]
    }
}

extension PublishedPort {
    fileprivate var json: JSONValue {
        [
            "family": .string(family.rawValue), "transport": .string(transport.name),
            "hostAddress": optional(hostAddress?.description), "hostPort": number(hostPort),
            "containerPort": number(containerPort),
        ]
    }
}

extension ProxyListener {
    fileprivate var json: JSONValue {
        [
            "family": .string(family.rawValue), "transport": .string(transport.name),
            "address": optional(address?.description), "port": number(port),
            "containerAddress": .string(container.address.description), "containerPort": number(container.port),
            "interface": .string(container.interface),
        ]
    }
}
