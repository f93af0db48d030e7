/// The chains that well-known programs make in iptables and fill again and again, by the beginnings of their names.
///
/// Their rules are not anybody's policy: they change by the minute, and whoever moved them would move yesterday's.
package enum OthersChains {
    /// Whose a chain is, by its name; nothing for one that nobody is known to fill.
    package static func owner(of chain: String) -> String? {
        let name = chain.lowercased()
        return owners.first { name.hasPrefix($0.prefix) }?.owner
    }

    /// Whether an owner's chains only ever stop packets, whatever stands in them now: bans, and no permissions.
    package static func onlyStop(_ owner: String) -> Bool { ["fail2ban", "CrowdSec", "SSHGuard"].contains(owner) }

    private static let owners: [(prefix: String, owner: String)] = [
        ("f2b", "fail2ban"), ("fail2ban", "fail2ban"), ("crowdsec", "CrowdSec"),
        ("sshguard", "SSHGuard"), ("ufw-", "ufw"), ("ufw6-", "ufw"), ("ts-", "Tailscale"), ("libvirt_", "libvirt"),
        ("kube-", "Kubernetes"), ("cali-", "Calico"), ("cilium", "Cilium"), ("cni-", "CNI"), ("netavark", "Netavark"),
        ("docker", "Docker"),
    ]
}
