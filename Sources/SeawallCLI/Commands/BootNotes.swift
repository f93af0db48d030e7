internal import PacketModel

/// What the header of a boot file says: where it belongs, and what a reload under a running Docker would do.
enum BootNotes {
    static func sysconfig(_ family: AddressFamily) -> [String] {
        let name = family == .ip ? "iptables" : "ip6tables"
        return ["for /etc/sysconfig/\(name), which \(name).service loads at boot, before Docker"]
            + reload("systemctl restart \(name)")
    }

    static func netfilterPersistent(_ family: AddressFamily) -> [String] {
        ["for /etc/iptables/rules.\(family.suffix), which netfilter-persistent loads at boot, before Docker"]
            + reload("netfilter-persistent reload")
    }

    static let nft = [
        "for nft -f: include it from /etc/nftables.conf, which nftables.service loads at boot",
        "a reload under a running Docker replaces this table alone; but /etc/nftables.conf itself often begins with",
        "'flush ruleset', which takes away the rules of a Docker that runs on iptables-nft or nftables: remove that line",
        "'systemctl reload nftables', not restart: Debian's service flushes the whole ruleset when it is stopped",
    ]

    private static func reload(_ command: String) -> [String] {
        [
            "safe as a first load: no policy of a built-in chain is changed, and the jump from FORWARD is there",
            "not under a running Docker: '\(command)' empties FORWARD with all of Docker's rules, until Docker is restarted;",
            "to change rules on a running host use 'seawall apply'",
        ]
    }
}
