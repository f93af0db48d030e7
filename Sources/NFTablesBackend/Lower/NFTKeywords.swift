/// The words of nft's own language up to 1.1 (`scanner.l`), and those of its places and states.
///
/// A chain of such a name can be made through JSON, but the text of its listing does not load. Many are words only in some
/// places, and which ones depends on the version: none of them is used as a name.
enum NFTKeywords {
    static let all: Set<String> = [
        "accept", "ackseq", "add", "addr", "ah", "all", "and", "arp", "auto-merge", "avgpkt", "bridge", "burst",
        "bypass", "bytes", "cfi", "cgroup", "cgroupv2", "chain", "chains", "check", "checksum", "chunk", "classid",
        "code", "comment", "comp", "constant", "continue", "count", "counter", "counters", "cpi", "cpu", "create",
        "csumcov", "ct", "cwr", "daddr", "data", "day", "dccp", "define", "dei", "delete", "describe", "destroy",
        "device", "devices", "direction", "dnat", "doff", "dport", "drop", "dscp", "dst", "dup", "dynamic", "echo",
        "ecn", "ecne", "element", "elements", "eol", "eq", "error", "esp", "established", "ether", "event", "exists",
        "expectation", "expiration", "expires", "export", "exthdr", "fanout", "fastopen", "fib", "fin", "flags",
        "flow", "flowlabel", "flowtable", "flowtables", "flush", "forward", "frag", "frag-off", "fully-random",
        "fwd", "gateway", "gc-interval", "ge", "geneve", "get", "goto", "gre", "gretap", "group", "gt", "handle",
        "hbh", "hdrlength", "heartbeat", "helper", "helpers", "hlen", "hook", "hooks", "hoplimit", "hour", "htype",
        "ibriport", "ibrname", "icmp", "icmpv6", "icmpx", "id", "igmp", "iif", "iifgroup", "iifname", "iiftype",
        "import", "in", "inc", "include", "index", "inet", "ingress", "init", "input", "insert", "interval",
        "invalid", "ip", "ip6", "ipsec", "jhash", "json", "jump", "l3proto", "label", "last", "last-entry", "le",
        "left", "length", "level", "limit", "limits", "list", "ll", "log", "lshift", "lsrr", "lt", "mac", "map",
        "maps", "mark", "masquerade", "max-delay", "maxseg", "md5sig", "memory", "meta", "meter", "meters", "mh",
        "minute", "missing", "mod", "monitor", "more-fragments", "mptcp", "mrt", "mss", "mtu", "name", "ne",
        "netdev", "never", "new", "nexthdr", "nexthop", "nftrace", "nh", "noop", "nop", "not", "notrack", "num",
        "numgen", "obriport", "obrname", "offload", "offset", "oif", "oifgroup", "oifname", "oiftype", "operation",
        "option", "options", "or", "original", "osf", "out", "output", "over", "packets", "param-problem", "pcp",
        "performance", "persistent", "pkttype", "plen", "policy", "port", "position", "postrouting", "ppid",
        "prefix", "prerouting", "priority", "proto-dst", "proto-src", "protocol", "ptr", "ptype", "queue",
        "queue-threshold", "quota", "quotas", "ra", "random", "rate", "redefine", "redirect", "reject", "related",
        "rename", "replace", "reply", "reqid", "reserved", "reserved2", "reset", "return", "right", "rr", "rshift",
        "rst", "rt", "rt0", "rt2", "rtclassid", "rule", "rules", "ruleset", "sack", "sack-perm", "sack-permitted",
        "sack0", "sack1", "sack2", "sack3", "saddr", "sctp", "secmark", "secmarks", "second", "seed", "seg-left",
        "seqno", "sequence", "set", "sets", "sid", "size", "skgid", "skuid", "snaplen", "snat", "socket", "spi",
        "spnum", "sport", "srh", "ssn", "ssrr", "state", "status", "stream", "subtype", "symhash", "syn", "synproxy",
        "synproxys", "table", "tables", "taddr", "tag", "tcp", "tcpopt", "th", "time", "timeout", "timestamp", "to",
        "tos", "tproxy", "trace", "transparent", "tsecr", "tsn", "tsval", "ttl", "tunnel", "tunnels", "type",
        "typeof", "udp", "udplite", "undefine", "until", "untracked", "update", "urg", "urgptr", "used", "value",
        "version", "vlan", "vm", "vmap", "vni", "vtag", "vxlan", "week", "wildcard", "window", "with", "wscale",
        "xml", "xor", "xt", "zone",
    ]
}
