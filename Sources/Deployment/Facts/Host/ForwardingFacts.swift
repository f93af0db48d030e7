internal import NFTablesBackend

/// What the kernel is told about forwarding (`sysctl`); `nil` for a setting that is not there or cannot be read.
package struct ForwardingFacts: Hashable, Sendable {
    /// Whether IPv4 packets are forwarded (`net.ipv4.ip_forward`).
    package var ip: Bool?
    /// Whether IPv6 packets are forwarded (`net.ipv6.conf.all.forwarding`).
    package var ip6: Bool?
    /// Whether they are on interfaces that are made later (`net.ipv6.conf.default.forwarding`).
    package var ip6Default: Bool?
    /// Whether IPv4 packets within a bridge pass the forward hook (`net.bridge.bridge-nf-call-iptables`).
    package var bridgeIP: Bool?
    /// Whether IPv6 packets within a bridge do (`net.bridge.bridge-nf-call-ip6tables`).
    package var bridgeIP6: Bool?

    /// Settings.
    package init(
        ip: Bool? = nil, ip6: Bool? = nil, ip6Default: Bool? = nil, bridgeIP: Bool? = nil, bridgeIP6: Bool? = nil
    ) {
        self.ip = ip
        self.ip6 = ip6
        self.ip6Default = ip6Default
        self.bridgeIP = bridgeIP
        self.bridgeIP6 = bridgeIP6
    }

    /// The settings with the names by which `sysctl` knows them, in a fixed order.
    package var named: [(name: String, value: Bool?)] {
        [
            ("net.ipv4.ip_forward", ip), ("net.ipv6.conf.all.forwarding", ip6),
            ("net.ipv6.conf.default.forwarding", ip6Default), ("net.bridge.bridge-nf-call-iptables", bridgeIP),
            ("net.bridge.bridge-nf-call-ip6tables", bridgeIP6),
        ]
    }
}

extension ForwardingFacts {
    /// The files of the settings, in the order of `named`.
    static let paths = [
        "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding",
        "/proc/sys/net/ipv6/conf/default/forwarding", "/proc/sys/net/bridge/bridge-nf-call-iptables",
        "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
    ]

    /// Reads the settings of a namespace; those of this process, if none is given.
    ///
    /// The files show the settings of the namespace of whoever opens them, so another namespace needs a child there.
    static func read(_ sources: FactSources) async throws -> ForwardingFacts {
        guard let namespace = sources.namespace else {
            return ForwardingFacts(texts: paths.map { sources.files.text(of: $0) })
        }
        guard sources.tools.path(of: "grep") != nil else { return ForwardingFacts() }
        let call = HostToolCall("grep", ["-sH", ""] + paths, in: namespace)
        let output = String(decoding: try await sources.tools.run(call).output, as: UTF8.self)
        var texts: [String: String] = [:]
        for line in output.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            texts[String(line[..<colon])] = String(line[colon...].dropFirst())
        }
        return ForwardingFacts(texts: paths.map { texts[$0] })
    }

    private init(texts: [String?]) {
        let flags = texts.map { text in text.flatMap { Int($0.filter { !$0.isWhitespace }) }.map { $0 != 0 } }
        self.init(ip: flags[0], ip6: flags[1], ip6Default: flags[2], bridgeIP: flags[3], bridgeIP6: flags[4])
    }
}
