/// Names of well-known ports (IANA "Service Name and Transport Protocol Port Number Registry").
///
/// The table is part of Seawall, so that a policy means the same on each machine, whatever its `/etc/services` says.
public enum ServiceName {
    /// The port that a name stands for, whatever the transport protocol.
    public static func port(_ name: String) -> UInt16? { table[name.lowercased()] }

    /// The names that are known, sorted.
    public static var knownNames: [String] { table.keys.sorted() }

    private static let table: [String: UInt16] = [
        "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "dns": 53, "bootps": 67,
        "bootpc": 68,
        "tftp": 69, "http": 80, "kerberos": 88, "pop3": 110, "sunrpc": 111, "auth": 113, "ident": 113, "ntp": 123,
        "imap": 143,
        "imap2": 143, "snmp": 161, "snmp-trap": 162, "bgp": 179, "ldap": 389, "https": 443, "submissions": 465,
        "isakmp": 500,
        "syslog": 514, "submission": 587, "ldaps": 636, "domain-s": 853, "rsync": 873, "imaps": 993, "pop3s": 995,
        "openvpn": 1194, "ms-sql-s": 1433, "radius": 1812, "radius-acct": 1813, "mqtt": 1883, "nfs": 2049,
        "docker": 2375,
        "docker-s": 2376, "etcd-client": 2379, "etcd-server": 2380, "git": 9418, "mysql": 3306, "ms-wbt-server": 3389,
        "rdp": 3389, "stun": 3478, "turn": 3478, "ipsec-nat-t": 4500, "sip": 5060, "sips": 5061, "xmpp-client": 5222,
        "xmpp-server": 5269, "postgresql": 5432, "postgres": 5432, "amqps": 5671, "amqp": 5672, "vnc": 5900,
        "redis": 6379,
        "http-alt": 8080, "https-alt": 8443, "secure-mqtt": 8883, "memcache": 11211, "mongodb": 27017,
        "wireguard": 51820,
    ]
}
