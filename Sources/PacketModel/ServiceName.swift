/// Names of well-known ports (IANA "Service Name and Transport Protocol Port Number Registry").
///
/// The table is part of Seawall, so that a policy means the same on each machine, whatever its `/etc/services` says.
public enum ServiceName {
    /// The port that a name stands for, whatever the transport protocol.
    public static func port(_ name: String) -> UInt16? { table[name.lowercased()] }

    /// The names that are known, sorted.
    public static var knownNames: [String] { table.keys.sorted() }

    private static let table: [String: UInt16] = [
        "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23,
        "smtp": 25, "time": 37, "whois": 43, "tacacs": 49, "dns": 53, "domain": 53, "bootps": 67, "bootpc": 68,
        "tftp": 69, "finger": 79, "http": 80, "www": 80, "kerberos": 88, "iso-tsap": 102, "pop3": 110,
        "portmapper": 111, "sunrpc": 111, "auth": 113, "ident": 113, "nntp": 119, "ntp": 123, "epmap": 135,
        "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "imap2": 143, "snmp": 161,
        "snmp-trap": 162, "xdmcp": 177, "bgp": 179, "ptp-event": 319, "ptp-general": 320, "ldap": 389, "svrloc": 427,
        "https": 443, "microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "isakmp": 500, "exec": 512,
        "login": 513, "shell": 514, "syslog": 514, "printer": 515, "route": 520, "dhcpv6-client": 546,
        "dhcpv6-server": 547, "afpovertcp": 548, "rtsp": 554, "nntps": 563, "submission": 587, "ipp": 631,
        "ldaps": 636, "kerberos-adm": 749, "spamd": 783, "domain-s": 853, "rsync": 873, "ftps-data": 989, "ftps": 990,
        "telnets": 992, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194, "ms-sql-s": 1433,
        "ms-sql-m": 1434, "l2f": 1701, "radius": 1812, "radius-acct": 1813, "mqtt": 1883, "nfs": 2049, "docker": 2375,
        "docker-s": 2376, "etcd-client": 2379, "etcd-server": 2380, "icpv2": 3130, "iscsi-target": 3260,
        "mysql": 3306, "ms-wbt-server": 3389, "rdp": 3389, "stun": 3478, "turn": 3478, "nut": 3493, "distcc": 3632,
        "svn": 3690, "sieve": 4190, "epmd": 4369, "ntske": 4460, "ipsec-nat-t": 4500, "iax": 4569, "munin": 4949,
        "sip": 5060, "sip-tls": 5061, "sips": 5061, "xmpp-client": 5222, "xmpp-server": 5269, "mdns": 5353,
        "postgres": 5432, "postgresql": 5432, "nrpe": 5666, "amqps": 5671, "amqp": 5672, "vnc": 5900, "x11": 6000,
        "redis": 6379, "syslog-tls": 6514, "ircd": 6667, "ircs-u": 6697, "http-alt": 8080, "puppet": 8140,
        "https-alt": 8443, "secure-mqtt": 8883, "bacula-dir": 9101, "bacula-fd": 9102, "bacula-sd": 9103, "git": 9418,
        "webmin": 10000, "zabbix-agent": 10050, "zabbix-trapper": 10051, "nbd": 10809, "memcache": 11211,
        "hkp": 11371, "mongodb": 27017, "wireguard": 51820,
    ]
}
